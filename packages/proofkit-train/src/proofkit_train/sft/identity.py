"""Run identity: one digest over everything that decides what a run learns."""

from collections.abc import Sequence

from pydantic import BaseModel

from proofkit_core.provenance import digest_of
from proofkit_train.errors import CheckpointError

__all__ = ["RunIdentity", "differing_fields", "require_same"]


class RunIdentity(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a run is made of, as digests."""

    contract: str
    rows: str
    """Over the tokens of the rows that are trained on, in their order."""
    validation: str
    """Over the tokens of the rows that choose the best checkpoint."""
    tokenizer: str
    template: str
    """Digest of the contract's chat template."""
    recipe: str
    lane: str
    """Digest over the imported versions."""
    base: str

    @property
    def digest(self) -> str:
        """Return the one digest that names the run."""
        return digest_of(self.model_dump(mode="json"))


def differing_fields(one: RunIdentity, other: RunIdentity) -> Sequence[str]:
    """Return the names of the fields in which two runs differ."""
    return [name for name in RunIdentity.model_fields if getattr(one, name) != getattr(other, name)]


def require_same(found: RunIdentity, expected: RunIdentity, where: str) -> None:
    """Refuse what belongs to another run.

    Args:
        found: The identity that lies beside a checkpoint or in a run folder.
        expected: The identity of this run.
        where: The checkpoint or folder.

    Raises:
        CheckpointError: They differ; the message names the fields.
    """
    if fields := differing_fields(found, expected):
        raise CheckpointError(
            f"{where!r} belongs to run {found.digest[:12]}, which differs from this run {expected.digest[:12]} in: "
            f"{', '.join(fields)}. Expected a checkpoint of this very run. Start without it, or go back to the "
            f"{' and '.join(fields)} that it was made with."
        )
