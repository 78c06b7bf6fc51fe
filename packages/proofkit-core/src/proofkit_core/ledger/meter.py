"""Counts who wrote what: the person, a model or a template, word by word."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from proofkit_core.generation import ModelIdentity
from proofkit_core.ledger.carriers import Texts, section_carrier
from proofkit_core.ledger.reading import read_statements
from proofkit_core.ledger.sources import MIN_RUN, Run, SourceIndex, is_distinctive, name_facts, read_sources
from proofkit_core.packet import Origin, TalkingPoints, WhoWrote, Writer

ALL = "all"
_MARK = re.compile(r"\[S\d+\]|\((?:h|hypothetical)\)")
"""Marks that the program sets are nobody's words."""
_PARTS = 1000


class _Written(NamedTuple):
    """Some text and its writer."""

    text: str
    writer: Writer


class _Part(NamedTuple):
    """A part of the packet."""

    part: str
    title: str
    origin: Origin
    written: tuple[_Written, ...]


def who_wrote(packet: Texts) -> tuple[WhoWrote, ...]:
    """Return who wrote each section, the post, the bullets and the talking points, and all of it together.

    A word counts as typed where it stands in a run copied from the brief or an answer, whoever placed it there.

    Args:
        packet: The packet, or its finished texts with what they were made from.
    """
    typed = read_sources(name_facts(packet.brief, packet.challenge)).user
    parts = [_counted(part, typed) for part in _parts(packet)]
    models = [part.model for part in parts if part.model]
    counts = [sum(part.typed for part in parts), sum(part.drafted for part in parts), sum(p.supplied for p in parts)]
    return (*parts, _shared(ALL, "The whole packet", counts, models[0] if models else None))


def _parts(packet: Texts) -> Iterator[_Part]:
    for section in packet.sample.sections:
        origin = section.origin
        yield _Part(section_carrier(section.id), section.title, origin, (_Written(section.markdown, origin.writer),))
    post, bullets, points = packet.post, packet.bullets, packet.talking_points
    yield _Part("post", "LinkedIn post", post.origin, (_Written(post.text, post.origin.writer),))
    items = tuple(_Written(item, bullets.origin.writer) for item in bullets.items)
    yield _Part("bullets", "Résumé bullets", bullets.origin, items)
    yield _Part("talking_points", "Talking points", points.origin, tuple(_spoken(points)))


def _spoken(points: TalkingPoints) -> Iterator[_Written]:
    """Yield the talking points; the last answer, that the company is not real, is always the template's."""
    for number, point in enumerate(points.items, 1):
        writer = Writer.TEMPLATE if number == len(points.items) else points.origin.writer
        yield _Written(f"{point.question}\n\n{point.answer}", writer)


def _counted(part: _Part, typed: SourceIndex) -> WhoWrote:
    counts = [0, 0, 0]
    for text, writer in part.written:
        own, other = _words(text, typed)
        counts[0] += own
        counts[1 if writer is Writer.MODEL else 2] += other
    return _shared(part.part, part.title, counts, part.origin.model if counts[1] else None)


def _words(text: str, typed: SourceIndex) -> tuple[int, int]:
    """Return how many words of a text are the person's, and how many are not."""
    marks = [found.span() for found in _MARK.finditer(text)]
    own = count = 0
    for statement in read_statements(text):
        words = statement.words
        inside = {n for run in typed.runs_in(words) if _is_copied(run) for n in range(run.first, run.first + run.size)}
        kept = [n for n, w in enumerate(words) if not any(start <= w.start < end for start, end in marks)]
        count += len(kept)
        own += len(inside & set(kept))
    return own, count - own


def _is_copied(run: Run) -> bool:
    words = run.line.stretch.words[run.at : run.at + run.size]
    return (run.size >= MIN_RUN or run.is_whole) and any(is_distinctive(word.text) for word in words)


def _shared(part: str, title: str, counts: Sequence[int], model: ModelIdentity | None) -> WhoWrote:
    typed, drafted, supplied = counts
    shares = exact_shares(counts)
    return WhoWrote(
        part=part,
        title=title,
        words=sum(counts),
        typed=typed,
        drafted=drafted,
        supplied=supplied,
        typed_share=shares[0],
        drafted_share=shares[1],
        supplied_share=shares[2],
        model=model,
    )


def exact_shares(counts: Sequence[int]) -> list[float]:
    """Return shares in thousandths that sum to 1: what rounding leaves over goes to the largest remainders."""
    total = sum(counts)
    if not total:
        return [0.0, 0.0, 1.0]
    exact = [count * _PARTS / total for count in counts]
    parts = [int(share) for share in exact]
    for place in sorted(range(len(parts)), key=lambda n: parts[n] - exact[n])[: _PARTS - sum(parts)]:
        parts[place] += 1
    return [part / _PARTS for part in parts]
