"""Looks figures up in the facts: number, unit and noun, in any notation, and by simple arithmetic."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Protocol

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.quantities import Quantity, UnitKind, near, same_quantity

_PEOPLE = frozenset({
    "people", "persons", "team", "staff", "crew", "group", "colleagues", "employees", "men", "women", "children",
    "pupils", "students", "learners", "class",
})  # fmt: skip
_COUNTS = frozenset({UnitKind.COUNT, UnitKind.NONE})
_SHARES = frozenset({UnitKind.PERCENT, UnitKind.SHARE, UnitKind.RATIO})
_ROUND_BASES = frozenset({10.0, 100.0, 1000.0})
_EXACT = 1e-6
_ROUNDED = 0.005
"""A whole percentage may be rounded."""
_TELLING = 5
"""Two numbers above this from two facts are no coincidence."""


class Told(Protocol):
    """A sentence of a fact."""

    @property
    def ref(self) -> str:
        """Return the fact's ref."""
        ...

    @property
    def words(self) -> frozenset[str]:
        """Return the stems of its words."""
        ...

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Return its figures."""
        ...


def carries_number(sentences: Sequence[Told], quantity: Quantity) -> str:
    """Return the ref of a fact that holds this number with its unit or noun, or an empty string."""
    return next((sentence.ref for sentence in sentences if holds(sentence, quantity)), "")


def holds(sentence: Told, quantity: Quantity) -> bool:
    """Say whether one sentence holds a figure, in whatever notation."""
    for known in sentence.quantities:
        if same_quantity(quantity, known) and _fits(sentence, quantity, known):
            return True
        if _same_share(quantity, known):
            return True
    if quantity.kind is UnitKind.RATIO:
        return _holds_ratio(sentence, quantity)
    return len(quantity.values) > 1 and _spans(sentence, quantity)


def _fits(sentence: Told, quantity: Quantity, known: Quantity) -> bool:
    """Say whether an equal number counts the same thing."""
    if quantity.kind is UnitKind.COUNT:
        if known.kind is UnitKind.NONE or stem(quantity.noun) in sentence.words:
            return True
        return quantity.noun in _PEOPLE and known.noun in _PEOPLE
    return quantity.kind is not UnitKind.TIME or known.kind in {UnitKind.TIME, UnitKind.NONE}


def _spans(sentence: Told, quantity: Quantity) -> bool:
    """Say whether both ends of a range are numbers of the sentence, each with a fitting unit."""
    ends = [quantity._replace(values=(value,)) for value in quantity.values]
    return all(
        any(same_quantity(end, known) and _fits(sentence, end, known) for known in sentence.quantities) for end in ends
    )


def _holds_ratio(sentence: Told, quantity: Quantity) -> bool:
    """Say whether both numbers of a ratio stand in one sentence: `one carer looks after four`."""
    told = [values for known in sentence.quantities for values in known.values]
    pairs = permutations(range(len(told)), 2)
    return any(near(quantity.values[0], told[i]) and near(quantity.values[1], told[j]) for i, j in pairs)


def _same_share(one: Quantity, other: Quantity) -> bool:
    """Say whether two notations name one share: 12.5 % and one in eight, a third and 33 %."""
    if one.kind not in _SHARES or other.kind not in _SHARES or one.kind is other.kind is UnitKind.PERCENT:
        return False
    margin = max(_margin(one), _margin(other))
    told = list(_shares(other))
    mine = list(_shares(one))
    return bool(mine) and all(any(abs(a - b) <= margin for b in told) for a in mine)


def _margin(quantity: Quantity) -> float:
    whole = quantity.kind is UnitKind.PERCENT and all(v.is_integer() for options in quantity.values for v in options)
    return _ROUNDED if whole else _EXACT


def _shares(quantity: Quantity) -> Iterator[float]:
    if quantity.kind is UnitKind.RATIO:
        part, whole = (max(options) for options in quantity.values)
        if 0 < part < whole:
            yield part / whole
        return
    for options in quantity.values:
        yield max(options) / (100 if quantity.kind is UnitKind.PERCENT else 1)


def computed_from(sentences: Sequence[Told], quantity: Quantity) -> str:
    """Return the ref of a fact that a figure follows from: a share of two counts, or what is left of one.

    Args:
        sentences: Sentences of facts.
        quantity: A share that is a state, not a change, or a count.
    """
    wanted = list(_shares(quantity)) if quantity.kind in _SHARES else []
    if not wanted and quantity.kind is not UnitKind.COUNT:
        return ""
    margin = _margin(quantity)
    for ref, part, whole in _parts(sentences):
        if wanted and all(abs(part / whole - share) <= margin for share in wanted):
            return ref
        if quantity.kind is UnitKind.COUNT and len(quantity.values) == 1:
            left = near(quantity.values[0], frozenset({whole - part}))
            if left and any(stem(quantity.noun) in told.words for told in sentences if told.ref == ref):
                return ref
    return _from_two_facts(sentences, quantity) if quantity.kind is UnitKind.RATIO else ""


def _parts(sentences: Sequence[Told]) -> Iterator[tuple[str, float, float]]:
    """Yield pairs of counts, the smaller first, that count the same thing or stand in one sentence."""
    counts = [(told, known) for told in sentences for known in told.quantities if known.kind in _COUNTS]
    for (told, known), (other, second) in permutations(counts, 2):
        same_noun = known.noun and stem(known.noun) == stem(second.noun)
        if told is not other and not same_noun:
            continue
        if same_noun or not known.noun:
            part, whole = max(known.values[0]), max(second.values[0])
            if 0 < part < whole:
                yield told.ref, part, whole


def _from_two_facts(sentences: Sequence[Told], quantity: Quantity) -> str:
    """Return the ref of the first number of a share such as `26 of 36`, whose numbers come from two facts."""
    known = {v: told.ref for told in sentences for q in told.quantities for options in q.values for v in options}
    if min(max(options) for options in quantity.values) <= _TELLING:
        return ""
    refs = [next((known[v] for v in options if v in known), "") for options in quantity.values]
    held = all(ref or options & _ROUND_BASES for ref, options in zip(refs, quantity.values, strict=True))
    return refs[0] if held else ""
