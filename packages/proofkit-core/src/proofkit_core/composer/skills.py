"""Says which section of a work sample really shows a skill, by what the section is about."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from proofkit_core.samples.records import View


class Shows(Protocol):
    """A section, planned or written."""

    @property
    def id(self) -> str:
        """Return its id."""
        ...

    @property
    def title(self) -> str:
        """Return its heading."""
        ...

    @property
    def view(self) -> str:
        """Return what it shows of the challenge."""
        ...


_Section = TypeVar("_Section", bound=Shows)

_SKILL_VIEWS: tuple[tuple[tuple[str, ...], tuple[View, ...]], ...] = (
    (("risk", "safety", "safe"), (View.RISKS, View.CHECKLIST)),
    (("communicat", "stakeholder", "people", "relation", "listen", "present"), (View.PEOPLE, View.SPECIMEN)),
    (("plan", "organi", "schedul", "coordinat", "project", "time"), (View.STEPS, View.MEASURES)),
    (("data", "analy", "number", "measur", "report", "excel"), (View.MEASURES, View.REQUIREMENTS)),
    (("writ", "document", "content", "teach", "coach", "train", "explain"), (View.SPECIMEN, View.CHECKLIST)),
    (("requirement", "quality", "test", "detail"), (View.REQUIREMENTS, View.CHECKLIST)),
    (("budget", "cost", "financ", "negotiat"), (View.TRADEOFF, View.OPTIONS, View.ASSUMPTIONS)),
)


def skills_shown(skills: Sequence[str], sections: Iterable[_Section]) -> list[tuple[int, _Section]]:
    """Return the skills that a section of this sample really shows, by number, each with one such section.

    Args:
        skills: As the person typed them.
        sections: The sections in order.
    """
    known = tuple(sections)
    shown: list[tuple[int, _Section]] = []
    taken: set[str] = set()
    for number, skill in enumerate(skills):
        wanted = [view for cues, views in _SKILL_VIEWS if any(c in skill.lower() for c in cues) for view in views]
        found = [s for view in wanted for s in known if s.view == view and s.id not in taken]
        if found:
            taken.add(found[0].id)
            shown.append((number, found[0]))
    return shown
