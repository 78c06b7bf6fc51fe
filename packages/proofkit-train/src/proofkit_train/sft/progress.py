"""What a run says while it goes: a line a step, a table of losses, a clean stop on a signal."""

import csv
import io
import math
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, Protocol, Self

from transformers import TrainerCallback  # noqa: TID253 - this module is imported only when a run starts

from proofkit_train.errors import RunFailedError
from proofkit_train.writing import write_bytes

__all__ = ["LOSSES", "Clock", "LossRow", "Progress", "StopOnSignal", "read_losses"]

LOSSES = "loss.csv"
_COLUMNS = ("step", "loss", "validation_loss", "learning_rate", "grad_norm", "tokens", "seconds")

Clock = Callable[[], float]


class LossRow(NamedTuple):
    """One line of the table of losses; empty where nothing was measured."""

    step: int
    loss: float | None
    validation_loss: float | None
    learning_rate: float | None
    grad_norm: float | None
    tokens: int
    """Tokens read in this run so far, over all its starts."""
    seconds: float
    """Time trained so far, over all its starts."""


class Counting(Protocol):
    """Whoever counts the tokens that were read."""

    read_tokens: int


def read_losses(path: Path) -> list[LossRow]:
    """Return the table of losses of a run; empty where there is none yet."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(line) for line in csv.DictReader(file)]


def _row(line: dict[str, str]) -> LossRow:
    numbers = {key: float(line[key]) if line[key] else None for key in _COLUMNS[1:5]}
    return LossRow(int(line["step"]), **numbers, tokens=int(line["tokens"]), seconds=float(line["seconds"]))


class Progress(TrainerCallback):
    """Prints a line for each logged step and keeps the table of losses."""

    def __init__(self, folder: Path, say: Callable[[str], None], *, clock: Clock = time.perf_counter) -> None:
        """Keep the table of a run's folder.

        Args:
            folder: The run's folder.
            say: Prints a line.
            clock: Tells the seconds.
        """
        self._path = folder / LOSSES
        self._say = say
        self._clock = clock
        self._rows: list[LossRow] = []
        self._started = 0.0
        self._tokens_before = 0
        self._seconds_before = 0.0
        self._first_step = 0
        self.counter: Counting | None = None
        """Set once the trainer exists."""

    @property
    def rows(self) -> list[LossRow]:
        """Return the table so far."""
        return self._rows

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ANN401, ARG002
        """Take the table up at the step that the run goes on from."""
        self._rows = [row for row in read_losses(self._path) if row.step <= state.global_step]
        last = self._rows[-1] if self._rows else None
        self._tokens_before, self._seconds_before = (last.tokens, last.seconds) if last else (0, 0.0)
        self._first_step = state.global_step
        self._started = self._clock()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ANN401, ARG002
        """Have the last step logged, whatever the recipe's pace."""
        if state.global_step >= state.max_steps:
            control.should_log = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:  # noqa: ANN401, ARG002
        """Print a line and add it to the table."""
        if logs is None or not {"loss", "eval_loss"} & set(logs):
            return
        for key in ("loss", "eval_loss"):
            if key in logs and not math.isfinite(logs[key]):
                raise RunFailedError(
                    f"The {key} of step {state.global_step} is {logs[key]}. Expected a number. Lower `learning_rate`, "
                    f"or set `dtype` to 'fp32'; the run's older checkpoints are as they were."
                )
        here = self._clock() - self._started
        read = self.counter.read_tokens if self.counter else 0
        row = LossRow(
            step=state.global_step,
            loss=logs.get("loss"),
            validation_loss=logs.get("eval_loss"),
            learning_rate=logs.get("learning_rate"),
            grad_norm=logs.get("grad_norm"),
            tokens=self._tokens_before + read,
            seconds=round(self._seconds_before + here, 3),
        )
        self._rows.append(row)
        write_bytes(self._path, _table(self._rows))
        self._say(self._line(row, state.max_steps, read / here if here else 0.0, here))

    def _line(self, row: LossRow, steps: int, speed: float, here: float) -> str:
        if row.validation_loss is not None:
            return f"step {row.step}/{steps}  validation loss {row.validation_loss:.4f}"
        done = row.step - self._first_step
        left = here / done * (steps - row.step) if done else 0.0
        return f"step {row.step}/{steps}  loss {row.loss:.4f}  {speed:.0f} tokens/s  {_span(left)} left"


def _table(rows: list[LossRow]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004


class StopOnSignal(TrainerCallback):
    """Ends a run after the step it is in, with a checkpoint, when it is asked to stop."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Listen to nothing yet; `with` does.

        Args:
            say: Prints a line.
        """
        self._say = say
        self._before: dict[int, Any] = {}
        self.stopped = False

    def __enter__(self) -> Self:
        """Listen to the signals by which people and machines end a program."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_error: object) -> None:
        """Listen no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self.stopped = True
        self._say("stopping after this step, with a checkpoint; a second signal ends at once")
        signal.signal(number, self._before[number])

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ANN401, ARG002
        """Ask the trainer to save and stop."""
        if self.stopped:
            control.should_save = True
            control.should_training_stop = True
