"""The published figures and sentences."""

from typing import Literal

from pydantic import BaseModel, Field

from proofkit_eval.statistics.scores import Scores

__all__ = ["Check", "Published", "PublishedJudge", "PublishedModel", "Sentence", "load_published"]


class PublishedJudge(BaseModel, frozen=True, extra="forbid"):
    """Who judged."""

    id: str
    name: str
    blind: bool
    """Whether it did not know whose answers it read."""


class PublishedModel(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """One row."""

    id: str
    name: str
    kind: Literal["ceiling", "retrained", "stale", "base"]
    scores: tuple[float, ...]
    """One a judge."""
    published_mean: float


class Check(BaseModel, frozen=True, extra="forbid"):
    """One comparison that a sentence makes."""

    kind: Literal["above", "ties"]
    a: str
    b: str
    over: Literal["panel", "each", "blind"] = "panel"
    """The panel's mean, each judge by itself, or the mean of the blind judges."""


class Sentence(BaseModel, frozen=True, extra="forbid"):
    """What was concluded."""

    id: str
    says: str
    checks: tuple[Check, ...]
    missing: str = ""
    """Why it cannot be checked."""


class Published(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """A whole board of which only one figure a judge and model is known."""

    prompts: int
    margin: float = Field(gt=0)
    """Points within which two models would tie."""
    judges: tuple[PublishedJudge, ...]
    models: tuple[PublishedModel, ...]
    sentences: tuple[Sentence, ...]

    def by_judge(self) -> Scores:
        """Return the figures with each judge as one observation: no finer one was published."""
        names = tuple(judge.id for judge in self.judges)
        rows = tuple(tuple((model.scores[place],) for model in self.models) for place in range(len(names)))
        models = tuple(model.id for model in self.models)
        return Scores(models=models, judges=("",), prompts=names, clusters=names, values=rows)

    def by_panel(self) -> Scores:
        """Return the figures as one row with a column for each judge."""
        names = tuple(judge.id for judge in self.judges)
        models = tuple(model.id for model in self.models)
        row = tuple(model.scores for model in self.models)
        return Scores(models=models, judges=names, prompts=("all",), clusters=("all",), values=(row,))


def load_published() -> Published:
    """Read the board that comes with the package."""
    import tomllib  # noqa: PLC0415 - only when the example is asked for
    from importlib.resources import files  # noqa: PLC0415 - the same

    source = files("proofkit_eval.published").joinpath("data/board.toml").read_text(encoding="utf-8")
    return Published.model_validate(tomllib.loads(source))
