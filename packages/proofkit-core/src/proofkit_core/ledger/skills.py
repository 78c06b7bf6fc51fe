"""Finds the skills of the brief in what a packet says, and in what its sections show."""

from collections.abc import Iterator
from typing import NamedTuple

from proofkit_core.composer.skills import skills_shown
from proofkit_core.ledger.reading import Stretch
from proofkit_core.ledger.sources import folded_words
from proofkit_core.packet import SourceKind, Support, WorkSample


class NamedSkill(NamedTuple):
    """A skill with the place where a statement names it."""

    start: int
    end: int
    support: Support


def named_skills(sentence: Stretch, skills: tuple[str, ...]) -> Iterator[NamedSkill]:
    """Yield the skills that a statement names in the person's words, wherever it does.

    Args:
        sentence: The statement.
        skills: As typed, in the order of the brief.
    """
    texts = tuple(word.text for word in sentence.words)
    for number, skill in enumerate(skills):
        wanted = folded_words(skill)
        for first in range(len(texts) - len(wanted) + 1 if wanted else 0):
            if texts[first : first + len(wanted)] == wanted:
                words = sentence.words[first : first + len(wanted)]
                yield NamedSkill(words[0].start, words[-1].end, support_of(skill, number))


def sections_showing(skills: tuple[str, ...], sample: WorkSample) -> Iterator[tuple[str, Support]]:
    """Yield the section that shows a skill, for each skill that one shows."""
    for number, section in skills_shown(skills, sample.sections):
        yield section.id, support_of(skills[number], number)


def support_of(skill: str, number: int) -> Support:
    """Return a skill of the brief as support."""
    return Support(kind=SourceKind.YOURS, ref=f"skills[{number}]", start=0, end=len(skill), quote=skill)
