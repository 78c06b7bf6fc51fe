"""The last steps: the document, what travels with it, and the packet."""

from collections.abc import Callable, Iterable

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import draw_challenge, fill_scenario
from proofkit_core.cleaning import looks_private
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material
from proofkit_core.drafting.carriers import add_remarks, draft_bullets, draft_post, draft_talking_points
from proofkit_core.drafting.desk import Desk
from proofkit_core.drafting.events import OnDraftEvent
from proofkit_core.errors import InputError
from proofkit_core.generation import CancelSignal, ModelIdentity
from proofkit_core.ledger import Pieces, trace_packet, who_wrote
from proofkit_core.packet import (
    SAMPLE_DISCLOSURE,
    Bullets,
    MadeWith,
    Origin,
    Packet,
    Post,
    Review,
    RoleChoice,
    Section,
    TalkingPoints,
    WorkSample,
)
from proofkit_core.policing import police_carriers
from proofkit_core.provenance import digest_of
from proofkit_core.readiness import review_readiness
from proofkit_core.steps.opening import open_desk
from proofkit_core.steps.posting import keep_post
from proofkit_core.wording import listed
from proofkit_core.workshop import Workshop


class Travel(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What travels with the work sample."""

    post: Post
    bullets: Bullets
    talking_points: TalkingPoints


OnPart = Callable[[int, str], None]
"""Called before each of the three parts with its number, from 0, and its name."""


def assemble_sample(material: Material, sections: Iterable[Section]) -> WorkSample:
    """Return the document.

    Args:
        material: What it was written from.
        sections: Its sections, in any order.

    Raises:
        InputError: A section is missing, or one is not of this sample.
    """
    given = {section.id: section for section in sections}
    wanted = [record.id for record in material.sample.sections]
    if set(given) != set(wanted):
        raise InputError(
            f"Got the sections {', '.join(given) or 'none'}; {material.sample.title} has {', '.join(wanted)}. "
            "Write the missing ones first."
        )
    company = material.challenge.company
    return WorkSample(
        title=f"{material.sample.title}: {material.challenge.project} at {company}",
        sample_type=material.sample.id,
        sample_title=material.sample.title,
        reader=material.sample.reader,
        disclosure=SAMPLE_DISCLOSURE.format(company=company),
        sections=tuple(given[section_id] for section_id in wanted),
    )


def write_travel(
    material: Material,
    sample: WorkSample,
    desk: Desk,
    *,
    own_post: Post | None = None,
    on_part: OnPart = lambda _number, _name: None,
) -> Travel:
    """Return post, bullets and talking points for a document, with the integrity rules applied.

    Args:
        material: What the document was written from.
        sample: The document.
        desk: Where models are asked.
        own_post: The post as the person changed it, which no draft replaces; the rules look at it once more.
        on_part: Called before each of the three.

    Raises:
        GenerationCancelledError: The person stopped the run.
        ExportRefusedError: Something the person typed would make one break the integrity policy.
    """
    deck = FrameDeck(material.brief_digest, material.seed)
    on_part(0, "LinkedIn post")
    post = keep_post(material, own_post) if own_post else draft_post(material, sample, deck, desk)
    on_part(1, "résumé bullets")
    bullets = draft_bullets(material, sample, deck, desk)
    on_part(2, "talking points")
    talking_points = draft_talking_points(material, sample, deck, desk)
    post, bullets, talking_points = police_carriers(post, bullets, talking_points, desk.facts)
    return Travel(post=post, bullets=bullets, talking_points=talking_points)


def finish(  # noqa: PLR0913, PLR0917 - the sum of the steps before, each under its name
    brief: Brief,
    role_choice: RoleChoice,
    material: Material,
    sample: WorkSample,
    travel: Travel,
    workshop: Workshop,
    notices: tuple[str, ...] = (),
    *,
    cancel: CancelSignal | None = None,
    on_event: OnDraftEvent | None = None,
) -> Packet:
    """Trace every statement, count who wrote what, review, and return the packet.

    Args:
        brief: What the person typed.
        role_choice: The role, and how it was found.
        material: What everything was written from.
        sample: The document.
        travel: What travels with it.
        workshop: Contract, index, models.
        notices: What was changed in the input, to be told.
        cancel: Set to stop.
        on_event: Told what happens while a model is asked for its remarks.

    Raises:
        GenerationCancelledError: `cancel` was set.
    """
    # After the last edit: what is traced and counted here is what the exports show.
    finished = Pieces(brief, material.challenge, sample, travel.post, travel.bullets, travel.talking_points)
    ledger = trace_packet(finished)
    desk = open_desk(brief, workshop, material.challenge, cancel, on_event)
    review = add_remarks(review_readiness(material, sample, ledger), material, sample, desk)
    return Packet(
        brief=brief,
        notices=(*notices, *_change_notices(material), *_private_notices(brief)),
        role=role_choice,
        challenge=material.challenge,
        sample=sample,
        post=travel.post,
        bullets=travel.bullets,
        talking_points=travel.talking_points,
        review=review,
        ledger=ledger,
        who_wrote=who_wrote(finished),
        made_with=_made_with(workshop, material, _asked(role_choice, sample, travel, review)),
    )


def _change_notices(material: Material) -> tuple[str, ...]:
    """Say what of the exercise is the person's own, so that nobody takes it for drawn."""
    told, role = material.challenge, material.role
    scenario = next((each for each in role.scenarios if each.id == told.scenario_id), None)
    if scenario is None:
        return ()
    drawn = draw_challenge(scenario, role_title=role.title, brief_digest=material.brief_digest, seed=material.seed)
    changed = ["the company"] if told.company != drawn.company else []
    pairs = zip(told.facts, drawn.facts, strict=True)
    changed += [f"fact {now.id}" for now, then in pairs if (now.value or now.text) != (then.value or then.text)]
    before = fill_scenario(scenario, told.company, role.title, told.facts)
    changed += [f"the {name}" for name in ("situation", "decision") if getattr(told, name) != getattr(before, name)]
    return (f"You changed the exercise: {listed(changed)}.",) if changed else ()


def _private_notices(brief: Brief) -> tuple[str, ...]:
    texts = [*brief.notes, *brief.answers.values()]
    return tuple(
        f"This point looks as if it held somebody's private data; it stands in the work sample, so check it: “{text}”."
        for text in texts
        if looks_private(text)
    )


def _made_with(workshop: Workshop, material: Material, asked: tuple[ModelIdentity, ...]) -> MadeWith:
    config = {"seed": material.seed, "time_limit_s": workshop.time_limit_s, "sample": material.sample.id}
    return MadeWith(
        product_version=workshop.product_version,
        seed=material.seed,
        brief_digest=digest_of(material.brief),
        catalogue_digest=workshop.index.digest,
        contract=workshop.contract.version,
        contract_digest=workshop.contract.digest,
        model=asked[0] if asked else None,
        config_digest=digest_of(config),
        others=asked[1:],
    )


def _asked(role: RoleChoice, sample: WorkSample, travel: Travel, review: Review) -> tuple[ModelIdentity, ...]:
    """Return the models that were asked for any part, in the order of the parts, whichever is chosen now."""
    origins = [role.origin] if role.origin else []
    for section in sample.sections:
        origins += [*(version.origin for version in section.earlier), section.origin]
    origins += [version.origin for version in travel.post.earlier]
    origins += [travel.post.origin, travel.bullets.origin, travel.talking_points.origin, review.origin]
    return tuple(dict.fromkeys(model for origin in origins for model in _models(origin)))


def _models(origin: Origin) -> list[ModelIdentity]:
    if origin.tried:
        return [tried.model for tried in origin.tried]
    return [origin.model] if origin.model else []  # of a packet from before each attempt was kept
