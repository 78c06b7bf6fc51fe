"""TRL's trainer with our own rows, order, loss and checkpoints. Imported only when a run starts."""

# The trainer's own attributes are half typed.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

# Before torch: the other way round its native libraries have been seen to crash.
import datasets  # pyright: ignore[reportMissingTypeStubs]
import torch  # noqa: TID253 - this module is imported only when a run starts
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from torch.utils.data import DataLoader  # noqa: TID253 - the same
from transformers import PreTrainedTokenizerFast, PrinterCallback  # noqa: TID253 - the same
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from proofkit_train.errors import RunFailedError
from proofkit_train.sft.adapter import write_adapter
from proofkit_train.sft.checkpoint import prune, save_checkpoint
from proofkit_train.sft.identity import RunIdentity
from proofkit_train.sft.loss import Summed, collate, completion_loss
from proofkit_train.sft.model import adapter_settings
from proofkit_train.sft.order import Batch
from proofkit_train.sft.recipe import Recipe
from proofkit_train.tokens import TokenRow

__all__ = ["Job", "ProofKitTrainer", "make_trainer"]


class Job(NamedTuple):
    """What a trainer trains on, and where it saves."""

    recipe: Recipe
    identity: RunIdentity
    folder: Path
    """Folder of the checkpoints."""
    base_name: str
    pad_token: int
    train: tuple[TokenRow, ...]
    batches: tuple[Batch, ...]
    steps: int
    validation: tuple[TokenRow, ...]
    validation_batches: tuple[Batch, ...]


class ProofKitTrainer(SFTTrainer):
    """TRL's trainer; what it does not do as we need it is replaced here."""

    # Each batch's loss is divided by the trained tokens of the whole step, so a token counts the same in every batch.
    loss_is_scaled_for_ga = True

    def __init__(self, job: Job, **kwargs: Any) -> None:  # noqa: ANN401 - TRL's own arguments
        """Take over a job; `make_trainer` makes one."""
        self.job = job
        self.read_tokens = 0
        """Tokens that went through the model in this process."""
        super().__init__(**kwargs)

    def _send_telemetry(self) -> None:
        """Send nothing: what a person trains, and how, is nobody else's business."""

    def create_model_card(self, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401 - TRL's own arguments
        """Write no card: `export` writes one that says what was made."""

    def get_train_dataloader(self) -> Any:  # noqa: ANN401 - torch's loader
        """Return the batches of the whole run, in the planned order."""
        return self._loader(self.train_dataset, self.job.batches)

    def _loader(self, rows: Any, batches: tuple[Batch, ...]) -> Any:  # noqa: ANN401
        order = cast("Any", [list(batch) for batch in batches])
        # A generator of its own: a loader without one draws from the numbers that dropout uses.
        return DataLoader(
            rows,
            batch_sampler=order,
            collate_fn=self.data_collator,
            generator=torch.Generator(),
        )

    def compute_loss(
        self,
        model: Any,  # noqa: ANN401
        inputs: Any,  # noqa: ANN401
        return_outputs: bool = False,  # noqa: FBT001, FBT002 - TRL's own signature
        num_items_in_batch: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Return the loss of a batch, divided by the trained tokens of its whole step."""
        if num_items_in_batch is None or return_outputs:
            raise RunFailedError(
                "The trainer asked for a loss without the number of trained tokens. Expected the versions of the lane; "
                "install them again."
            )
        summed = self.sum_loss(model, inputs)
        self.read_tokens += summed.read
        return summed.loss / num_items_in_batch

    def sum_loss(self, model: Any, inputs: Any) -> Summed:  # noqa: ANN401
        """Return the summed loss over a batch's completions."""
        return completion_loss(model, inputs, self.job.recipe.dtype)

    def evaluate(self, *_args: Any, **_kwargs: Any) -> dict[str, float]:  # noqa: ANN401
        """Return the mean loss over the trained tokens of all validation rows."""
        started = time.perf_counter()
        model = cast("Any", self.model)
        model.eval()
        loss, trained = 0.0, 0
        with torch.no_grad():
            for batch in self._loader(self.eval_dataset, self.job.validation_batches):
                summed = self.sum_loss(model, self._prepare_inputs(batch))
                loss += float(summed.loss)
                trained += summed.trained
        model.train()
        found = {"eval_loss": loss / trained, "eval_runtime": time.perf_counter() - started}
        self.log(found)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, found)
        return found

    def _save_checkpoint(self, model: Any, trial: Any) -> None:  # noqa: ANN401, ARG002 - TRL's own signature
        step = self.state.global_step
        measured = [entry for entry in self.state.log_history if entry["step"] == step and "eval_loss" in entry]
        loss = float(measured[-1]["eval_loss"]) if measured else None
        save_checkpoint(self.job.folder, step, self._fill, identity=self.job.identity, validation_loss=loss)
        prune(self.job.folder, self.job.recipe.keep)

    def _fill(self, folder: Path) -> None:
        write_adapter(self.model, folder, base=self.job.base_name)
        self._save_optimizer_and_scheduler(str(folder))
        self._save_rng_state(str(folder))
        self.state.save_to_json(str(folder / "trainer_state.json"))


def make_trainer(job: Job, model: Any, callbacks: list[Any]) -> ProofKitTrainer:  # noqa: ANN401
    """Return a trainer, its adapter attached to the model and drawn from the recipe's seed.

    Args:
        job: What to train on.
        model: The frozen base model.
        callbacks: What is told of each step.
    """
    trainer = ProofKitTrainer(
        job,
        model=model,
        args=_settings(job),
        train_dataset=_data(job.train),
        eval_dataset=_data(job.validation) if job.validation else None,
        data_collator=partial(collate, layout=job.recipe.layout, pad_token=job.pad_token),
        # TRL asks for a tokenizer even where it has nothing to tokenize.
        processing_class=PreTrainedTokenizerFast(tokenizer_object=Tokenizer(WordLevel({"-": 0}))),
        peft_config=adapter_settings(job.recipe),
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _data(rows: tuple[TokenRow, ...]) -> datasets.Dataset:
    columns = {"input_ids": [list(row.input_ids) for row in rows], "labels": [list(row.labels) for row in rows]}
    return cast("Any", datasets.Dataset).from_dict(columns)


def _settings(job: Job) -> SFTConfig:
    recipe = job.recipe
    return SFTConfig(
        output_dir=str(job.folder.parent),  # what is saved, `_save_checkpoint` saves
        max_steps=job.steps,
        per_device_train_batch_size=recipe.batch_rows,
        gradient_accumulation_steps=recipe.gradient_accumulation,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule if recipe.schedule != "constant" else "constant_with_warmup",
        warmup_steps=round(recipe.warmup * job.steps),
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        logging_strategy="steps",
        logging_steps=recipe.log_every,
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=recipe.save_every,
        eval_strategy="steps" if recipe.eval_every and job.validation else "no",
        eval_steps=recipe.eval_every or None,
        seed=recipe.seed,
        data_seed=recipe.seed,
        use_cpu=recipe.device == "cpu",
        bf16=False,  # the loss has its own autocast, over the base model and nothing else
        fp16=False,
        gradient_checkpointing=False,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        disable_tqdm=True,
        report_to="none",
    )
