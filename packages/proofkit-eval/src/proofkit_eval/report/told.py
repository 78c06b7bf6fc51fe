"""Figures as people read them. What was not found out is said in words, never as 0."""

from proofkit_eval.board.records import Figure, Share

__all__ = ["NOTHING", "figure", "gap", "number", "percent", "share"]

NOTHING = "not scored"
_ALL = 100


def number(value: float | None, digits: int = 2) -> str:
    """Return a figure, or that there is none."""
    # Adding zero turns a minus zero into a zero.
    return NOTHING if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def percent(value: float | None) -> str:
    """Return a share as a percentage."""
    return NOTHING if value is None else f"{round(_ALL * value):d} %"


def figure(value: Figure, digits: int = 2) -> str:
    """Return a mean with its interval, or why it has none."""
    if value.mean is None:
        return NOTHING
    if value.low is None or value.high is None:
        return f"{number(value.mean, digits)} (no interval)"
    return f"{number(value.mean, digits)} ({number(value.low, digits)} to {number(value.high, digits)})"


def share(value: Share) -> str:
    """Return how many of how many, with the interval of the share."""
    if value.n == 0:
        return "does not apply"
    if value.low is None or value.high is None:
        return f"{value.yes} of {value.n}"
    return f"{value.yes} of {value.n} ({percent(value.low)} to {percent(value.high)})"


def gap(mean: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """Return a difference with its sign and interval."""
    if mean is None:
        return NOTHING
    if low is None or high is None:
        return f"{round(mean, digits) + 0.0:+.{digits}f} (no interval)"
    return (
        f"{round(mean, digits) + 0.0:+.{digits}f} "
        f"({round(low, digits) + 0.0:+.{digits}f} to {round(high, digits) + 0.0:+.{digits}f})"
    )
