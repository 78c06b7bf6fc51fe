"""One measure's scores, by prompt, model and judge."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, model_validator

from proofkit_core.errors import InputError

__all__ = ["Scores"]

Cell = float | None
Values = tuple[tuple[tuple[Cell, ...], ...], ...]


class Scores(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """The table that everything else is worked out from. A measure without judges has one column of them, named ``."""

    models: tuple[str, ...]
    judges: tuple[str, ...]
    prompts: tuple[str, ...]
    clusters: tuple[str, ...]
    """One label a prompt; prompts of one cluster are no independent evidence."""
    values: Values
    """`values[prompt][model][judge]`; None is unscored. NaN and infinity are refused with their place."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for what, names in (("models", self.models), ("judges", self.judges), ("prompts", self.prompts)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"each of the {what} is named once; got {', '.join(twice)} twice")
        if len(self.clusters) != len(self.prompts):
            raise ValueError(f"each prompt has a cluster; got {len(self.prompts)} and {len(self.clusters)}")
        if len(self.values) != len(self.prompts):
            raise ValueError(f"each prompt has a row; got {len(self.prompts)} prompts and {len(self.values)} rows")
        for prompt, row in zip(self.prompts, self.values, strict=True):
            if len(row) != len(self.models) or any(len(cells) != len(self.judges) for cells in row):
                shape = f"{len(self.models)} models × {len(self.judges)} judges"
                raise ValueError(f"the row of {prompt!r} is not {shape}; fill what is missing with None")
        return self

    def only(self, *, models: Sequence[str] | None = None, judges: Sequence[str] | None = None) -> "Scores":
        """Return the same table with some of its models or judges, in the order they are asked for.

        Args:
            models: Which to keep; all where None.
            judges: Which to keep; all where None.

        Raises:
            InputError: One of them is not in the table.
        """
        wanted_models = self.models if models is None else tuple(models)
        wanted_judges = self.judges if judges is None else tuple(judges)
        places = [_place(self.models, name, "model") for name in wanted_models]
        columns = [_place(self.judges, name, "judge") for name in wanted_judges]
        values = tuple(tuple(tuple(row[m][j] for j in columns) for m in places) for row in self.values)
        kept = {"models": wanted_models, "judges": wanted_judges, "values": values}
        return self.model_copy(update=kept)


def _place(names: tuple[str, ...], name: str, what: str) -> int:
    if name not in names:
        known = ", ".join(names) or "none"
        raise InputError(f"there is no {what} {name!r} in these scores; there are: {known}")
    return names.index(name)
