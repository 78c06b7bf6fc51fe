"""Many comparisons at once: Holm's correction."""

from collections.abc import Sequence

from proofkit_core.errors import InputError

__all__ = ["holm"]


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return each p as it stands after Holm's correction, in the order given.

    Args:
        p_values: None where there was no test; it stays None and counts for nothing.

    Raises:
        InputError: A p lies outside 0 to 1 or is NaN.
    """
    for place, p in enumerate(p_values):
        if p is not None and not 0 <= p <= 1:
            raise InputError(f"p_values[{place}] is {p}; a p lies between 0 and 1, None stands for no test")
    order = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    reached = 0.0
    for step, (p, place) in enumerate(order):
        reached = max(reached, min(1.0, p * (len(order) - step)))
        corrected[place] = reached
    return tuple(corrected)
