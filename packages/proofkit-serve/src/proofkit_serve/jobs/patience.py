"""Which troubles of a store are waited for, and how long before it is asked again."""

from proofkit_serve.errors import StoreError, StoreFullError, StoreReadOnlyError, StoreUnavailableError

PASSING = (StoreUnavailableError, StoreFullError, StoreReadOnlyError)
"""They can end without this process: somebody frees room, makes the disk writable, or starts the database again."""
_PAUSE_S = 2.0
_MOST_PAUSE_S = 5.0


def pause_of(error: StoreError) -> float:
    """Return the seconds after which the store is worth another try.

    Args:
        error: What it said.
    """
    wanted = error.retry_after_s if isinstance(error, StoreUnavailableError) else _PAUSE_S
    return min(wanted, _MOST_PAUSE_S)
