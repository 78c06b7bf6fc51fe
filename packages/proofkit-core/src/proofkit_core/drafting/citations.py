"""Decides whether a draft cites the facts of the exercise for what they say."""

import re
from collections.abc import Iterator, Sequence

from proofkit_core.challenge.facts import ScenarioFact
from proofkit_core.faithfulness import distinctive_stems
from proofkit_core.packet import Fallback, FallbackReason
from proofkit_core.wording import sentences

_CITED = re.compile(r"(?:\[S\d+\][\s,]*)+")
_ID = re.compile(r"S\d+")
_TAG = re.compile(r"\[(S\d+)\]")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_COUNTED = re.compile(r"\d\s+([a-z]{3})s?\b")
_SHORT = re.compile(r"\b([a-z]{3})s?\b")
_SHARE = re.compile(
    r"\b(\d+(?:,\d{3})*)(?: \(h\))? (?:out )?of (?:the |these |those |all |our |their )?(\d+(?:,\d{3})*)\b"
)


def check_cited(text: str, facts: Sequence[ScenarioFact]) -> Fallback | None:
    """Refuse a draft that gives the number of one fact and cites another.

    What stands between two citations may belong to either. Where it holds no number of any fact, or a cited fact has
    none, nothing can be said.

    Args:
        text: The draft.
        facts: The facts of the exercise.
    """
    numbers = {fact.id: frozenset(_NUMBER.findall(fact.text)) for fact in facts}
    known = frozenset[str]().union(*numbers.values())
    for said, cited, _ in cited_passages(text):
        held = frozenset(_NUMBER.findall(said)) & known
        meant = frozenset[str]().union(*(numbers.get(fact, frozenset()) for fact in cited))
        if held and not held & meant and all(numbers.get(fact) for fact in cited):
            return Fallback(
                reason=FallbackReason.OFF_TOPIC,
                message="the draft cited a fact of the exercise for something else",
                detail=f"{said.strip()[-60:]!r} cites {', '.join(cited)}",
            )
    return None


def check_cited_words(text: str, facts: Sequence[ScenarioFact], told: str) -> Fallback | None:
    """Refuse a draft in which a sentence has nothing in common with a fact that it cites.

    A fact that gives a number is cited for the number or for what it counts, so the sentence shares the one or a word
    of the other. A fact without one can be put in words of one's own, so nothing can be said there: one in a hundred
    of the targets that training holds up as good would be refused, and none for facts with a number.

    Args:
        text: The draft.
        facts: The facts of the exercise.
        told: What the model was told to write from; where it cites a fact, its words count as the fact's.
    """
    counted = {
        fact.id: distinctive_stems(fact.text) | {*_COUNTED.findall(fact.text)}
        for fact in facts
        if _NUMBER.search(fact.text)
    }
    if not counted.keys() & _TAG.findall(text):
        return None
    for line in sentences(told):
        for fact in counted.keys() & _TAG.findall(line):
            counted[fact] |= distinctive_stems(_TAG.sub(" ", line))
    for line in sentences(text):
        said = distinctive_stems(_TAG.sub(" ", line)) | {*_SHORT.findall(line.casefold())}
        loose = next((fact for fact in _TAG.findall(line) if fact in counted and not said & counted[fact]), None)
        if loose:
            return Fallback(
                reason=FallbackReason.OFF_TOPIC,
                message="the draft cited a fact of the exercise for something else",
                detail=f"{line.strip()[-60:]!r} shares no word with {loose}",
            )
    return None


def check_shares(text: str) -> Fallback | None:
    """Refuse a draft that takes more of something than there is, such as `54 of 3`.

    Args:
        text: The draft.
    """
    for found in _SHARE.finditer(_TAG.sub("", text)):
        part, whole = (int(number.replace(",", "")) for number in found.groups())
        if part > whole:
            return Fallback(
                reason=FallbackReason.OFF_TOPIC,
                message=f"the draft spoke of {part:,} of {whole:,}, which cannot be",
                detail=repr(found[0]),
            )
    return None


def cited_passages(text: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what stands before each citation, back to the one before it, the facts that both cite, and what follows.

    Args:
        text: A draft.
    """
    for line in sentences(text):
        start, before = 0, tuple[str, ...]()
        for found in _CITED.finditer(line):
            cited = tuple(_ID.findall(found[0]))
            yield line[start : found.start()], (*before, *cited), line[found.end() :]
            start, before = found.end(), cited
