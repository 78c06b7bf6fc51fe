"""The manifest of a run: what it is, beside everything that comes of it. It stays in the run's folder."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from proofkit_core.errors import InputError
from proofkit_core.provenance import digest_of
from proofkit_eval.logs.locking import one_at_a_time
from proofkit_eval.logs.records import read_record
from proofkit_eval.plan import Plan
from proofkit_eval.records import Decoded, JudgeRef, ModelRef
from proofkit_eval.report.log_file import write_text

__all__ = ["Manifest", "changed", "plan_folder_of", "plan_folder_seen", "read_manifest", "write_manifest"]

_PUT_BACK = "Put it back from a copy, or begin a new run in another folder; the rows of this one stay as they are."


class Manifest(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a run is: written beside everything that comes of it."""

    plan: Plan
    plan_folder: str
    """Where the plan's paths begin, seen from the run's folder, so that both are found from anywhere."""
    set_digest: str
    contract_digest: str
    decoding: Decoded
    code_version: str
    models: tuple[ModelRef, ...] = ()
    """Those that were opened, with their digests."""
    judges: tuple[JudgeRef, ...] = ()
    rubric_digest: str = ""
    """Of the rubric that the first judge was asked with; empty before."""
    digest: str = ""
    """SHA-256 (hex) over plan, set, contract and decoding."""


def plan_folder_seen(at: Path, run: Path) -> str:
    """Return where a plan's paths begin, as the manifest has it.

    Args:
        at: The plan's folder.
        run: The run's folder.
    """
    try:
        return Path(os.path.relpath(at.resolve(), run.resolve())).as_posix()
    except ValueError:  # another drive
        return at.resolve().as_posix()


def plan_folder_of(run: Path, manifest: Manifest) -> Path:
    """Return where the plan's paths begin."""
    # Links on the way are followed first, as they were when it was written.
    return run.resolve() / manifest.plan_folder


def read_manifest(path: Path) -> Manifest:
    """Return the manifest that lies in a file.

    Raises:
        InputError: It cannot be read, or what decides the run was changed in it by hand.
    """
    manifest = read_record(path, Manifest, name="manifest", then=_PUT_BACK)
    found = _digest(manifest)
    if manifest.digest != found:
        raise InputError(
            f"The manifest {str(path)!r} says {manifest.digest[:12] or 'no digest'} of itself and comes to "
            f"{found[:12]}: its plan, set, contract or decoding was changed by hand after the run began, and what was "
            "named beforehand would no longer be told from what was named later. Models and judges are added with "
            f"`proofkit-eval run --plan`. {_PUT_BACK}"
        )
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> Manifest:
    """Write the manifest, whole or not at all, and return it with its digest.

    Raises:
        OutputPathError: It cannot be written.
    """
    whole = manifest.model_copy(update={"digest": _digest(manifest)})
    text = json.dumps(whole.model_dump(mode="json"), ensure_ascii=False, indent=1)
    write_text(path, text + "\n")
    return whole


def _digest(manifest: Manifest) -> str:
    return digest_of(manifest.model_dump(mode="json", include={"plan", "set_digest", "contract_digest", "decoding"}))


def changed(path: Path, change: Callable[[Manifest | None], Manifest]) -> Manifest:
    """Change the manifest as it is now: several programs may work on one run, and none forgets what another one wrote.

    Args:
        path: The file.
        change: Takes the manifest, or None where there is none yet, and returns the new one.

    Raises:
        InputError: It cannot be read, or the change is refused.
        OutputPathError: It cannot be written.
    """
    with one_at_a_time(path.with_name(f".{path.name}.lock")):
        return write_manifest(path, change(read_manifest(path) if path.exists() else None))
