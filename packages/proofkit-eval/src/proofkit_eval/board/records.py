"""What the board says, as values: gates, faithfulness and judges apart, each with how sure it is."""

from typing import Literal

from pydantic import BaseModel, Field

from proofkit_eval.faithfulness.variety import Variety
from proofkit_eval.judging.conflicts import Kinship
from proofkit_eval.ladder import LadderCard
from proofkit_eval.records import JudgeRef, ModelRef
from proofkit_eval.statistics import Agreement, Comparison, LeftOut, Rank, RankInterval

__all__ = [
    "BOARD_SCHEMA",
    "JUDGES",
    "Board",
    "BoardSettings",
    "Coverage",
    "Faithfulness",
    "Figure",
    "JudgeCard",
    "JudgeCell",
    "Original",
    "PanelWorth",
    "Ranking",
    "Row",
    "Share",
]

BOARD_SCHEMA = 2
"""Version of the board's schema; a board of another one is refused."""
JUDGES = "judges"
"""Name of the measure that is the panel's scores."""

Kind = Literal["ranked", "ceiling", "stale"]


class BoardSettings(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How a board is worked out."""

    ceiling: tuple[str, ...] = ()
    """Ids of frontier references: shown for comparison, never ranked."""
    level: float = Field(default=0.95, gt=0.5, lt=1.0)
    resamples: int = Field(default=10_000, ge=100)
    seed: int = 0


class Share(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """How many of how many, with Wilson's interval."""

    yes: int = Field(ge=0)
    n: int = Field(ge=0)
    rate: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


class Figure(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """A mean over prompts, with its interval over clusters."""

    mean: float | None
    low: float | None = None
    high: float | None = None
    n: int
    """Prompts."""
    missing: int = 0
    note: str = ""
    """Why there is no interval, as a sentence."""


class Coverage(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How much of the held-out set a model answered."""

    expected: int
    """Prompts times seeds."""
    answered: int
    missing: tuple[str, ...]
    """Ids of prompts without an answer, or with fewer than there are seeds."""
    repaired: int
    void: int
    void_reasons: dict[str, int]
    unscreened: int


class Faithfulness(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Whether answers rest on what the person said."""

    anchor_recall: Figure
    swap_followed: Share
    unsupported_rate: Figure
    unsupported: int
    """Claims that nothing carries."""
    claims: int
    """Claims found at all."""
    template_distance: Figure
    words: Figure


class JudgeCell(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What one judge said of one model."""

    judge: str
    score: Figure
    """From 1 to 5; void answers count as 1."""
    expected: int
    scored: int
    void: int
    missing: int
    unscored: dict[str, int]
    """Failed verdicts, by reason."""
    worst: float | None
    """The mean if each verdict that is not there had been a 1."""
    best: float | None
    """The same with a 5."""
    passed: Share
    """Yes/no items that it answered with yes, of all that it told; a yes is good."""
    corrected: Share | None
    """The same, corrected for the errors that the judge made on the ladder. Items of one answer depend on each other,
    so the interval is rather too narrow."""
    greyed: tuple[str, ...]
    """Why it is left out of the headline; empty where it counts."""


class Original(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """The figure that the original board was sorted by, for continuity only."""

    judge: float | None
    """Mean over all judges, from 1 to 5, kin included, as it was done there."""
    gates: float | None
    final: float | None
    """100 * (0.6 * judge / 5 + 0.4 * gates)."""
    floor: float
    """What an answer gets at which every judge says 1 and every gate fails."""
    rescaled: float | None
    """100 * (0.6 * (judge - 1) / 4 + 0.4 * gates), which begins at 0."""
    capped: float | None
    """`final` with each answer that fails a hard gate held at the floor."""


class Row(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One model on the board."""

    name: str
    """Its id; with the digest behind it where it is not the model that the spec means."""
    model: ModelRef
    kind: Kind
    stale: tuple[str, ...]
    """Why it is not compared with the others."""
    coverage: Coverage
    gates: dict[str, Share]
    hard_failed: int
    """Answers that fail a hard gate."""
    faithfulness: Faithfulness
    judges: tuple[JudgeCell, ...]
    original: Original
    notes: tuple[str, ...]


class JudgeCard(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What is known of one judge."""

    ref: JudgeRef
    maker: str
    counts: bool
    """Whether its scores go into the headline at all."""
    reasons: tuple[str, ...]
    """Why not."""
    sensitivity: Share
    """Looks at an answer without a defect that ended in a yes."""
    specificity: Share
    """Single planted defects that it caught."""
    ladder: LadderCard | None
    """None where it was not tried."""
    scored: int
    unscored: int
    tokens: int
    cost_usd: float | None
    seconds: float
    twice: int
    """Answers that it saw a second time."""
    twice_same: int
    """Of those, how many got the same score."""
    twice_gap: float | None
    """How far the two scores lie apart on average."""


class PanelWorth(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """How many independent judges some judges are worth."""

    panel: str
    """Which judges these are."""
    judges: tuple[str, ...]
    steps: int
    """Steps of the ladder that all of them judged."""
    effective: float | None
    """Kish's number over their errors on these steps: between 1 and the number of judges."""
    note: str = ""
    """Why it is None, as a sentence."""


class Ranking(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The order by one measure, as far as there is one."""

    measure: str
    means: dict[str, float | None]
    ranks: tuple[Rank, ...]
    drawn: tuple[RankInterval, ...]
    comparisons: tuple[Comparison, ...]
    note: str = ""


class Board(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A whole board."""

    schema_version: int = BOARD_SCHEMA
    settings: BoardSettings
    spec_digest: str
    set_digest: str
    contract_digest: str
    rubric_digest: str
    prompts: int
    clusters: int
    rows: tuple[Row, ...]
    """The ceiling first, then the ranked by their places, then the stale."""
    judges: tuple[JudgeCard, ...]
    kinship: Kinship
    rankings: tuple[Ranking, ...]
    """By measure: judges, gates, anchor recall. No one of them is the board's."""
    without_judge: tuple[LeftOut, ...]
    without_maker: tuple[LeftOut, ...]
    standardised: dict[str, float | None]
    """Means after every judge is brought to mean 0 and spread 1."""
    variety: dict[str, Variety] = {}
    """By row, on the prompts that all of them answered with a text, at equal size; of stale rows none."""
    agreement: Agreement
    worth: tuple[PanelWorth, ...]
    """More judges are more evidence only as far as they do not err together."""
    notes: tuple[str, ...]
    """What a reader has to know before any figure."""

    def ranking(self, measure: str) -> Ranking | None:
        """Return the order by one measure, or None."""
        return next((each for each in self.rankings if each.measure == measure), None)
