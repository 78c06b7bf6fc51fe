"""How many threads an engine should use here."""

import math
import os
from pathlib import Path

__all__ = ["available_cores"]

QUOTA_FILE = Path("/sys/fs/cgroup/cpu.max")


def available_cores(quota_file: Path = QUOTA_FILE) -> int:
    """Return the number of cores that this process may keep busy.

    A container often sees every core of its host but may use only a few; more threads than that many cores
    make decoding many times slower, because all threads wait for the slowest at each layer.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = quota_file.read_text(encoding="ascii").split()
        allowed = math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no such file outside Linux, and the word "max" where there is no quota
        return affinity
    return max(1, min(affinity, allowed))
