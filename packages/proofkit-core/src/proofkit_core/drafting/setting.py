"""Asks a model to invent the setting of an exercise."""

from typing import Any

from proofkit_core.brief import Brief
from proofkit_core.drafting.asking import draft_json
from proofkit_core.drafting.desk import Desk, Draft
from proofkit_core.drafting.fields import setting_fields
from proofkit_core.integrity import Carrier
from proofkit_core.samples.records import SampleType

SETTING_PARTS = ("setting", "constraint", "decision", "stakes")
"""Parts of an invented setting, in the order of the contract."""


def setting_draft(brief: Brief, sample: SampleType, desk: Desk) -> Draft:
    """Ask the model for a setting and check its answer; the value is a dictionary of the parts.

    Args:
        brief: The person's brief.
        sample: The type of work sample.
        desk: The model's desk. Its facts hold no exercise yet.
    """

    def texts_of(value: dict[str, Any]) -> list[str]:
        return [value[part] for part in SETTING_PARTS]

    def rebuild(texts: list[str]) -> dict[str, str]:
        return dict(zip(SETTING_PARTS, texts, strict=True))

    return draft_json(
        desk, "scenario", setting_fields(brief, sample), carrier=Carrier.SECTION, texts_of=texts_of, rebuild=rebuild
    )
