"""Finds one comparison among those that were made, from either side, and holds it against a margin."""

from collections.abc import Sequence

from proofkit_core.errors import InputError
from proofkit_eval.statistics.records import Comparison, turned
from proofkit_eval.statistics.tying import tie_of

__all__ = ["find_comparison", "with_tie"]


def find_comparison(comparisons: Sequence[Comparison], measure: str, a: str, b: str) -> Comparison:
    """Return the comparison of a with b.

    Args:
        comparisons: All that were made.
        measure: By what, for the message.
        a: Id of a model.
        b: The other's.

    Raises:
        InputError: The two were not compared.
    """
    for each in comparisons:
        if (each.a, each.b) == (a, b):
            return each
        if (each.a, each.b) == (b, a):
            return turned(each)
    models = dict.fromkeys(name for each in comparisons for name in (each.a, each.b))
    known = ", ".join(models) or "none"
    raise InputError(f"{a} and {b} are not compared by {measure}; the models compared there are: {known}")


def with_tie(found: Comparison, margin: float, level: float) -> Comparison:
    """Return the same comparison, tested for a tie within a margin."""
    return found.model_copy(update={"equivalence": tie_of(found.fixed, found.random, margin, level=level)})
