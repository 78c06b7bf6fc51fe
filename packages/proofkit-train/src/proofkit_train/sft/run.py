"""One run from a recipe to an adapter."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from proofkit_train.errors import CheckpointError, RunFailedError
from proofkit_train.sft.checkpoint import Checkpoint, checkpoints, find_checkpoint
from proofkit_train.sft.finish import CHECKPOINTS, REPORT, publish
from proofkit_train.sft.identity import RunIdentity, require_same
from proofkit_train.sft.lock import sole_owner
from proofkit_train.sft.preflight import Preflight, check_modules, measure, preflight_lines
from proofkit_train.sft.prepared import Prepared, prepare
from proofkit_train.sft.recipe import Recipe
from proofkit_train.writing import remove_halves, write_bytes

__all__ = ["Places", "train_run"]

EXIT_OK = 0
EXIT_STOPPED = 130
IDENTITY = "identity.json"

Say = Callable[[str], None]


class Places(NamedTuple):
    """Where a run reads and writes."""

    data: Path | None
    runs: Path
    resume: Path | None = None


def train_run(recipe: Recipe, places: Places, *, preflight_only: bool, say: Say) -> int:
    """Train as a recipe says, or go on with a run that was stopped.

    Args:
        recipe: The recipe.
        places: Where the data set lies and where the runs go.
        preflight_only: Check and measure, and stop there.
        say: Prints a line.

    Returns:
        0, or 130 if the run was asked to stop and saved a checkpoint.

    Raises:
        TrainError: Something was refused or failed; the message says what to do next.
    """
    prepared = prepare(recipe, places.data)
    folder = _folder(prepared, places)
    _refuse_finished(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with sole_owner(folder):
            return _train(prepared, folder, preflight_only=preflight_only, say=say)
    except OSError as error:
        raise RunFailedError(
            f"{error.filename or str(folder)!r} could not be read or written: {error.strerror or error}. Expected room "
            f"and permission in {str(folder)!r}; what was written whole is still there. Free space on the disk, and "
            f"give the same command again."
        ) from error


def _train(prepared: Prepared, folder: Path, *, preflight_only: bool, say: Say) -> int:
    found = _starting_point(folder, prepared, say)
    from proofkit_train.sft.session import open_session  # noqa: PLC0415 - loads the trainer

    session = open_session(prepared, folder / CHECKPOINTS, say)
    preflight = _preflight(prepared, session)
    for line in preflight_lines(preflight):
        say(line)
    _write_json(folder / "preflight.json", preflight.model_dump(mode="json"))
    if preflight_only:
        say(f"nothing was trained; the figures lie in {folder / 'preflight.json'}")
        return EXIT_OK
    (folder / CHECKPOINTS).mkdir(exist_ok=True)
    remove_halves(folder)
    remove_halves(folder / CHECKPOINTS)
    _write_json(folder / "recipe.json", prepared.recipe.model_dump(mode="json"))
    _write_json(folder / IDENTITY, _identity_fields(prepared.identity))
    if found:
        say(f"goes on from step {found.step} of {prepared.plan.steps}")
    if not session.train(found):
        say(f"stopped; give the same command again to go on ({folder})")
        return EXIT_STOPPED
    report = publish(folder, prepared.recipe, session.losses, _facts(prepared, preflight))
    say(f"adapter of step {report['published_step']} in {folder / 'adapter'}, digest {report['adapter_digest'][:12]}")
    return EXIT_OK


def _folder(prepared: Prepared, places: Places) -> Path:
    folder = places.resume or places.runs / prepared.name
    path = folder / IDENTITY
    if places.resume and not path.is_file():
        raise CheckpointError(
            f"There is no run to go on with at {str(folder)!r}. Expected a run's folder with {IDENTITY}. Check the "
            f"path, or leave --resume out."
        )
    if path.is_file():
        require_same(_read_identity(path), prepared.identity, str(folder))
    return folder


def _read_identity(path: Path) -> RunIdentity:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields.pop("digest")
        return RunIdentity.model_validate(fields)
    except (OSError, ValueError, KeyError, AttributeError, ValidationError) as error:
        raise CheckpointError(
            f"The file {str(path)!r} could not be read: {error}. Expected a run's identity. Remove the run's folder "
            f"and start it anew."
        ) from error


def _refuse_finished(folder: Path) -> None:
    if (folder / REPORT).is_file():
        raise RunFailedError(
            f"The run {folder.name!r} is finished: {str(folder / REPORT)!r} is its report. Expected a run with steps "
            f"left. Change the recipe or the rows for another run, or remove this folder to train it again."
        )


def _starting_point(folder: Path, prepared: Prepared, say: Say) -> Checkpoint | None:
    steps = prepared.plan.steps
    found = find_checkpoint(folder / CHECKPOINTS, prepared.identity)
    for name in found.skipped:
        say(f"skipped {name}: it has no COMPLETE marker, so it was never finished")
    if found.checkpoint and found.checkpoint.step >= steps:
        # Killed between the last checkpoint and the report. A run that starts at its end would train nothing and
        # still look like a success, so the last steps are trained again.
        earlier = [one for one in checkpoints(folder / CHECKPOINTS) if one.step < steps]
        if not earlier or found.checkpoint.step > steps:
            raise RunFailedError(
                f"The checkpoint {found.checkpoint.path.name!r} is at step {found.checkpoint.step} of {steps}: nothing "
                f"would be trained. Expected a step before the end. Remove {str(folder)!r} to train anew."
            )
        return earlier[-1]
    return found.checkpoint


def _preflight(prepared: Prepared, session: Any) -> Preflight:  # noqa: ANN401
    trained = check_modules(session.model, session.declared)
    train, validation = prepared.counts
    return Preflight(
        run=prepared.identity.digest,
        versions=prepared.versions,
        device=str(session.device),
        dtype=prepared.recipe.dtype,
        train=train,
        validation=validation,
        steps=prepared.plan.steps,
        trained_modules=tuple(trained),
        trained_parameters=sum(one.numel() for one in session.model.parameters() if one.requires_grad),
        measured=measure(session.trainer, prepared.plan),
    )


def _facts(prepared: Prepared, preflight: Preflight) -> dict[str, Any]:
    manifest = prepared.rows.manifest
    return {
        "run": prepared.identity.digest,
        "identity": prepared.identity.model_dump(mode="json"),
        "base": prepared.source.model_dump(mode="json", exclude={"path"}),
        "contract": {
            "version": manifest.contract_version,
            "digest": manifest.contract_digest,
            "tasks": {task: manifest.task_digests[task] for task in sorted({row.task for row in prepared.train.rows})},
        },
        "data": {"digest": manifest.rows_digest, "rows": preflight.train.kept, "by_hand": preflight.train.by_hand},
        "versions": prepared.versions,
        "device": preflight.device,
        "steps": prepared.plan.steps,
        "trained_parameters": preflight.trained_parameters,
    }


def _identity_fields(identity: RunIdentity) -> Mapping[str, str]:
    return {"digest": identity.digest, **identity.model_dump()}


def _write_json(path: Path, value: object) -> None:
    write_bytes(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())
