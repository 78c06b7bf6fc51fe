"""Shows which stage is running and for how long, on standard error."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol, TextIO

from proofkit_core.making import Progress, Stage
from proofkit_ui.console.streams import silence


class Show(Protocol):
    """Takes news about the run."""

    def say(self, text: str) -> None:
        """Tell one step that is not part of making the packet."""
        ...

    def on_progress(self, progress: Progress) -> None:
        """Tell one step of making the packet."""
        ...


class _Silent:
    def say(self, text: str) -> None:
        del text

    def on_progress(self, progress: Progress) -> None:
        del progress


class _Lines:
    """One line a stage, for a log file or a pipe."""

    def __init__(self) -> None:
        self._last = ""

    def say(self, text: str) -> None:
        if text != self._last:
            self._last = text
            try:
                print(f"{text} …", file=sys.stderr, flush=True)
            except OSError:  # news that nobody reads must not cost the person the packet
                silence(sys.stderr)

    def on_progress(self, progress: Progress) -> None:
        self.say(progress.stage.value)


@contextmanager
def open_progress(*, silent: bool) -> Generator[Show]:
    """Yield where to send news: a live line on a terminal, plain lines in a pipe, nothing when silent."""
    if silent or _is_closed():
        yield _Silent()
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        yield from _live()


def _is_closed() -> bool:
    stream: TextIO | None = sys.stderr  # None where the program was started without one
    return stream is None or stream.closed


def _live() -> Generator[Show]:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - the same
    from rich.progress import Progress as Bar  # noqa: PLC0415 - the same

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading the brief", total=None)

        class _Live:
            def say(self, text: str) -> None:
                bar.update(task, description=text, total=None)

            def on_progress(self, progress: Progress) -> None:
                detail = f": {progress.detail}" if progress.detail else ""
                numbered = progress.stage in {Stage.SECTIONS, Stage.TRAVEL}
                count = f" ({progress.done + 1} of {progress.total})" if numbered else ""
                bar.update(
                    task,
                    description=f"{progress.stage.value}{detail}{count}",
                    completed=progress.done,
                    total=progress.total or None,
                )

        yield _Live()
