"""The first steps: the role, the exercise, and the desk at which models are asked."""

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import fill_scenario
from proofkit_core.challenge.editing import ChallengeChanges, edit_challenge
from proofkit_core.challenge.facts import Challenge
from proofkit_core.challenge.setting import set_challenge
from proofkit_core.composer.material import Material, gather_material
from proofkit_core.drafting.citations import check_cited
from proofkit_core.drafting.desk import Desk, typed_text
from proofkit_core.drafting.events import OnDraftEvent
from proofkit_core.drafting.profile import profile_draft
from proofkit_core.errors import InputError
from proofkit_core.generation import CancelSignal
from proofkit_core.integrity import FactLedger, fact_ledger
from proofkit_core.roles.catalog import CatalogueRole
from proofkit_core.roles.sample_choice import choose_sample
from proofkit_core.roles.synthesis import ChosenRole, choose_role
from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.seeds import draw_digest
from proofkit_core.workshop import Workshop

_NOTHING = FactLedger(user_facts=(), scenario_facts=(), company="", consent=())


class Exercise(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the work sample is written from."""

    material: Material
    notices: tuple[str, ...] = ()
    """What the person should know about it, in plain sentences."""


def find_role(
    brief: Brief, workshop: Workshop, cancel: CancelSignal | None = None, on_event: OnDraftEvent | None = None
) -> ChosenRole:
    """Return the role that a brief means; a model may describe one that the catalogue lacks.

    Args:
        brief: What the person typed.
        workshop: Contract, index, models.
        cancel: Set to stop.
        on_event: Told what happens while a model is asked.

    Raises:
        GenerationCancelledError: `cancel` was set.
    """
    chosen = choose_role(brief, workshop.index, embedder=workshop.embedder)
    if chosen.choice.covered or not workshop.candidates:
        return chosen
    # The profile is about the occupation, so no scenario exists yet and none of its facts can be claimed.
    draft = profile_draft(brief, open_desk(brief, workshop, None, cancel, on_event))
    return choose_role(brief, workshop.index, embedder=workshop.embedder, profile=draft.value, origin=draft.origin)


def set_exercise(brief: Brief, entry: CatalogueRole, *, seed: int) -> Exercise:
    """Return the exercise of a brief; the same brief, role and seed always get the same.

    Args:
        brief: What the person typed.
        entry: The role that was found for it.
        seed: Another one gives another company and other wording.
    """
    brief_digest = draw_digest(brief)
    picked = choose_sample(brief.preferred_sample, entry.role, load_sample_types())
    challenge = set_challenge(brief, entry.role.scenarios, role_title=entry.role.title, seed=seed)
    material = gather_material(
        brief, brief_digest=brief_digest, seed=seed, role=entry.role, sample=picked.sample, challenge=challenge
    )
    return Exercise(material=material, notices=picked.notices)


def with_brief(material: Material, brief: Brief) -> Material:
    """Return the same exercise for a brief with other notes or answers: company, numbers and wording stay.

    Args:
        material: The exercise so far.
        brief: What the person typed by now.
    """
    return gather_material(
        brief,
        brief_digest=material.brief_digest,
        seed=material.seed,
        role=material.role,
        sample=material.sample,
        challenge=material.challenge,
    )


def edit_exercise(material: Material, changes: ChallengeChanges) -> Material:
    """Return the exercise with a person's changes, wherever its texts tell of them.

    Args:
        material: The exercise so far.
        changes: What the person wants to be different.

    Raises:
        InputError: A change does not fit the exercise; its sentence says which.
    """
    challenge = material.challenge
    scenario = next((each for each in material.role.scenarios if each.id == challenge.scenario_id), None)
    if scenario is None:
        raise InputError(
            f"Got an exercise of the scenario {challenge.scenario_id!r}, which the role {material.role.title!r} lacks. "
            "Expected an exercise as ProofKit set it. Set it again."
        )
    edited = edit_challenge(
        challenge, changes, scenario=scenario, role_title=material.role.title, typed=typed_text(material.brief)
    )
    _check_citations(challenge, edited, fill_scenario(scenario, edited.company, material.role.title, edited.facts))
    return material.model_copy(update={"challenge": edited})


def _check_citations(before: Challenge, after: Challenge, drawn: Challenge) -> None:
    """Refuse what the person wrote where it gives a cited fact the number of another one, or the one it had before."""
    own = [name for name in ("situation", "decision") if getattr(after, name) != getattr(drawn, name)]
    gone = (fact.model_copy(update={"id": ""}) for fact in before.facts if fact not in after.facts)
    problem = check_cited("\n".join(getattr(after, name) for name in own), (*after.facts, *gone))
    if problem:
        raise InputError(
            f"The exercise would contradict itself: {problem.detail}, which says something else. Expected each number "
            "beside the fact that holds it. Change the number, the mark or the fact."
        )


def open_desk(
    brief: Brief,
    workshop: Workshop,
    challenge: Challenge | None,
    cancel: CancelSignal | None = None,
    on_event: OnDraftEvent | None = None,
) -> Desk:
    """Return the desk at which models are asked.

    Args:
        brief: What the person typed.
        workshop: Contract, models, time limit.
        challenge: The exercise; None before there is one.
        cancel: Set to stop.
        on_event: Told what happens while a model is asked.
    """
    return Desk(
        contract=workshop.contract,
        candidates=workshop.candidates,
        facts=fact_ledger(brief, challenge) if challenge else _NOTHING,
        typed=typed_text(brief),
        why_no_model=workshop.why_no_model,
        time_limit_s=workshop.time_limit_s,
        cancel=cancel,
        on_event=on_event,
    )
