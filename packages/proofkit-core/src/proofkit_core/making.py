"""The main job: a brief in, a packet out. Everything it needs from outside is a parameter."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.challenge.setting import set_challenge
from proofkit_core.cleaning import looks_private
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material, gather_material
from proofkit_core.composer.sections import compose_sections
from proofkit_core.drafting.carriers import add_remarks, draft_bullets, draft_post, draft_talking_points
from proofkit_core.drafting.desk import Desk, typed_text
from proofkit_core.drafting.profile import draft_profile
from proofkit_core.drafting.sections import draft_sections
from proofkit_core.errors import GenerationCancelledError
from proofkit_core.generation import CancelSignal, Embedder, TextGenerator
from proofkit_core.integrity import FactLedger, fact_ledger
from proofkit_core.ledger import Pieces, trace_packet, who_wrote
from proofkit_core.packet import (
    SAMPLE_DISCLOSURE,
    Bullets,
    Fallback,
    FallbackReason,
    MadeWith,
    Packet,
    Post,
    RoleChoice,
    TalkingPoints,
    WorkSample,
)
from proofkit_core.policing import police_carriers, police_sample
from proofkit_core.provenance import digest_of
from proofkit_core.readiness import review_readiness
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.sample_choice import choose_sample
from proofkit_core.roles.synthesis import choose_role
from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.seeds import draw_digest
from proofkit_prompts import Contract

NO_MODEL = Fallback(reason=FallbackReason.NO_MODEL, message="no model was asked")
"""The reason given where the person chose to work without a model."""


class Stage(StrEnum):
    """What the program is doing, in words for the person."""

    MATCH = "Finding the role"
    CHALLENGE = "Setting the challenge"
    SECTIONS = "Writing the work sample"
    TRAVEL = "Writing post, bullets and talking points"
    REVIEW = "Reviewing"


class Progress(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One step forward."""

    stage: Stage
    detail: str = ""
    done: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What making a packet needs besides the brief."""

    contract: Contract
    index: RoleIndex
    product_version: str
    generator: TextGenerator | None = None
    why_no_model: Fallback = NO_MODEL
    """Told in the packet where `generator` is None."""
    embedder: Embedder | None = None
    time_limit_s: float = 45.0
    """Seconds a model may take for one answer."""


def make_packet(
    brief: Brief,
    workshop: Workshop,
    *,
    seed: int = 0,
    notices: tuple[str, ...] = (),
    cancel: CancelSignal | None = None,
    on_progress: OnProgress = lambda _: None,
) -> Packet:
    """Make a packet. The same brief, seed and model give the same packet.

    Args:
        brief: What the person typed.
        workshop: Contract, index, model.
        seed: Another seed gives another company and other wording.
        notices: What was changed in the input, to be told.
        cancel: Set to stop; nothing is returned then.
        on_progress: Called at each step.

    Raises:
        GenerationCancelledError: `cancel` was set.
        ExportRefusedError: Something the person typed would make the packet break the integrity policy.
    """
    on_progress = _stopping(on_progress, cancel)
    on_progress(Progress(stage=Stage.MATCH, detail=brief.target_role))
    entry, choice = _find_role(brief, workshop, cancel)
    material, sample_notices = _set_challenge(brief, entry, seed)
    on_progress(Progress(stage=Stage.CHALLENGE, detail=material.challenge.company))
    facts = fact_ledger(brief, material.challenge)
    desk = _desk(brief, workshop, facts, cancel)
    deck = FrameDeck(material.brief_digest, seed)
    sample = police_sample(_write_sample(material, deck, desk, on_progress), facts)
    post, bullets, talking_points = police_carriers(*_write_carriers(material, sample, deck, desk, on_progress), facts)
    on_progress(Progress(stage=Stage.REVIEW))
    # After the last edit: what is traced and counted here is what the exports show.
    finished = Pieces(brief, material.challenge, sample, post, bullets, talking_points)
    ledger = trace_packet(finished)
    review = add_remarks(review_readiness(material, sample, ledger), material, sample, desk)
    return Packet(
        brief=brief,
        notices=(*notices, *sample_notices, *_private_notices(brief)),
        role=choice,
        challenge=material.challenge,
        sample=sample,
        post=post,
        bullets=bullets,
        talking_points=talking_points,
        review=review,
        ledger=ledger,
        who_wrote=who_wrote(finished),
        made_with=_made_with(workshop, material),
    )


def _stopping(on_progress: OnProgress, cancel: CancelSignal | None) -> OnProgress:
    """Look at `cancel` at each step too: without a model, nobody else does."""

    def told(progress: Progress) -> None:
        if cancel is not None and cancel.is_set():
            raise GenerationCancelledError("Stopped before the packet was finished; nothing was written.")
        on_progress(progress)

    return told


def _find_role(brief: Brief, workshop: Workshop, cancel: CancelSignal | None) -> tuple[CatalogueRole, RoleChoice]:
    entry, choice = choose_role(brief, workshop.index, embedder=workshop.embedder)
    if choice.covered or workshop.generator is None:
        return entry, choice
    # The profile is about the occupation, so no scenario exists yet and none of its facts can be claimed.
    desk = _desk(brief, workshop, FactLedger(user_facts=(), scenario_facts=(), company="", consent=()), cancel)
    profile = draft_profile(brief, desk)
    return (
        choose_role(brief, workshop.index, embedder=workshop.embedder, profile=profile) if profile else (entry, choice)
    )


def _set_challenge(brief: Brief, entry: CatalogueRole, seed: int) -> tuple[Material, tuple[str, ...]]:
    brief_digest = draw_digest(brief)
    picked = choose_sample(brief.preferred_sample, entry.role, load_sample_types())
    challenge = set_challenge(brief, entry.role.scenarios, role_title=entry.role.title, seed=seed)
    material = gather_material(
        brief, brief_digest=brief_digest, seed=seed, role=entry.role, sample=picked.sample, challenge=challenge
    )
    return material, picked.notices


def _desk(brief: Brief, workshop: Workshop, facts: FactLedger, cancel: CancelSignal | None) -> Desk:
    return Desk(
        contract=workshop.contract,
        generator=workshop.generator,
        facts=facts,
        typed=typed_text(brief),
        why_no_model=workshop.why_no_model,
        time_limit_s=workshop.time_limit_s,
        cancel=cancel,
    )


def _write_sample(material: Material, deck: FrameDeck, desk: Desk, on_progress: OnProgress) -> WorkSample:
    def told(number: int, total: int, title: str) -> None:
        on_progress(Progress(stage=Stage.SECTIONS, detail=title, done=number - 1, total=total))

    company = material.challenge.company
    sections = draft_sections(material, compose_sections(material, deck), desk, told)
    return WorkSample(
        title=f"{material.sample.title}: {material.challenge.project} at {company}",
        sample_type=material.sample.id,
        sample_title=material.sample.title,
        reader=material.sample.reader,
        disclosure=SAMPLE_DISCLOSURE.format(company=company),
        sections=sections,
    )


def _write_carriers(
    material: Material, sample: WorkSample, deck: FrameDeck, desk: Desk, on_progress: OnProgress
) -> tuple[Post, Bullets, TalkingPoints]:
    on_progress(Progress(stage=Stage.TRAVEL, detail="LinkedIn post", done=0, total=3))
    post = draft_post(material, sample, deck, desk)
    on_progress(Progress(stage=Stage.TRAVEL, detail="résumé bullets", done=1, total=3))
    bullets = draft_bullets(material, sample, deck, desk)
    on_progress(Progress(stage=Stage.TRAVEL, detail="talking points", done=2, total=3))
    return post, bullets, draft_talking_points(material, sample, deck, desk)


def _private_notices(brief: Brief) -> tuple[str, ...]:
    texts = [*brief.notes, *brief.answers.values()]
    return tuple(
        f"This point looks as if it held somebody's private data; it stands in the work sample, so check it: “{text}”."
        for text in texts
        if looks_private(text)
    )


def _made_with(workshop: Workshop, material: Material) -> MadeWith:
    config = {"seed": material.seed, "time_limit_s": workshop.time_limit_s, "sample": material.sample.id}
    return MadeWith(
        product_version=workshop.product_version,
        seed=material.seed,
        brief_digest=digest_of(material.brief),
        catalogue_digest=workshop.index.digest,
        contract=workshop.contract.version,
        contract_digest=workshop.contract.digest,
        model=workshop.generator.identity if workshop.generator else None,
        config_digest=digest_of(config),
    )
