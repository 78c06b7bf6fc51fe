"""What the board says without one of its judges, or without one family of them."""

from collections.abc import Mapping, Sequence
from itertools import permutations

from proofkit_core.errors import InputError
from proofkit_eval.statistics.ranks import mean_scores
from proofkit_eval.statistics.records import LeftOut
from proofkit_eval.statistics.scores import Scores

__all__ = ["leave_one_out"]


def leave_one_out(scores: Scores, groups: Mapping[str, Sequence[str]] | None = None) -> tuple[LeftOut, ...]:
    """Return the board without each group of judges in turn, and which pairs turn round then.

    Args:
        scores: One measure.
        groups: Name of a group and its judges, such as a family; each judge alone where None. A group of all judges
            leaves nobody and is passed over.

    Raises:
        InputError: A group names a judge that is not among the scores.
    """
    each_alone = {judge: (judge,) for judge in scores.judges}
    wanted = each_alone if groups is None else groups
    whole = mean_scores(scores)
    rows: list[LeftOut] = []
    for name, left in wanted.items():
        unknown = sorted(set(left) - set(scores.judges))
        if unknown:
            known = ", ".join(scores.judges)
            raise InputError(f"group {name!r} names {', '.join(unknown)}, who scored nothing here; judges are: {known}")
        kept = tuple(judge for judge in scores.judges if judge not in left)
        if kept:
            rows.append(_without(name, scores.only(judges=kept), whole))
    return tuple(rows)


def _without(name: str, scores: Scores, whole: Mapping[str, float | None]) -> LeftOut:
    means = mean_scores(scores)
    order = sorted(means, key=lambda model: (means[model] is not None, means[model] or 0.0), reverse=True)
    pairs = permutations(scores.models, 2)
    turned = [(a, b) for a, b in pairs if _above(whole, a, b) is True and _above(means, a, b) is False]
    return LeftOut(name=name, judges=scores.judges, means=means, order=tuple(order), turned=tuple(turned))


def _above(means: Mapping[str, float | None], a: str, b: str) -> bool | None:
    first, second = means[a], means[b]
    return None if first is None or second is None else first > second
