"""Says what each number of a statement rests on: word for word, by an equal amount, or as a labelled assumption."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from proofkit_core.ledger.amounts import Amount, same_amount, same_values
from proofkit_core.ledger.reading import Stretch
from proofkit_core.ledger.sentences import FACT_ID, Rests, as_exercise, exercise
from proofkit_core.ledger.sources import Run, SourceLine, Sources
from proofkit_core.packet import SourceKind, Support


class RestingAmount(NamedTuple):
    """A number with what it rests on."""

    amount: Amount
    kind: SourceKind
    support: tuple[Support, ...]


def read_numbers(sentence: Stretch, rests: Rests, text: str, sources: Sources) -> list[RestingAmount]:
    """Return the numbers and dates of a statement, each with its source.

    Args:
        sentence: A statement of `text`.
        rests: What the statement as a whole rests on.
        text: The carrier's whole text.
        sources: What its numbers may rest on.
    """
    return [RestingAmount(amount, *_source(amount, sentence, rests, text, sources)) for amount in sentence.amounts]


def _source(
    amount: Amount, sentence: Stretch, rests: Rests, text: str, sources: Sources
) -> tuple[SourceKind, tuple[Support, ...]]:
    label = sentence.label_of(amount)
    if label:
        return SourceKind.HYPOTHETICAL, (exercise(text, label),)
    found = next(_candidates(amount, sentence, rests, sources), None)
    if found:
        return found[0].kind, found
    if not amount.in_digits or sentence.is_conditional or sentence.label:
        return SourceKind.HYPOTHETICAL, (as_exercise(sentence, text),)
    return SourceKind.UNSUPPORTED, ()


def _candidates(amount: Amount, sentence: Stretch, rests: Rests, sources: Sources) -> Iterator[tuple[Support, ...]]:
    """Yield what may carry a number, the best first: a fact by its id before a line that repeats its number."""
    lines = _order(rests, sources)
    refs = {support.ref for support in rests.support}
    repeated = [found for run in rests.runs if (found := _in_run(amount, sentence, run))]
    yield from ((found,) for found in repeated if _is_first_hand(found))
    yield from _held_by([line for line in lines if line.ref in refs and _is_first_hand(line)], amount, loosely=True)
    if amount.in_digits:  # `two` of one thing says nothing about `two` of another
        yield from _held_by([line for line in lines if _is_first_hand(line)], amount)
    yield from ((found,) for found in repeated)
    yield from _held_by([line for line in lines if line.ref in refs], amount, loosely=True)
    if amount.in_digits:
        yield from _held_by(lines, amount)


def _is_first_hand(source: SourceLine | Support) -> bool:
    return source.kind is SourceKind.YOURS or bool(FACT_ID.fullmatch(source.ref))


def _in_run(amount: Amount, sentence: Stretch, run: Run) -> Support | None:
    """Return the words of the source that an amount inside a run repeats."""
    start, end = sentence.place(amount.low, amount.high)
    inside = [n for n, word in enumerate(sentence.words) if start <= word.start and word.end <= end]
    if not inside or inside[0] < run.first or inside[-1] >= run.first + run.size:
        return None
    words = run.line.stretch.words
    at = run.at - run.first
    return run.line.support(words[inside[0] + at].start, words[inside[-1] + at].end)


def _order(rests: Rests, sources: Sources) -> list[SourceLine]:
    """Return the lines of the sources; those of the kind that the statement rests on come first."""
    indexes = (sources.user, sources.scenario) if rests.kind is SourceKind.YOURS else (sources.scenario, sources.user)
    return [line for index in indexes for line in index.lines]


def _held_by(lines: Iterable[SourceLine], amount: Amount, *, loosely: bool = False) -> Iterator[tuple[Support, ...]]:
    """Yield the places in some lines that hold an amount, or each of its numbers.

    Args:
        lines: Where to look.
        amount: What to look for.
        loosely: The numbers alone may be the same, since the statement rests on these lines anyway.
    """
    known = [(line, each) for line in lines for each in line.stretch.amounts]
    yield from ((_place(*k),) for k in known if same_amount(amount, k[1], k[0].stretch.lower))
    if loosely:
        yield from ((_place(*k),) for k in known if same_values(amount, k[1]))
    values = amount.quantity.values
    if len(values) > 1:
        ends = [next((_place(*k) for k in known if _has_value(k[1], value)), None) for value in values]
        found = tuple(end for end in ends if end)
        if len(found) == len(values) and len({end.kind for end in found}) == 1:
            yield found


def _place(line: SourceLine, amount: Amount) -> Support:
    return line.support(*line.stretch.place(amount.low, amount.high))


def _has_value(amount: Amount, value: frozenset[float]) -> bool:
    return any(value & options for options in amount.quantity.values)
