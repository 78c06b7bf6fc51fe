"""Checks a log before anything is worked out from it: what cannot be right is told at once, with what to do."""

from collections import Counter
from collections.abc import Iterable

from proofkit_core.errors import InputError
from proofkit_eval.board.records import BoardSettings
from proofkit_eval.records import EvalLog

__all__ = ["check_log"]

_TOLD = 5


def check_log(log: EvalLog, settings: BoardSettings) -> None:
    """Check that the rows of a log belong to each other.

    Args:
        log: The evaluation.
        settings: How the board is worked out.

    Raises:
        InputError: Keys are there twice, a row belongs to nothing, or a judge or ceiling is unknown.
    """
    if not log.prompts:
        raise InputError("The log has no prompts. Expected those of the held-out set; put them into the log.")
    _unique("prompts", (prompt.id for prompt in log.prompts))
    _unique("generations", (sample.key for sample in log.samples))
    _unique("screenings", (screening.key for screening in log.screenings))
    _unique("gate results", (result.key for result in log.gates))
    _unique("measures", (measures.key for measures in log.measures))
    _unique("verdicts", (verdict.key for verdict in log.verdicts))
    _unique("models of the spec", (model.id for model in log.spec.models))
    _unique("judges of the spec", (judge.id for judge in log.spec.judges))
    prompts = {prompt.id for prompt in log.prompts}
    _known("prompts of generations", (sample.prompt_id for sample in log.samples), prompts)
    keys = {sample.key for sample in log.samples}
    for name, rows in (("screenings", log.screenings), ("gate results", log.gates), ("measures", log.measures)):
        _known(f"generations of {name}", (row.key for row in rows), keys)
    _known("generations of verdicts", (verdict.generation_key for verdict in log.verdicts), keys)
    _known("judges of verdicts", (verdict.judge.id for verdict in log.verdicts), {each.id for each in log.spec.judges})
    models = {model.id for model in log.spec.models}
    _known("ceiling models", settings.ceiling, models)
    planned = (name for each in log.spec.comparisons for name in (each.a, each.b))
    _known("models of planned comparisons", planned, models)


def _unique(what: str, keys: Iterable[str]) -> None:
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise InputError(
            f"The {what} have {len(twice)} keys twice: {_some(twice)}. Expected one row each, since nobody can tell "
            "which of the two is meant. Merge the shards again; rows that say the same are joined there."
        )


def _known(what: str, names: Iterable[str], known: set[str]) -> None:
    strange = sorted(set(names) - known)
    if strange:
        raise InputError(
            f"The {what} name {len(strange)} that this log does not hold: {_some(strange)}. It holds "
            f"{_some(sorted(known)) or 'none'}. Take logs of one run together, or add what is missing to the spec."
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(repr(name[:48]) for name in names[:_TOLD]) + more
