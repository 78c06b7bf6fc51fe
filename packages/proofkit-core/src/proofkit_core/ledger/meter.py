"""Counts who wrote what: the person, a model or a template, word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from proofkit_core.generation import ModelIdentity
from proofkit_core.ledger.carriers import Texts, section_carrier
from proofkit_core.ledger.copying import CopiedFrom
from proofkit_core.ledger.reading import read_statements
from proofkit_core.ledger.sources import MIN_RUN, Run, SourceIndex, is_distinctive, name_facts, read_sources
from proofkit_core.packet import Origin, Post, Section, TalkingPoints, WhoWrote, Writer

ALL = "all"
_MARK = re.compile(r"\[S\d+\]|\((?:h|hypothetical)\)")
"""Marks that the program sets are nobody's words."""
_PARTS = 1000
_COLUMNS = {Writer.PERSON: 0, Writer.MODEL: 1, Writer.TEMPLATE: 2}


class _Version(NamedTuple):
    """A text and its writer."""

    text: str
    origin: Origin


class _Written(NamedTuple):
    """Some text with what stood there before, oldest first; the last version is the text."""

    versions: tuple[_Version, ...]


class _Part(NamedTuple):
    """A part of the packet."""

    part: str
    title: str
    written: tuple[_Written, ...]


def who_wrote(packet: Texts) -> tuple[WhoWrote, ...]:
    """Return who wrote each section, the post, the bullets and the talking points, and all of it together.

    A word counts as typed where it stands in a run copied from the brief or an answer, whoever placed it there. Of a
    section or a post that was revised or edited, a word belongs to the writer in whose version its run stood first.

    Args:
        packet: The packet, or its finished texts with what they were made from.
    """
    typed = read_sources(name_facts(packet.brief, packet.challenge)).user
    parts = [_counted(part, typed) for part in _parts(packet)]
    models = [model for part in parts if part.model for model in (part.model, *part.others)]
    counts = [sum(part.typed for part in parts), sum(part.drafted for part in parts), sum(p.supplied for p in parts)]
    return (*parts, _shared(ALL, "The whole packet", counts, models))


def _parts(packet: Texts) -> Iterator[_Part]:
    for section in packet.sample.sections:
        yield _Part(section_carrier(section.id), section.title, (_section(section),))
    post, bullets, points = packet.post, packet.bullets, packet.talking_points
    yield _Part("post", "LinkedIn post", (_post(post),))
    items = tuple(_alone(item, bullets.origin) for item in bullets.items)
    yield _Part("bullets", "Résumé bullets", items)
    yield _Part("talking_points", "Talking points", tuple(_spoken(points)))


def _section(section: Section) -> _Written:
    earlier = tuple(_Version(text.markdown, text.origin) for text in section.earlier)
    return _Written((*earlier, _Version(section.markdown, section.origin)))


def _post(post: Post) -> _Written:
    earlier = tuple(_Version(text.text, text.origin) for text in post.earlier)
    return _Written((*earlier, _Version(post.text, post.origin)))


def _alone(text: str, origin: Origin) -> _Written:
    return _Written((_Version(text, origin),))


def _spoken(points: TalkingPoints) -> Iterator[_Written]:
    """Yield the talking points; the last answer, that the company is not real, is always the template's."""
    for number, point in enumerate(points.items, 1):
        origin = Origin(writer=Writer.TEMPLATE) if number == len(points.items) else points.origin
        yield _alone(f"{point.question}\n\n{point.answer}", origin)


def _counted(part: _Part, typed: SourceIndex) -> WhoWrote:
    counts = [0, 0, 0]
    models: list[ModelIdentity] = []
    for written in part.written:
        own, others = _words(written, typed)
        counts[0] += own
        for version, count in zip(written.versions, others, strict=True):
            counts[_COLUMNS[version.origin.writer]] += count
            if count and version.origin.writer is Writer.MODEL and version.origin.model:
                models.append(version.origin.model)
    return _shared(part.part, part.title, counts, models)


def _words(written: _Written, typed: SourceIndex) -> tuple[int, list[int]]:
    """Return how many words of a text are copied from the brief, and of the others how many each version brought."""
    *earlier, (text, _) = written.versions
    marks = [found.span() for found in _MARK.finditer(text)]
    before = [CopiedFrom(version.text) for version in earlier]
    own, others = 0, [0] * len(written.versions)
    for statement in read_statements(text):
        words = statement.words
        inside = {n for run in typed.runs_in(words) if _is_copied(run) for n in range(run.first, run.first + run.size)}
        kept = [n for n, w in enumerate(words) if not any(start <= w.start < end for start, end in marks)]
        own += len(inside & set(kept))
        copied = [version.places_in(words) for version in before]
        for n in kept:
            if n not in inside:
                others[next((i for i, places in enumerate(copied) if n in places), len(before))] += 1
    return own, others


def _is_copied(run: Run) -> bool:
    words = run.line.stretch.words[run.at : run.at + run.size]
    return (run.size >= MIN_RUN or run.is_whole) and any(is_distinctive(word.text) for word in words)


def _shared(part: str, title: str, counts: Sequence[int], models: Iterable[ModelIdentity]) -> WhoWrote:
    typed, drafted, supplied = counts
    shares = exact_shares(counts)
    named = tuple(dict.fromkeys(models))
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
        model=named[0] if named else None,
        others=named[1:],
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
