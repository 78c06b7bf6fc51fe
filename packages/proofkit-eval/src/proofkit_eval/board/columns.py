"""Which answers belong to which row of the board: models are told apart by digest, never by name alone."""

from collections import defaultdict
from typing import NamedTuple

from proofkit_eval.board.records import BoardSettings, Kind
from proofkit_eval.records import EvalLog, Generation, ModelRef

__all__ = ["Column", "columns_of", "named_keys"]

_SHOWN = 8


class Column(NamedTuple):
    """One row of the board to be, with its answers."""

    name: str
    model: ModelRef
    kind: Kind
    stale: tuple[str, ...]
    samples: tuple[Generation, ...]
    """The counterfactual twins are not among them."""


def columns_of(log: EvalLog, settings: BoardSettings) -> tuple[Column, ...]:
    """Return a column for each model of the spec, in its order, then the stale ones.

    Args:
        log: The evaluation.
        settings: Names the ceiling.
    """
    groups: defaultdict[tuple[str, str, str, str], list[Generation]] = defaultdict(list)
    for sample in log.samples:
        if not sample.swap:
            model = sample.model
            groups[model.id, model.artifact_digest, model.base_digest, sample.contract_digest].append(sample)
    columns: list[Column] = []
    for model in log.spec.models:
        own = (model.id, model.artifact_digest, model.base_digest, log.spec.contract_digest)
        kind: Kind = "ceiling" if model.id in settings.ceiling else "ranked"
        columns.append(Column(model.id, model, kind, (), tuple(groups.pop(own, ()))))
    meant = {model.id: model for model in log.spec.models}
    for (name, artifact, base, contract), samples in sorted(groups.items()):
        reasons = _stale(log, meant.get(name), artifact, base, contract)
        shown = f"{name}@{artifact[:_SHOWN]}" + (
            f"/{contract[:_SHOWN]}" if contract != log.spec.contract_digest else ""
        )
        columns.append(Column(shown, samples[0].model, "stale", reasons, tuple(samples)))
    return tuple(columns)


def named_keys(columns: tuple[Column, ...]) -> dict[str, str]:
    """Return the name of the column of each generation, by key."""
    return {sample.key: column.name for column in columns for sample in column.samples}


def _stale(log: EvalLog, meant: ModelRef | None, artifact: str, base: str, contract: str) -> tuple[str, ...]:
    reasons: list[str] = []
    if meant is None:
        reasons.append("the spec of this run has no model of that id")
    elif artifact != meant.artifact_digest:
        reasons.append(f"the weights are {artifact[:12]}, and the spec means {meant.artifact_digest[:12]}")
    elif base != meant.base_digest:
        reasons.append(f"the base under the adapter is {base[:12]}, and the spec means {meant.base_digest[:12]}")
    if contract != log.spec.contract_digest:
        reasons.append(f"asked by contract {contract[:12]}, and the spec means {log.spec.contract_digest[:12]}")
    return tuple(reasons)
