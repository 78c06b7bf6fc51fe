"""What the doctor found: a record with a digest, and a table to read."""

import hashlib
import json
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from proofkit_core.generation import ModelIdentity, PromptKind
from proofkit_serve.backends.local import MemoryUse
from proofkit_serve.registry import BackendName

__all__ = ["CapabilityReport", "Check", "CheckName", "ModelReport", "Outcome", "report_json", "report_table"]

REPORT_SCHEMA = "proofkit.capabilities/1"
CheckName = Literal["contract", "open", "reachable", "template", "answer", "schema", "cancel"]


class Outcome(StrEnum):
    """What came of one check."""

    OK = "ok"
    PARTLY = "partly"
    """Works, with something to know."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Does not apply, or an earlier check failed."""


class Check(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One thing that was tried."""

    name: CheckName
    outcome: Outcome
    told: str
    """One sentence."""
    seconds: float = 0.0


class ModelReport(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What one model does."""

    id: str
    name: str
    backend: BackendName
    prompts: PromptKind
    usable: bool
    """Whether it may be asked, and answers."""
    mark: str = ""
    """Why its answers are marked."""
    identity: ModelIdentity | None = None
    checks: tuple[Check, ...] = ()
    first_token_s: float | None = None
    tokens_per_s: float | None = None
    schema_enforced: bool | None = None
    cancel_s: float | None = None
    memory: MemoryUse | None = None


class CapabilityReport(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What all models of a service do, on one machine at one time."""

    schema_id: str = Field(default=REPORT_SCHEMA, alias="schema", serialization_alias="schema")
    product_version: str
    contract: str
    contract_digest: str
    made_at: str
    machine: str
    models: tuple[ModelReport, ...]

    @property
    def usable(self) -> bool:
        """Say whether each model can be used."""
        return all(model.usable for model in self.models)


def report_json(report: CapabilityReport) -> str:
    """Return the report as JSON, with the SHA-256 of all the rest as `digest`."""
    data = report.model_dump(mode="json", by_alias=True)
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    data["digest"] = hashlib.sha256(canonical.encode()).hexdigest()
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def report_table(report: CapabilityReport) -> str:
    """Return the report as a table, and below it a sentence for each thing that is not as it should be."""
    rows = [("MODEL", "BACKEND", "USABLE", "FIRST TOKEN", "TOKENS/S", "SCHEMA", "CANCEL")]
    rows += [_row(model) for model in report.models]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    told = [line for model in report.models for line in _remarks(model)]
    return "\n".join([*lines, *([""] if told else []), *told]) + "\n"


def _row(model: ModelReport) -> tuple[str, ...]:
    template = model.backend is BackendName.TEMPLATE
    schema = {None: "-", True: "enforced", False: "no"}[model.schema_enforced]
    return (
        model.id,
        model.backend.value,
        "yes" if model.usable else "NO",
        "-" if model.first_token_s is None else f"{model.first_token_s:.2f} s",
        "-" if model.tokens_per_s is None else f"{model.tokens_per_s:.0f}",
        "always" if template else schema,
        "-" if model.cancel_s is None else f"{model.cancel_s * 1000:.0f} ms",
    )


def _remarks(model: ModelReport) -> list[str]:
    telling = {Outcome.PARTLY, Outcome.FAILED}
    told = [f"{model.id}: {check.told}" for check in model.checks if check.outcome in telling]
    return [*([f"{model.id}: marked in every answer: {model.mark}."] if model.mark else []), *told]
