"""What each kind of generation does, in a thread of its own: ask core for one step after the other.

Each step's result goes into the session at once, against the session as it stands then, so that nothing is lost when a
later step fails, and what the person changes meanwhile is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

from proofkit_core import steps
from proofkit_core.drafting.desk import Desk
from proofkit_core.drafting.events import DraftEvent, OnDraftEvent
from proofkit_core.errors import GenerationCancelledError
from proofkit_core.generation import CancelSignal
from proofkit_core.packet import Origin
from proofkit_core.workshop import Workshop
from proofkit_serve.errors import EventRefusedError, OutdatedResultError
from proofkit_serve.jobs.telling import Tell, as_body, attempts_of
from proofkit_serve.sessions import (
    Document,
    SessionEvent,
    SessionSection,
    StoredRole,
    Travel,
    brief_of,
    exercise_basis,
    material_of,
    new_id,
    packet_basis,
    post_digest,
    role_basis,
    section_basis,
    store_exercise,
    travel_basis,
)
from proofkit_serve.sessions.events import (
    ExerciseSet,
    PacketFinished,
    RevisionProposed,
    RoleFound,
    SectionDrafted,
    TravelDrafted,
)
from proofkit_serve.wire.problem import AttemptProblem
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


@dataclass(frozen=True, slots=True)
class Put:
    """One result on its way into the session."""

    event: SessionEvent
    part: str
    text: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """What the work of one generation needs."""

    workshop: Workshop
    cancel: CancelSignal
    tell: Tell
    observe: OnDraftEvent
    """Told every event of the desk too: it counts failures by model."""
    current: Callable[[], Document]
    """Returns the session as it stands."""
    put: Callable[[Put], Document | None]
    """Adds a result to the session, and returns the session after it; None where the result is outdated."""
    turned_down: Callable[[str, str], None]
    """Told the part and the reason where a text stays as it was."""
    spent: Callable[[tuple[AttemptProblem, ...], int], None]
    """Told the attempts that were turned down, and the tokens of all."""


class OutdatedWorkError(OutdatedResultError):
    """What a generation of several steps works on was changed in between, so the rest of it is left undone."""


def draft(wanted: GenerationInput, document: Document, bench: Bench) -> None:
    """Make what is wanted, step by step.

    Args:
        wanted: What to make.
        document: The session as it stands.
        bench: What to make it with.

    Raises:
        GenerationCancelledError: Somebody stopped it.
        EventRefusedError: Something else has to come first.
        ExportRefusedError: What the person typed would break the integrity policy.
    """
    match wanted:
        case RoleJob():
            _role(document, bench)
        case ExerciseJob():
            _exercise(document if document.role else _role(document, bench), bench)
        case SectionJob(section=section_id):
            _section(_with_exercise(document, bench), section_id, bench)
        case SectionsJob(fallbacks=again):
            _sections(_with_exercise(document, bench), bench, again=again)
        case RevisionJob(section=section_id, action=action):
            _revision(document, section_id, action, bench)
        case RevisionsJob(action=action):
            _revisions(document, action, bench)
        case TravelJob():
            _travel(document, bench)
        case PacketJob(fallbacks=again):
            _packet(document, bench, again=again)


def _role(document: Document, bench: Bench) -> Document:
    basis = role_basis(document)
    chosen = steps.find_role(brief_of(document), bench.workshop, bench.cancel, _listener("role", bench))
    if chosen.choice.origin:
        _count(chosen.choice.origin, bench)
    role = StoredRole(entry=chosen.entry, choice=chosen.choice)
    return _put(Put(RoleFound(role=role, basis=basis), "role", message=chosen.choice.why), bench)


def _exercise(document: Document, bench: Bench) -> Document:
    if document.role is None:
        raise EventRefusedError("The session has no role yet. Find the role first.")
    basis = exercise_basis(document)
    exercise = steps.set_exercise(brief_of(document), document.role.entry, seed=document.seed)
    stored = store_exercise(exercise.material, exercise.notices)
    return _put(Put(ExerciseSet(exercise=stored, basis=basis), "exercise"), bench)


def _with_exercise(document: Document, bench: Bench) -> Document:
    if document.exercise:
        return document
    return _exercise(document if document.role else _role(document, bench), bench)


def _section(document: Document, section_id: str, bench: Bench) -> Document:
    part = f"section.{section_id}"
    basis = section_basis(document, section_id)
    section = steps.write_section(material_of(document), section_id, _desk(document, part, bench))
    _count(section.origin, bench)
    event = SectionDrafted(section=section, basis=basis, proposal_id=new_id("prop"))
    return _put(Put(event, part, text=section.markdown), bench)


def _sections(document: Document, bench: Bench, *, again: bool = False) -> Document:
    """Write what is missing or stale; what the person edited stays, for they can ask for it by name.

    With `again`, what the template wrote because a model could not is written once more.
    """
    done = {item.section.id for item in document.sections if item.edited_by_person or not _is_due(item, again=again)}
    for record in material_of(document).sample.sections:
        if record.id not in done:
            document = _section(document, record.id, bench)
    return document


def _is_due(item: SessionSection, *, again: bool) -> bool:
    return item.stale or (again and item.section.origin.fell_back)


def _revision(document: Document, section_id: str, action: str, bench: Bench) -> None:
    part = f"section.{section_id}"
    current = next((item.section for item in document.sections if item.section.id == section_id), None)
    if current is None:
        raise EventRefusedError(f"There is no text of a section {section_id!r} yet. Draft it first.")
    basis = section_basis(document, section_id)
    revision = steps.revise(material_of(document), current, _desk(document, part, bench), action=action)
    tokens = sum(each.completion_tokens for each in revision.tried)
    bench.spent(attempts_of(revision.tried), tokens)
    if revision.turned_down:
        bench.turned_down(part, f"The text stays as it was, because {revision.turned_down.message}.")
        return
    event = RevisionProposed(proposal_id=new_id("prop"), section=revision.section, action=action, basis=basis)
    _put(Put(event, part, text=revision.section.markdown), bench)


def _revisions(document: Document, action: str, bench: Bench) -> None:
    """Propose another text for each section in turn, each time for the text that stands there by then.

    A section that was taken away meanwhile is left out.
    """
    exercise = document.exercise
    for item in document.sections:
        now = bench.current()
        if exercise is None or now.exercise is None or now.exercise.key != exercise.key:
            raise OutdatedWorkError("The session has another exercise by now, so the rest was left as it is.")
        if any(each.section.id == item.section.id for each in now.sections):
            _revision(now, item.section.id, action, bench)


def _travel(document: Document, bench: Bench) -> Document:
    material = material_of(document)
    sample = steps.assemble_sample(material, [item.section for item in document.sections])
    basis = travel_basis(document)
    own = document.own_post.post if document.own_post else None
    travel = steps.write_travel(material, sample, _desk(document, "travel", bench), own_post=own)
    for origin in (travel.post.origin, travel.bullets.origin, travel.talking_points.origin):
        _count(origin, bench)
    event = TravelDrafted(travel=travel, basis=basis, kept_post=post_digest(document))
    return _put(Put(event, "travel", text=travel.post.text), bench)


def _packet(document: Document, bench: Bench, *, again: bool = False) -> Document:
    document = _sections(_with_exercise(document, bench), bench, again=again)
    if document.travel is None or (again and _fell_back(document.travel)):
        document = _travel(document, bench)
    role, exercise, travel = document.role, document.exercise, document.travel
    if role is None or exercise is None or travel is None:
        raise OutdatedWorkError("The session was changed while its packet was being made. Ask for the packet again.")
    material = material_of(document)
    sample = steps.assemble_sample(material, [item.section for item in document.sections])
    basis = packet_basis(document)
    packet = steps.finish(
        brief_of(document),
        role.choice,
        material,
        sample,
        travel,
        bench.workshop,
        (*document.notices, *exercise.notices),
        cancel=bench.cancel,
        on_event=_listener("review", bench),
    )
    _count(packet.review.origin, bench)
    return _put(Put(PacketFinished(packet=packet, basis=basis), "packet"), bench)


def _fell_back(travel: Travel) -> bool:
    return any(origin.fell_back for origin in (travel.post.origin, travel.bullets.origin, travel.talking_points.origin))


def _put(put: Put, bench: Bench) -> Document:
    document = bench.put(put)
    if document is None:
        raise OutdatedWorkError(
            "The session was changed while this was being made, so it was not put in. Ask for it again."
        )
    return document


def _desk(document: Document, part: str, bench: Bench) -> Desk:
    challenge = material_of(document).challenge
    return steps.open_desk(brief_of(document), bench.workshop, challenge, bench.cancel, _listener(part, bench))


def _listener(part: str, bench: Bench) -> OnDraftEvent:
    """Return what takes the desk's events; without a model nobody else looks at the stop signal."""
    if bench.cancel.is_set():
        raise GenerationCancelledError("Stopped before this part was written; what was finished before is kept.")

    def listen(event: DraftEvent) -> None:
        bench.observe(event)
        bench.tell(as_body(event, part))

    return listen


def _count(origin: Origin, bench: Bench) -> None:
    bench.spent(attempts_of(origin.tried), origin.completion_tokens)
