"""Builds again what a prompt was drawn from: the exercise, the composer's material, what a statement may rest on."""

from functools import cache

from proofkit_core.brief import Brief
from proofkit_core.challenge.draw import fill_scenario
from proofkit_core.challenge.facts import Challenge
from proofkit_core.composer.material import Material, gather_material
from proofkit_core.errors import DataError
from proofkit_core.integrity import FactLedger, fact_ledger
from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.samples.records import SampleType
from proofkit_core.seeds import draw_digest
from proofkit_eval.records import Prompt

__all__ = ["brief_of", "challenge_of", "ledger_of", "material_of"]

_NOTHING = FactLedger(user_facts=(), scenario_facts=(), company="", consent=())
"""What is known before there is an exercise; the app asks for a setting with this."""


def brief_of(prompt: Prompt, *, swap: bool = False) -> Brief:
    """Return what the person typed.

    Args:
        prompt: The prompt.
        swap: Of its counterfactual twin.

    Raises:
        DataError: It has no twin.
    """
    if not swap:
        return prompt.brief
    if prompt.swap is None:
        raise DataError(f"The prompt {prompt.id!r} has no counterfactual twin. Ask only those that have one.")
    return prompt.swap.brief


def challenge_of(prompt: Prompt) -> Challenge:
    """Return the exercise of a prompt, from the catalogue's texts and the prompt's own company and facts.

    Args:
        prompt: A prompt about an exercise.

    Raises:
        DataError: The catalogue has no such role or scenario any more, or its facts are others.
    """
    role = _role(prompt)
    scenario = next((each for each in role.role.scenarios if each.id == prompt.scene.scenario_id), None)
    if scenario is None or [fact.key for fact in scenario.facts] != [fact.key for fact in prompt.facts]:
        raise _gone(prompt, f"the scenario {prompt.scene.scenario_id!r} with its facts")
    return fill_scenario(scenario, prompt.company, role.role.title, prompt.facts)


def material_of(prompt: Prompt, *, swap: bool = False) -> Material:
    """Return what the composer writes from.

    Args:
        prompt: A prompt about an exercise.
        swap: Of its counterfactual twin.

    Raises:
        DataError: The catalogue has no such role, scenario or work sample any more, or there is no twin.
    """
    brief = brief_of(prompt, swap=swap)
    return gather_material(
        brief,
        brief_digest=draw_digest(brief),
        seed=prompt.scene.seed,
        role=_role(prompt).role,
        sample=_sample(prompt),
        challenge=challenge_of(prompt),
    )


def ledger_of(prompt: Prompt, *, swap: bool = False) -> FactLedger:
    """Return what a statement in an answer may rest on.

    Args:
        prompt: The prompt.
        swap: Of its counterfactual twin.

    Raises:
        DataError: The catalogue has no such role or scenario any more, or there is no twin.
    """
    brief = brief_of(prompt, swap=swap)
    return fact_ledger(brief, challenge_of(prompt)) if prompt.company else _NOTHING


@cache
def _roles() -> dict[str, CatalogueRole]:
    return {entry.role.id: entry for entry in load_catalogue()}


@cache
def _samples() -> dict[str, SampleType]:
    return {sample.id: sample for sample in load_sample_types()}


def _role(prompt: Prompt) -> CatalogueRole:
    role = _roles().get(prompt.scene.role_id)
    if role is None:
        raise _gone(prompt, f"the role {prompt.scene.role_id!r}")
    return role


def _sample(prompt: Prompt) -> SampleType:
    sample = _samples().get(prompt.artifact)
    if sample is None:
        raise _gone(prompt, f"the work sample {prompt.artifact!r}")
    return sample


def _gone(prompt: Prompt, what: str) -> DataError:
    return DataError(
        f"The prompt {prompt.id!r} needs {what}, which the catalogue no longer holds. Expected the catalogue that the "
        "set was drawn from: use that version of the program, or publish a new set with `scripts/held_out.py`."
    )
