"""The end of a run: is it one at all, which checkpoint is published, and what is written beside it."""

import json
import shutil
from pathlib import Path
from statistics import fmean
from typing import Any

from proofkit_train.errors import RunFailedError
from proofkit_train.sft.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapter_digest
from proofkit_train.sft.checkpoint import Checkpoint, best_checkpoint, checkpoints
from proofkit_train.sft.plot import draw_losses
from proofkit_train.sft.progress import LossRow
from proofkit_train.sft.recipe import Recipe
from proofkit_train.writing import write_bytes, write_folder

__all__ = ["ADAPTER", "CHECKPOINTS", "REPORT", "publish"]

ADAPTER = "adapter"
CHECKPOINTS = "checkpoints"
REPORT = "run.json"


def publish(folder: Path, recipe: Recipe, losses: list[LossRow], facts: dict[str, Any]) -> dict[str, Any]:
    """Write the adapter and the report of a finished run.

    Args:
        folder: The run's folder.
        recipe: Its recipe.
        losses: Its table of losses.
        facts: What the report says besides.

    Returns:
        The report.

    Raises:
        RunFailedError: Nothing was learned, or the adapter is that of another run; none is left then.
    """
    train_loss = _train_loss(losses)
    chosen = _chosen(checkpoints(folder / CHECKPOINTS), recipe)
    digest = adapter_digest(chosen.path)
    _refuse_former(folder, digest)
    report = facts | {
        "adapter_digest": digest,
        "published_step": chosen.step,
        "validation_loss": chosen.validation_loss,
        "train_loss": train_loss,
        "last_loss": next((row.loss for row in reversed(losses) if row.loss is not None), None),
        "tokens": losses[-1].tokens,
        "seconds": losses[-1].seconds,
        "recipe": recipe.model_dump(mode="json"),
    }
    if (drawn := draw_losses(losses, folder.name)) is not None:
        write_bytes(folder / "loss.svg", drawn)
    if (folder / ADAPTER).exists():
        shutil.rmtree(folder / ADAPTER)  # of an end that was cut short: a finished run has a report and is refused

    def fill(half: Path) -> None:
        for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS):
            shutil.copyfile(chosen.path / name, half / name)

    write_folder(folder / ADAPTER, fill)
    write_bytes(folder / REPORT, (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode())
    return report


def _train_loss(losses: list[LossRow]) -> float:
    trained = [row.loss for row in losses if row.loss is not None]
    mean = fmean(trained) if trained else 0.0
    if mean <= 0:
        raise RunFailedError(
            f"The run ended with {len(trained)} logged losses of {mean} on average. Expected losses above 0: a run "
            f"without them learned nothing. Look at the rows with `proofkit-train data look`."
        )
    return mean


def _chosen(complete: list[Checkpoint], recipe: Recipe) -> Checkpoint:
    if not complete:
        raise RunFailedError("The run ended without a checkpoint. Expected one; give the same command again.")
    best = best_checkpoint(complete) if recipe.publish == "best" else None
    return best or complete[-1]


def _refuse_former(folder: Path, digest: str) -> None:
    for report in sorted(folder.parent.glob(f"*/{REPORT}")):
        if report.parent == folder:
            continue
        try:
            former = json.loads(report.read_text(encoding="utf-8")).get("adapter_digest")
        except (OSError, ValueError, AttributeError) as error:
            raise RunFailedError(
                f"The report {str(report)!r} of a former run could not be read: {error}. Expected JSON, to compare "
                f"the adapters. Move that run's folder away and give the same command again."
            ) from error
        if former == digest:
            raise RunFailedError(
                f"The trained adapter is, byte for byte, that of the former run {report.parent.name!r}. Expected "
                f"another one: this run's settings or rows changed nothing. Nothing was published; compare the "
                f"two recipes."
            )
