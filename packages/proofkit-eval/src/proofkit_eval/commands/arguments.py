"""What options take, checked before anything is done."""

import argparse
import re
from collections.abc import Callable

from proofkit_eval.plan.records import ID

__all__ = ["judge_name", "whole_number"]


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number within limits.

    Args:
        least: The smallest.
        most: The largest; None for no limit.
    """
    told = f"{least} or more" if most is None else f"{least} to {most}"

    def read(text: str) -> int:
        number = int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None
        if number is None or number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"got {text!r}; expected a whole number, {told}")
        return number

    return read


def judge_name(text: str) -> str:
    """Read who rates: it becomes part of a file's name, and a judge's id in the plan.

    Raises:
        ArgumentTypeError: It cannot be that.
    """
    if not re.fullmatch(ID, text):
        raise argparse.ArgumentTypeError(
            f"got {text!r}; expected up to 60 small letters, digits, dots, dashes and underscores, a letter or digit "
            "first"
        )
    return text
