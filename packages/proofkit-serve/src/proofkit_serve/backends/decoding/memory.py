"""How much memory this process takes."""

from pathlib import Path

__all__ = ["process_bytes"]

STATUS_FILE = Path("/proc/self/status")
_RESIDENT = "VmRSS:"
_KIB = 1024


def process_bytes(status_file: Path = STATUS_FILE) -> int | None:
    """Return the memory of this process that is in use now; None where the system does not tell."""
    try:
        lines = status_file.read_text(encoding="ascii").splitlines()
        resident = next(line for line in lines if line.startswith(_RESIDENT))
        return int(resident.split()[1]) * _KIB
    except (OSError, StopIteration, ValueError, IndexError):  # no such file outside Linux
        return None
