"""A claim: what one pattern found, what the facts say about it, and how it can be put right."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What became of a claim when it was looked up."""

    EXEMPT = "exempt"
    """Negated, conditional, asked, quoted or labelled: nothing is claimed."""
    SUPPORTED = "supported"
    OPEN = "open"
    """Nothing carries it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of the original and what shall stand there."""

    start: int
    end: int
    after: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim, placed in the original text."""

    rule: str
    start: int
    end: int
    standing: Standing
    changes: tuple[Change, ...] = ()
    """What puts it right; an open claim without changes blocks the text."""
    support: tuple[str, ...] = ()
    """Refs of the facts that carry it, or that it contradicts."""
