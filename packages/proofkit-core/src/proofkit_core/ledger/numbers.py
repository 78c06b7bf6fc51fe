"""Says what each number of a statement rests on: word for word, by an equal amount, or as a labelled assumption."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
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
    repeated = [found for run in rests.runs if (found := _in_run(amount, sentence, run))]
    best = [found for found in repeated if found.kind is SourceKind.YOURS or FACT_ID.fullmatch(found.ref)]
    # A fact by its id comes before a line of the exercise that repeats its number.
    found = next(
        (support for supports in (best, _equal(amount, rests, sources), repeated) for support in supports), None
    )
    if found:
        return found.kind, (found,)
    ends = _both_ends(amount, rests, sources) if amount.in_digits else ()
    if ends:
        return ends[0].kind, ends
    if not amount.in_digits or sentence.is_conditional or sentence.label:
        return SourceKind.HYPOTHETICAL, (as_exercise(sentence, text),)
    return SourceKind.UNSUPPORTED, ()


def _in_run(amount: Amount, sentence: Stretch, run: Run) -> Support | None:
    """Return the words of the source that an amount inside a run repeats."""
    start, end = sentence.place(amount.low, amount.high)
    inside = [n for n, word in enumerate(sentence.words) if start <= word.start and word.end <= end]
    if not inside or inside[0] < run.first or inside[-1] >= run.first + run.size:
        return None
    words = run.line.stretch.words
    at = run.at - run.first
    return run.line.support(words[inside[0] + at].start, words[inside[-1] + at].end)


def _equal(amount: Amount, rests: Rests, sources: Sources) -> Iterator[Support]:
    """Yield the equal amounts of the sources; what the statement rests on comes first."""
    refs = {support.ref for support in rests.support}
    lines = _order(rests, sources)
    named = [line for line in lines if line.ref in refs]
    yield from _held(named, lambda known, line: same_amount(amount, known, line.stretch.lower))
    yield from _held(named, lambda known, _: same_values(amount, known))
    if amount.in_digits:  # `two` of one thing says nothing about `two` of another
        yield from _held(lines, lambda known, line: same_amount(amount, known, line.stretch.lower))


def _order(rests: Rests, sources: Sources) -> list[SourceLine]:
    """Return the lines of the sources; those of the kind that the statement rests on come first."""
    indexes = (sources.user, sources.scenario) if rests.kind is SourceKind.YOURS else (sources.scenario, sources.user)
    return [line for index in indexes for line in index.lines]


def _held(lines: Iterable[SourceLine], carries: Callable[[Amount, SourceLine], bool]) -> Iterator[Support]:
    for line in lines:
        for known in line.stretch.amounts:
            if carries(known, line):
                yield line.support(*line.stretch.place(known.low, known.high))


def _both_ends(amount: Amount, rests: Rests, sources: Sources) -> tuple[Support, ...]:
    """Return a place for each number of a range or share, such as `26 of 36`, where one kind of source holds all."""
    values = amount.quantity.values
    if len(values) < 2:  # noqa: PLR2004 - a range has two ends
        return ()
    held = [_held(_order(rests, sources), partial(_has_value, value)) for value in values]
    ends = tuple(support for found in held if (support := next(found, None)))
    return ends if len(ends) == len(values) and len({support.kind for support in ends}) == 1 else ()


def _has_value(value: frozenset[float], amount: Amount, _: SourceLine) -> bool:
    return any(value & options for options in amount.quantity.values)
