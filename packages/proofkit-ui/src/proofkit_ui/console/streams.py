"""Keeps standard output and standard error from ending a run: odd encodings, closed pipes, full disks."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO


@contextmanager
def safe_output() -> Generator[None]:
    """Let no character end the run, and write everything out before it ends.

    Raises:
        OSError: Standard output took less than was printed, because its reader is gone or its disk is full.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        yield
    finally:
        # Flushed here, since the interpreter's own flush at its end can only complain.
        if _is_open(sys.stdout):
            sys.stdout.flush()


def takes_unicode(stream: TextIO | None) -> bool:
    """Say whether a stream can show every character."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")


def silence(stream: TextIO | None) -> None:
    """Lead a broken stream into nothing, so that what is left in its buffer causes no complaint at the end."""
    if stream is None:
        return
    with suppress(OSError, ValueError):  # a stream without a file behind it has nothing to lead elsewhere
        target = stream.fileno()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, target)
        os.close(nothing)


def _is_open(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed
