"""What a draft has told so far, part by part: a pure fold over its events, so that a page can be shown at any point."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, Field

from proofkit_core.packet import Writer
from proofkit_serve.sessions import Document
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import (
    AttemptEvent,
    DeltaEvent,
    DoneEvent,
    FallbackEvent,
    GenerationEventBody,
    ProblemEvent,
    QueuedEvent,
    ResultEvent,
    ValidatedEvent,
    VoidEvent,
)
from proofkit_serve.wire.requests import (
    ExerciseJob,
    GenerationInput,
    PacketJob,
    RevisionJob,
    RevisionsJob,
    RoleJob,
    SectionJob,
    SectionsJob,
    TravelJob,
)

__all__ = ["Asked", "Ending", "Part", "PartState", "Progress", "Seen", "begin", "step", "told"]


class PartState(StrEnum):
    """How far one part is."""

    WAITING = "waiting"
    IN_LINE = "in_line"
    WRITING = "writing"
    CHECKED = "checked"
    READY = "ready"
    PROPOSED = "proposed"
    """A change waits for the person."""
    KEPT = "kept"
    """The text stays as it was."""
    OUTDATED = "outdated"
    """What it was made from changed meanwhile."""
    STOPPED = "stopped"


_SETTLED = frozenset(
    {PartState.READY, PartState.PROPOSED, PartState.KEPT, PartState.OUTDATED, PartState.STOPPED},
)


class Part(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One part of what is being made."""

    id: str
    """As the events name it, such as `section.risks`."""
    title: str = ""
    """Of a section; empty for a part that has a name in the words."""
    state: PartState = PartState.WAITING
    position: int = 0
    """How many are before it in the line."""
    name: str = ""
    """The model that is asked, or was asked last; empty where none was."""
    hosted: bool = False
    """Whether that model is on another computer."""
    writer: Writer | None = None
    """Who wrote it, once that is settled."""
    text: str = ""
    """What has come so far and was not taken back."""
    tries: int = 0
    notices: tuple[str, ...] = ()
    """Sentences of the service for the person: a fallback, or why nothing changed."""
    fell_back: bool = False
    """Whether a model was given up for it."""

    @property
    def key(self) -> str:
        """Return its id as a page names elements by."""
        return self.id.replace(".", "-")

    @property
    def settled(self) -> bool:
        """Say whether nothing more is done about it."""
        return self.state in _SETTLED


class Ending(StrEnum):
    """How a draft stands as a whole."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class Progress(BaseModel, frozen=True, strict=True, extra="forbid"):
    """All of it."""

    parts: tuple[Part, ...] = ()
    """In the order in which they come."""
    current: str = ""
    """Id of the part under way."""
    position: int = 0
    """How many drafts of the whole server are before this one."""
    ending: Ending = Ending.QUEUED
    problem: str = ""
    """Why it failed, in the service's words."""
    seq: int = 0
    """Number of the last event that is in here."""
    titles: Mapping[str, str] = Field(default_factory=dict)
    """Of sections, by the ids of their parts: for a part that nobody announced."""

    @property
    def ended(self) -> bool:
        """Say whether nothing more comes."""
        return self.ending not in {Ending.QUEUED, Ending.RUNNING}

    @property
    def settled(self) -> int:
        """Return how many parts are done."""
        return sum(part.settled for part in self.parts)

    def part(self, part_id: str) -> Part | None:
        """Return a part by its id."""
        return next((part for part in self.parts if part.id == part_id), None)


class Asked(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a draft was asked to make, as far as its page has to know."""

    kind: str
    section: str = ""
    action: str = ""


class Seen(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An event with its number."""

    seq: int
    body: GenerationEventBody


def asked_of(wanted: GenerationInput) -> Asked:
    """Return what was asked for."""
    match wanted:
        case SectionJob(section=section_id):
            return Asked(kind=wanted.kind, section=section_id)
        case RevisionJob(section=section_id, action=action):
            return Asked(kind=wanted.kind, section=section_id, action=action)
        case RevisionsJob(action=action):
            return Asked(kind=wanted.kind, action=action)
        case _:
            return Asked(kind=wanted.kind)


def begin(wanted: GenerationInput, document: Document, named: Iterable[str] = ()) -> Progress:
    """Return the progress before the first event, with the parts that are to come.

    Args:
        wanted: What was asked for.
        document: The session as it stands.
        named: Ids of the parts that events told of already: they count although they are written by now.
    """
    known = set(named)
    ids = [*_planned(wanted, document, known), *(part_id for part_id in named if part_id)]
    titles = _titles(document)
    parts = tuple(Part(id=each, title=titles.get(each, "")) for each in dict.fromkeys(ids))
    return Progress(parts=parts, titles=titles)


def told(progress: Progress, events: Iterable[Seen], hosted: frozenset[str] = frozenset()) -> Progress:
    """Return the progress after some events.

    Args:
        progress: The progress before.
        events: In order.
        hosted: Ids of the models that are on another computer.
    """
    for event in events:
        progress = step(progress, event, hosted)
    return progress


def step(progress: Progress, event: Seen, hosted: frozenset[str] = frozenset()) -> Progress:
    """Return the progress after one event; one that is in it already changes nothing.

    Args:
        progress: The progress before.
        event: What happened.
        hosted: Ids of the models that are on another computer.
    """
    if event.seq <= progress.seq:
        return progress
    body = event.body
    progress = progress.model_copy(update={"seq": event.seq})
    match body:
        case QueuedEvent(part="", position=position):
            return progress.model_copy(update={"position": position})
        case ProblemEvent(problem=problem):
            return progress.model_copy(update={"problem": problem.detail})
        case DoneEvent(status=status):
            return _ended(progress, Ending(status))
        case _:
            return _with_part(progress, body, hosted)


def _planned(wanted: GenerationInput, document: Document, known: set[str]) -> list[str]:
    sections = [f"section.{record.id}" for record in document.exercise.sample.sections] if document.exercise else []
    fresh = {f"section.{item.section.id}" for item in document.sections if item.edited_by_person or not item.stale}
    missing = [part_id for part_id in sections if part_id in known or part_id not in fresh]
    found: list[str] = []
    match wanted:
        case RoleJob():
            found = ["role"]
        case ExerciseJob():
            found = ["exercise"] if document.role and "role" not in known else ["role", "exercise"]
        case SectionJob(section=section_id) | RevisionJob(section=section_id):
            found = [f"section.{section_id}"]
        case SectionsJob():
            found = missing
        case RevisionsJob():
            found = [f"section.{item.section.id}" for item in document.sections]
        case TravelJob():
            found = ["travel"]
        case PacketJob():
            travel = ["travel"] if document.travel is None or "travel" in known else []
            found = [*missing, *travel, "review", "packet"]
    return found


def _titles(document: Document) -> dict[str, str]:
    if document.exercise is None:
        return {}
    return {f"section.{record.id}": record.title for record in document.exercise.sample.sections}


def _with_part(progress: Progress, body: GenerationEventBody, hosted: frozenset[str]) -> Progress:
    before = progress.part(body.part) or Part(id=body.part, title=progress.titles.get(body.part, ""))
    after = _changed(before, body, hosted)
    known = progress.part(body.part) is not None
    parts = (
        tuple(after if part.id == after.id else part for part in progress.parts) if known else (*progress.parts, after)
    )
    return progress.model_copy(
        update={"parts": parts, "current": after.id, "ending": Ending.RUNNING, "position": 0},
    )


def _changed(part: Part, body: GenerationEventBody, hosted: frozenset[str]) -> Part:
    changes: dict[str, object] = {}
    match body:
        case QueuedEvent(position=position):
            changes = {"state": PartState.IN_LINE if position else PartState.WRITING, "position": position}
        case AttemptEvent(number=number, name=name, backend=backend):
            changes = {
                "state": PartState.WRITING,
                "position": 0,
                "tries": number,
                "name": name,
                "hosted": backend in hosted,
            }
        case DeltaEvent(text=text):
            changes = {"state": PartState.WRITING, "text": part.text + text}
        case VoidEvent():
            changes = {"text": ""}
        case FallbackEvent(user_message=message):
            changes = {"notices": (*part.notices, message), "fell_back": True}
        case ValidatedEvent(writer=writer):
            changes = {"state": PartState.CHECKED, "writer": writer}
        case ResultEvent():
            changes = _result(part, body)
        case _:
            pass
    return part.model_copy(update=changes)


def _result(part: Part, body: ResultEvent) -> dict[str, object]:
    if body.event == "turned_down":
        return {"state": PartState.KEPT, "text": "", "notices": (*_without_fallback(part), body.message)}
    if not body.applied:
        return {"state": PartState.OUTDATED, "text": body.text, "notices": (*part.notices, body.message)}
    state = PartState.PROPOSED if body.event == "revision_proposed" else PartState.READY
    return {"state": state, "text": "" if state is PartState.PROPOSED else part.text}


def _without_fallback(part: Part) -> tuple[str, ...]:
    """Return the notices but the last one: why a text stays is told once, and not as a fallback beside it."""
    return part.notices[:-1] if part.fell_back else part.notices


def _ended(progress: Progress, ending: Ending) -> Progress:
    stopped: dict[str, object] = {"state": PartState.STOPPED, "text": ""}
    parts = tuple(part if part.settled else _last_state(part, ending, stopped) for part in progress.parts)
    return progress.model_copy(update={"ending": ending, "parts": parts, "current": "", "position": 0})


def _last_state(part: Part, ending: Ending, stopped: dict[str, object]) -> Part:
    """Return a part that told no result: the remarks of the review tell none where all went well."""
    if ending is Ending.DONE:
        return part.model_copy(update={"state": PartState.READY})
    return part.model_copy(update=stopped)


def ending_of(status: GenerationStatus) -> Ending:
    """Return how a draft stands by what the store knows."""
    return Ending(status.value)
