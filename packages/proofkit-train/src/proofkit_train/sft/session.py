"""A loaded model and its trainer. Imported only when a run starts."""

# The trainer's own attributes are half typed.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

# Before torch: the other way round its native libraries have been seen to crash.
import datasets  # noqa: F401  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]
import torch  # noqa: TID253 - this module is imported only when a run starts
from transformers import set_seed  # noqa: TID253 - the same

from proofkit_train.base.model import load_model
from proofkit_train.sft.attention import TREE_ATTENTION, register_tree_attention
from proofkit_train.sft.checkpoint import Checkpoint
from proofkit_train.sft.model import declared_modules, freeze_base, use_device
from proofkit_train.sft.order import plan_validation
from proofkit_train.sft.prepared import Prepared
from proofkit_train.sft.progress import LossRow, Progress, StopOnSignal
from proofkit_train.sft.trainer import Job, ProofKitTrainer, make_trainer

__all__ = ["Session", "open_session"]


class Session(NamedTuple):
    """What a run works with."""

    trainer: ProofKitTrainer
    progress: Progress
    stop: StopOnSignal
    declared: list[str]
    device: torch.device
    seed: int

    @property
    def model(self) -> Any:  # noqa: ANN401 - a PEFT model
        """Return the model with its adapter."""
        return self.trainer.model

    @property
    def losses(self) -> list[LossRow]:
        """Return the table of losses."""
        return self.progress.rows

    def train(self, found: Checkpoint | None) -> bool:
        """Train to the end, from a checkpoint where there is one.

        Returns:
            Whether the end was reached; otherwise the run was asked to stop.
        """
        set_seed(self.seed)  # what the preflight drew leaves no trace
        self.trainer.read_tokens = 0
        with self.stop:
            self.trainer.train(resume_from_checkpoint=str(found.path) if found else None)
        return self.trainer.state.global_step >= self.trainer.state.max_steps


def open_session(prepared: Prepared, folder: Path, say: Callable[[str], None]) -> Session:
    """Load the base model and attach the adapter.

    Args:
        prepared: The run.
        folder: Folder of its checkpoints.
        say: Prints a line.
    """
    recipe = prepared.recipe
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    device = use_device(recipe)
    model = load_model(prepared.source)
    freeze_base(model, recipe)
    if recipe.layout == "tree":
        register_tree_attention()
        # Not through the setter, which looks for a kernel of that name.
        cast("Any", model.config)._attn_implementation = TREE_ATTENTION  # noqa: SLF001
    declared = declared_modules(model, recipe)
    validation = prepared.validation.tokens
    job = Job(
        recipe=recipe,
        identity=prepared.identity,
        folder=folder,
        base_name=prepared.source.name,
        pad_token=prepared.tokenizer.pad_token_id,
        train=prepared.train.tokens,
        batches=prepared.plan.batches,
        steps=prepared.plan.steps,
        validation=validation,
        validation_batches=plan_validation(validation, recipe),
    )
    progress, stop = Progress(folder.parent, say), StopOnSignal(say)
    trainer = make_trainer(job, model, [progress, stop])
    progress.counter = trainer
    return Session(trainer, progress, stop, declared, device, recipe.seed)
