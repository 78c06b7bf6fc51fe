"""Keeps the memory of a process that runs for weeks from spreading over the heaps of its threads."""

import ctypes
import sys
from contextlib import suppress

__all__ = ["share_heaps"]

_M_ARENA_MAX = -8
"""What glibc's `mallopt` calls the greatest number of heaps."""
_HEAPS = 2


def share_heaps() -> None:
    """Let all threads share two heaps; to be called before the first thread starts.

    By default glibc gives each of them its own. Threads that draft come and go, and what they free stays with their
    heap: the process grows although nothing is kept. Other allocators have no such setting and are left alone.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # no glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)
