"""Asks a model to describe a role that the catalogue lacks."""

from typing import Any

from proofkit_core.brief import Brief
from proofkit_core.drafting.asking import draft_json
from proofkit_core.drafting.desk import Desk, Draft
from proofkit_core.drafting.fields import profile_fields
from proofkit_core.integrity import Carrier


def profile_draft(brief: Brief, desk: Desk) -> Draft:
    """Ask the model to describe the role and check its answer; the value is a dictionary of the profile's parts.

    Args:
        brief: The person's brief.
        desk: The model's desk. Its facts hold no exercise yet.
    """
    names = ("decisions", "constraints", "vocabulary", "work_samples")
    shape: dict[str, int] = {}

    def texts_of(value: dict[str, Any]) -> list[str]:
        shape.update({name: len(value[name]) for name in names})
        return [value["summary"], *(text for name in names for text in value[name])]

    def rebuild(texts: list[str]) -> dict[str, Any]:
        profile: dict[str, Any] = {"summary": texts[0]}
        start = 1
        for name in names:
            profile[name] = texts[start : start + shape[name]]
            start += shape[name]
        return profile

    return draft_json(
        desk,
        "role_profile",
        profile_fields(brief, ""),
        carrier=Carrier.SECTION,
        texts_of=texts_of,
        rebuild=rebuild,
        sentences=False,
    )
