"""Decides whether a draft cites the facts of the exercise for what they say."""

import re
from collections.abc import Iterator, Sequence

from proofkit_core.challenge.facts import ScenarioFact
from proofkit_core.packet import Fallback, FallbackReason
from proofkit_core.wording import sentences

_CITED = re.compile(r"(?:\[S\d+\][\s,]*)+")
_ID = re.compile(r"S\d+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


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
