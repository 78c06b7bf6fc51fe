"""Looks figures up in the facts: number, unit and noun, in any notation, and by simple arithmetic."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple, Protocol

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.figures.quantity import Quantity, UnitKind, near, same_quantity

_PEOPLE = frozenset({
    "people", "persons", "starters", "hires", "recruits", "newcomers", "trainees", "team", "staff", "crew", "group",
    "colleagues", "employees", "men", "women", "children", "pupils", "students", "learners", "class",
})  # fmt: skip
_COUNTS = frozenset({UnitKind.COUNT, UnitKind.NONE})
_SHARES = frozenset({UnitKind.PERCENT, UnitKind.SHARE, UnitKind.RATIO})
_ROUND_BASES = frozenset({10.0, 100.0, 1000.0})
_EXACT = 1e-6
_ROUNDED = 0.005
"""A whole percentage may be rounded."""
_COMMON = 20
"""Numbers up to this stand in many facts."""
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


class _Part(NamedTuple):
    """Two counts of the facts, one of them a part of the other."""

    told: Told
    part: float
    whole: float


@dataclass(frozen=True, slots=True, eq=False)
class FigureIndex:
    """The figures of some facts, ready for look-up; made once for an index of facts, and the same only as itself."""

    told: Sequence[Told]
    by_value: Mapping[float, tuple[int, ...]]
    """Value, with and without its unit, to the numbers of the sentences that hold it."""
    shares: tuple[int, ...]
    """Numbers of the sentences that hold a share."""
    parts: tuple[_Part, ...]


def index_figures(told: Sequence[Told]) -> FigureIndex:
    """Return the figures of some sentences ready for look-up."""
    by_value: defaultdict[float, dict[int, None]] = defaultdict(dict)
    shares: dict[int, None] = {}
    for number, sentence in enumerate(told):
        for quantity in sentence.quantities:
            if quantity.kind in _SHARES:
                shares[number] = None
            for key in _keys(quantity):
                by_value[key][number] = None
    places = {value: tuple(numbers) for value, numbers in by_value.items()}
    return FigureIndex(told, places, tuple(shares), tuple(_parts(told)))


def _keys(quantity: Quantity) -> Iterator[float]:
    for options in quantity.values:
        for value in options:
            yield _key(value)
            if quantity.scale != 1.0:
                yield _key(value / quantity.scale)


def _key(value: float) -> float:
    return round(value, 6)


def carries_number(index: FigureIndex, quantity: Quantity, about: Callable[[], frozenset[str]] | None = None) -> str:
    """Return the ref of a fact that holds this number with its unit or noun, or an empty string.

    Args:
        index: The facts.
        quantity: A figure in any notation.
        about: Gives the stems of the words around it; a bare number is carried only by a fact that shares one of them.
    """
    found = {number for key in _keys(quantity) for number in index.by_value.get(key, ())}
    if quantity.kind in _SHARES:
        found.update(index.shares)
    told = (index.told[number] for number in sorted(found))
    return next((sentence.ref for sentence in told if holds(sentence, quantity, about)), "")


def holds(sentence: Told, quantity: Quantity, about: Callable[[], frozenset[str]] | None = None) -> bool:
    """Say whether one sentence holds a figure, in whatever notation.

    Args:
        sentence: A sentence of a fact.
        quantity: A figure.
        about: Gives the stems of the words around the figure, where it is a bare number that could count anything.
    """
    for known in sentence.quantities:
        if same_quantity(quantity, known) and _fits(sentence, quantity, known):
            bare = UnitKind.NONE in {quantity.kind, known.kind} and (
                quantity.kind is not known.kind or _is_small(quantity)
            )
            if about is None or not bare or about() & sentence.words:
                return True
        if _same_share(quantity, known):
            return True
    if quantity.kind is UnitKind.RATIO:
        return _holds_ratio(sentence, quantity)
    return len(quantity.values) > 1 and _spans(sentence, quantity)


def _is_small(quantity: Quantity) -> bool:
    return min(max(options) for options in quantity.values) / quantity.scale <= _COMMON


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
    if (
        "/" in {one.unit, other.unit}
        or one.kind not in _SHARES
        or other.kind not in _SHARES
        or one.kind is other.kind is UnitKind.PERCENT
    ):
        return False
    margin = max(_margin(one), _margin(other))
    told, mine = list(_shares(other)), list(_shares(one))
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


def computed_from(index: FigureIndex, quantity: Quantity, noun: str = "") -> str:
    """Return the ref of a fact that a figure follows from: a share of two counts, or what is left of one.

    Args:
        index: The facts.
        quantity: A share that is a state, not a change, or a count.
        noun: What it is a share of, if the text says so.
    """
    if quantity.kind is UnitKind.COUNT and len(quantity.values) == 1:
        counted = stem(quantity.noun)
        left = (p for p in index.parts if near(quantity.values[0], frozenset({p.whole - p.part})))
        return next((part.told.ref for part in left if counted in part.told.words), "")
    wanted = list(_shares(quantity)) if quantity.kind in _SHARES else []
    if not wanted:
        return ""
    margin = _margin(quantity)
    parts = (p for p in index.parts if not noun or stem(noun) in p.told.words)
    fitting = (p for p in parts if all(abs(p.part / p.whole - share) <= margin for share in wanted))
    ref = next((part.told.ref for part in fitting), "")
    return ref or (_from_two_facts(index, quantity) if quantity.kind is UnitKind.RATIO else "")


def _parts(sentences: Sequence[Told]) -> Iterator[_Part]:
    """Yield pairs of counts, the smaller first, that count the same thing or stand in one sentence."""
    counts = [(told, known) for told in sentences for known in told.quantities if known.kind in _COUNTS]
    for (told, known), (other, second) in permutations(counts, 2):
        same_noun = bool(known.noun) and stem(known.noun) == stem(second.noun)
        if same_noun or (told is other and not known.noun):
            part, whole = max(known.values[0]), max(second.values[0])
            if 0 < part < whole:
                yield _Part(told, part, whole)


def _from_two_facts(index: FigureIndex, quantity: Quantity) -> str:
    """Return the ref of the first number of a share such as `26 of 36`, whose numbers come from two facts."""
    if min(max(options) for options in quantity.values) <= _TELLING:
        return ""
    places = [index.by_value.get(_key(v), ()) for options in quantity.values for v in options]
    held = all(place or v in _ROUND_BASES for place, v in zip(places, map(max, quantity.values), strict=False))
    return index.told[places[0][0]].ref if held and places[0] else ""
