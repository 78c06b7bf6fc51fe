"""What is being made, as a page shows it: named progress, who writes, and what to do when it ends."""

from pydantic import BaseModel

from proofkit_core.packet import Writer
from proofkit_ui.web.views.drafting import Asked, Ending, Part, PartState, Progress

__all__ = ["DraftView", "PartView", "draft_view", "part_view"]

_STATES = {
    PartState.WAITING: "drafts.waiting",
    PartState.IN_LINE: "drafts.in_line",
    PartState.WRITING: "drafts.writing",
    PartState.CHECKED: "drafts.checked",
    PartState.READY: "drafts.ready",
    PartState.PROPOSED: "drafts.proposed",
    PartState.KEPT: "drafts.kept",
    PartState.OUTDATED: "drafts.outdated",
    PartState.STOPPED: "drafts.stopped",
}
_DEEDS = {PartState.WRITING: "drafts.busy", PartState.CHECKED: "drafts.busy", PartState.READY: "drafts.finished"}
"""For parts whose names tell what is done: nobody writes a “Finding your role”."""
_OF_SECTIONS = frozenset({"section", "sections", "revision", "revisions"})
_TONES = {
    PartState.WAITING: "waiting",
    PartState.IN_LINE: "in_line",
    PartState.WRITING: "writing",
    PartState.CHECKED: "writing",
    PartState.READY: "done",
    PartState.PROPOSED: "done",
    PartState.KEPT: "fell_back",
    PartState.OUTDATED: "failed",
    PartState.STOPPED: "stopped",
}
_NAMES = {
    "role": "drafts.part_role",
    "exercise": "drafts.part_exercise",
    "travel": "drafts.part_travel",
    "review": "drafts.part_review",
    "packet": "drafts.part_packet",
}
_ENDINGS = {
    Ending.QUEUED: "drafts.now_queued",
    Ending.RUNNING: "drafts.now_running",
    Ending.DONE: "drafts.now_done",
    Ending.FAILED: "drafts.now_failed",
    Ending.CANCELLED: "drafts.now_cancelled",
    Ending.INTERRUPTED: "drafts.now_interrupted",
}


class PartView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One part."""

    key: str
    """For the page: `section-risks`."""
    title: str
    """Of a section; empty where `name_word` names it."""
    name_word: str
    state: str
    """Plain id of the state, for the style."""
    tone: str
    """The style's name for it."""
    state_word: str
    position: int
    who: str
    """Key of the words for who writes or wrote; empty while nobody does."""
    model: str
    text: str
    again: bool
    """Whether the model was asked again."""
    notices: tuple[str, ...]
    fell_back: bool


class DraftView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The whole."""

    id: str
    session_id: str
    kind: str
    section: str
    action: str
    on: str
    """The page that shows it."""
    back: str
    """Where its forms lead back to."""
    ended: bool
    ending: str
    headline: str
    """Key of the words for how it stands."""
    current: str
    """Title of the part under way."""
    current_word: str
    settled: int
    total: int
    position: int
    parts: tuple[PartView, ...]
    problem: str
    proposals: int
    """Changes that wait because of it."""
    kept: int
    """Parts whose text stays as it was."""
    fallen: int
    """Parts that a model was given up for."""
    of_sections: bool
    """Whether it writes sections, and nothing beside them."""
    seq: int
    started: str
    """When it was asked for, as an ISO date with time; empty where nobody knows."""

    @property
    def fell_back(self) -> bool:
        """Say whether a model was given up for any part."""
        return self.fallen > 0


def draft_view(
    progress: Progress,
    asked: Asked,
    *,
    generation_id: str,
    session_id: str,
    on: str,
    back: str,
    started: str = "",
) -> DraftView:
    """Return the view of a draft.

    Args:
        progress: How far it is.
        asked: What it was asked to make.
        generation_id: Which one.
        session_id: For which session.
        on: The page that shows it.
        back: Where its forms lead back to.
        started: When it was asked for.
    """
    current = progress.part(progress.current)
    proposed = sum(part.state is PartState.PROPOSED for part in progress.parts)
    return DraftView(
        id=generation_id,
        session_id=session_id,
        kind=asked.kind,
        section=asked.section,
        action=asked.action,
        on=on,
        back=back,
        ended=progress.ended,
        ending=progress.ending,
        headline=_headline(progress, asked, proposed),
        current=current.title if current else "",
        current_word=_NAMES.get(current.id, "") if current else "",
        settled=progress.settled,
        total=len(progress.parts),
        position=progress.position,
        parts=tuple(part_view(part) for part in progress.parts),
        problem=progress.problem,
        proposals=proposed,
        kept=sum(part.state is PartState.KEPT for part in progress.parts),
        fallen=sum(part.fell_back for part in progress.parts),
        of_sections=asked.kind in _OF_SECTIONS,
        seq=progress.seq,
        started=started,
    )


def _headline(progress: Progress, asked: Asked, proposed: int) -> str:
    if progress.ending is Ending.RUNNING and asked.kind not in _OF_SECTIONS:
        return "drafts.now_working"
    if progress.ending is Ending.DONE and asked.kind in {"revision", "revisions"}:
        return "drafts.now_proposed" if proposed else "drafts.now_kept"
    return _ENDINGS[progress.ending]


def part_view(part: Part) -> PartView:
    """Return the view of one part."""
    return PartView(
        key=part.key,
        title=part.title,
        name_word=_NAMES.get(part.id, "drafts.part_other"),
        state=part.state,
        tone="fell_back" if part.fell_back and part.state is PartState.READY else _TONES[part.state],
        state_word=_DEEDS.get(part.state, _STATES[part.state]) if part.id in _NAMES else _STATES[part.state],
        position=part.position,
        who=_who(part),
        model=part.name,
        text=part.text,
        again=part.tries > 1 and part.state is PartState.WRITING,
        notices=part.notices,
        fell_back=part.fell_back,
    )


def _who(part: Part) -> str:
    if part.state in {PartState.KEPT, PartState.STOPPED, PartState.WAITING}:
        return ""
    if part.writer is Writer.TEMPLATE or (part.writer is None and part.fell_back):
        return "drafts.who_template"
    if not part.name:
        return ""
    return "drafts.who_hosted" if part.hosted else "drafts.who_local"
