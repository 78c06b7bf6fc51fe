"""What a training run says about itself in run.json, as far as an artifact needs it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from proofkit_train.artifact.adapter import Adapter
from proofkit_train.artifact.provenance import Provenance, read_config
from proofkit_train.base.source import BaseSource
from proofkit_train.base.tokenizer import open_tokenizer
from proofkit_train.errors import ModelFileError

__all__ = ["RUN_FILE", "RunRecord", "find_provenance", "read_run"]

RUN_FILE = "run.json"


class _Identity(BaseModel, frozen=True, extra="ignore"):
    recipe: str
    tokenizer: str


class _Base(BaseModel, frozen=True, extra="ignore"):
    kind: Literal["embedded", "gguf", "folder", "hub"]
    name: str
    revision: str = ""
    digest: str


class _Contract(BaseModel, frozen=True, extra="ignore"):
    version: str
    digest: str
    tasks: Mapping[str, str]


class _Data(BaseModel, frozen=True, extra="ignore"):
    digest: str
    rows: int
    by_hand: int = 0


class RunRecord(BaseModel, frozen=True, extra="ignore"):
    """The report of a finished run; what it says beyond this is of no concern here."""

    run: str
    identity: _Identity
    base: _Base
    contract: _Contract
    data: _Data
    adapter_digest: str
    recipe: Mapping[str, Any]
    published_step: int = 0
    steps: int = 0
    trained_parameters: int = 0
    train_loss: float | None = None
    validation_loss: float | None = None
    seconds: float = 0.0
    tokens: int = 0
    versions: Mapping[str, str] = {}

    def provenance(self) -> Provenance:
        """Return the keys that go into the files."""
        return Provenance(
            contract_version=self.contract.version,
            contract_digest=self.contract.digest,
            task_digests=self.contract.tasks,
            data_digest=self.data.digest,
            recipe_digest=self.identity.recipe,
            base_digest=self.base.digest,
            base_name=self.base.name,
            run_digest=self.run,
            adapter_digest=self.adapter_digest,
        )


def read_run(folder: Path) -> RunRecord | None:
    """Return the report that lies in an adapter's folder or beside it; None where there is none.

    Raises:
        ModelFileError: It cannot be read.
    """
    path = next((place for place in (folder / RUN_FILE, folder.parent / RUN_FILE) if place.is_file()), None)
    if path is None:
        return None
    try:
        return RunRecord.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        detail = error.errors()[0] if isinstance(error, ValidationError) else error
        raise ModelFileError(
            f"The report {str(path)!r} could not be read: {detail}. Expected what `proofkit-train sft` writes at the "
            f"end of a run. Train it again."
        ) from error


def find_provenance(adapter: Adapter, run: RunRecord | None, source: BaseSource) -> Provenance:
    """Return what an adapter was made from, and refuse one that does not belong to a base.

    Args:
        adapter: The adapter.
        run: The report of its run, if there is one.
        source: The base that it is to be used with.

    Raises:
        ModelFileError: Nothing says what the adapter was made from, or it was made from something else.
        BaseError: The base's tokenizer cannot be used.
    """
    found = run.provenance() if run else read_config(adapter.folder)
    if found is None:
        raise ModelFileError(
            f"Nothing says what the adapter in {str(adapter.folder)!r} was made from. Expected {RUN_FILE} in its "
            f"folder or beside it, as `proofkit-train sft` writes it. Name the folder inside the run."
        )
    if found.adapter_digest != adapter.digest:
        raise ModelFileError(
            f"The adapter in {str(adapter.folder)!r} has the digest {adapter.digest[:12]}; its report speaks of "
            f"{found.adapter_digest[:12]}. Expected the adapter of that run. Copy both from one run."
        )
    if run and run.identity.tokenizer != (digest := open_tokenizer(source).digest):
        raise ModelFileError(
            f"The adapter was trained with the tokenizer {run.identity.tokenizer[:12]} of {run.base.name!r}; the base "
            f"{source.name!r} has the tokenizer {digest[:12]}. Expected the same. Name the base of the run with --base."
        )
    if found.base_digest != source.digest:
        raise ModelFileError(
            f"The adapter was trained on {found.base_name!r} with the digest {found.base_digest[:12]}; the base "
            f"{source.name!r} has {source.digest[:12]}. Expected the very weights. Name the run's base with --base."
        )
    return found
