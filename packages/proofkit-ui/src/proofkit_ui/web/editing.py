"""Puts what a person typed into the challenge, field by field, so that each refusal stands at its field."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from proofkit_core import steps
from proofkit_core.challenge.editing import ChallengeChanges
from proofkit_core.challenge.facts import Challenge
from proofkit_core.composer.material import Material
from proofkit_core.errors import InputError
from proofkit_ui.web.views.challenge import challenge_texts

__all__ = ["Edited", "edit"]


class Edited(NamedTuple):
    """What came of the changes."""

    challenge: Challenge
    problems: dict[str, str]
    """Why a change was refused, by field; then nothing is to be changed."""


def edit(material: Material, typed: Mapping[str, str]) -> Edited:
    """Return the challenge with what was typed.

    Args:
        material: The exercise so far.
        typed: Fields that differ from it; facts by their ids in small letters.
    """
    before, problems = material.challenge, dict[str, str]()
    facts = [name for name in typed if name not in {"company", "situation", "decision"}]
    for name in ("company", *facts, "situation", "decision"):
        text = typed.get(name)
        # A change of the company or of a fact has gone into the other texts already: those may match by now.
        if text is None or text == challenge_texts(material.challenge).get(name):
            continue
        if name in {"situation", "decision"}:
            text = text.replace(before.company, material.challenge.company)
        try:
            material = steps.edit_exercise(material, _change(name, text))
        except InputError as error:
            problems[name] = str(error)
        except ValidationError as error:
            problems[name] = str(error.errors()[0]["msg"])
    return Edited(material.challenge, problems)


def _change(name: str, text: str) -> ChallengeChanges:
    if name in {"company", "situation", "decision"}:
        return ChallengeChanges.model_validate({name: text})
    return ChallengeChanges(facts={name.upper(): text})
