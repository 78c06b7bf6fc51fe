"""The frozen questions that a model answers before it is published."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from proofkit_core.integrity import Carrier, Fact, FactLedger
from proofkit_prompts.digest import sha256
from proofkit_train.errors import TrainError

__all__ = ["Probe", "ProbeSet", "Thresholds", "load_probes"]

_CARRIERS = {
    "linkedin_post": Carrier.POST,
    "resume_bullets": Carrier.BULLET,
    "talking_points": Carrier.TALKING_POINT,
}
"""What kind of text a task writes; the others write sections, or remarks that are checked like them."""
_PERSON = ("background", "skills", "weak_spots", "notes", "answers")
_EXERCISE = ("setting", "facts", "decision", "draft")


class Thresholds(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Least share of the probes that must pass each check."""

    ended: float = Field(ge=0, le=1)
    form: float = Field(ge=0, le=1)
    integrity: float = Field(ge=0, le=1)
    disclosure: float = Field(ge=0, le=1)
    channel: float = Field(ge=0, le=1)
    script: float = Field(ge=0, le=1)
    anchors: float = Field(ge=0, le=1)
    anchors_again: float = Field(ge=0, le=1)
    base: float = Field(ge=0, le=1)
    previous: float = Field(ge=0, le=1)


class Probe(BaseModel, frozen=True, extra="forbid"):
    """One question."""

    id: str
    task: str
    keep: tuple[str, ...]
    """What must stand in the answer, in its words."""
    fields: Mapping[str, str | tuple[str, ...]]

    @property
    def carrier(self) -> Carrier:
        """Return what kind of text the answer is."""
        return _CARRIERS.get(self.task, Carrier.SECTION)

    @property
    def typed(self) -> str:
        """Return all texts of the prompt, a line each."""
        return "\n".join(text for key in self.fields for text in self._texts(key))

    def ledger(self) -> FactLedger:
        """Return what the answer's statements may rest on."""
        company = next(iter(self._texts("company")), "")
        return FactLedger(
            user_facts=self._facts(_PERSON),
            scenario_facts=self._facts(_EXERCISE),
            company=company.partition(",")[0],
            consent=(),
        )

    def _facts(self, keys: tuple[str, ...]) -> tuple[Fact, ...]:
        return tuple(Fact(ref=key, text=text) for key in keys for text in self._texts(key))

    def _texts(self, key: str) -> tuple[str, ...]:
        found = self.fields.get(key, ())
        return (found,) if isinstance(found, str) else found


class ProbeSet(BaseModel, frozen=True, extra="forbid"):
    """All questions, and what the answers must reach."""

    thresholds: Thresholds
    probe: tuple[Probe, ...] = Field(min_length=1)
    digest: str = ""
    """SHA-256 (hex) of the file."""


def load_probes(path: Path | None = None) -> ProbeSet:
    """Read the probes.

    Args:
        path: A TOML file; without it, the probes that come with this package.

    Raises:
        TrainError: The file cannot be read or has another form.
    """
    try:
        raw = path.read_bytes() if path else files("proofkit_train.artifact").joinpath("probes.toml").read_bytes()
        found = ProbeSet.model_validate({**tomllib.loads(raw.decode()), "digest": sha256(raw)})
    except (OSError, ValueError) as error:
        detail = error.errors()[0] if isinstance(error, ValidationError) else error
        raise TrainError(
            f"The probes {str(path or 'probes.toml')!r} could not be read: {detail}. Expected a TOML file with "
            f"[thresholds] and [[probe]] tables. Correct the file, or leave it out to use the probes of this package."
        ) from error
    return found
