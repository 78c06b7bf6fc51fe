"""Starts quicker: nothing that is made while modules load is garbage."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["nothing_collected"]


@contextmanager
def nothing_collected() -> Generator[None]:
    """Keep the garbage collector from looking, again and again, at what is only just being loaded.

    What was loaded is left out of its later rounds too.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
