"""Quantiles and tails of the normal and of Student's distribution."""

from typing import TYPE_CHECKING, Any

from scipy import special  # pyright: ignore[reportMissingTypeStubs]

if TYPE_CHECKING:
    from proofkit_eval.statistics.arrays import Floats

__all__ = ["normal_quantile", "normal_share", "t_p", "t_quantile"]

_SPECIAL: Any = special
"""scipy brings no types."""


def t_quantile(share: float, df: "float | Floats") -> "Floats":
    """Return the value that a share of Student's distribution lies below."""
    return _SPECIAL.stdtrit(df, share)


def t_p(t: "float | Floats", df: "float | Floats") -> "Floats":
    """Return the two-sided p of a t statistic."""
    return 2 * _SPECIAL.stdtr(df, -abs(t))


def normal_quantile(share: "float | Floats") -> "Floats":
    """Return the value that a share of the normal distribution lies below."""
    return _SPECIAL.ndtri(share)


def normal_share(value: "float | Floats") -> "Floats":
    """Return the share of the normal distribution below a value."""
    return _SPECIAL.ndtr(value)
