"""The frozen records that the rooms of the evaluation hand to each other; all go through JSON and back unchanged.

What could not be found out is None, never 0 and never False.
"""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field, JsonValue, model_validator

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import ScenarioFact as Fact

__all__ = [
    "LOG_SCHEMA",
    "Decoded",
    "EvalLog",
    "Fact",
    "GateResult",
    "Generation",
    "JudgeRef",
    "Measures",
    "ModelRef",
    "Pair",
    "PlannedComparison",
    "Prompt",
    "PromptFields",
    "RecitedFile",
    "Scene",
    "Screening",
    "Spec",
    "Swap",
    "Verdict",
]

LOG_SCHEMA = 1
"""Version of the log's schema; a log with another one is refused."""

PromptFields = dict[str, str | tuple[str, ...]]
"""What `Contract.render` takes."""
Decoded = dict[str, bool | int | float | str]
"""How tokens were chosen, by name of the setting; the seed stands beside it."""
ReadJudge = Literal["scored", "unscored"]


class Swap(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The counterfactual twin of a prompt: one thing that the person said is another, and nothing else is."""

    old: str
    """The words that stood there; a good answer to the twin no longer holds them."""
    new: str
    """The words that stand there instead; a good answer to the twin holds them."""
    fields: PromptFields
    """All fields of the twin."""
    must_keep: tuple[str, ...] = ()
    typed: str
    """All that the person typed in the twin."""
    brief: Brief


class Scene(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Where a prompt comes from in the catalogue, so that the composer and the rules can be asked about it."""

    role_id: str
    scenario_id: str
    piece: str
    """A section's id, or what else of the task it is."""
    seed: int
    """The seed of the composer."""


class Prompt(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One held-out prompt: what is asked, and all that an answer may rest on."""

    id: str
    family: str
    """One of the ten task families."""
    task: str
    """A task of the prompt contract."""
    fields: PromptFields
    persona: str
    """Id of the person, who is met nowhere in training."""
    role: str
    """Title of the role."""
    artifact: str
    """Id of the type of work sample."""
    cluster: str
    """Persona and type of work sample: prompts of one cluster are no independent evidence."""
    typed: str
    """All that the person typed, one entry a line."""
    must_keep: tuple[str, ...]
    """What the person said that a good answer holds, with every distinctive word."""
    values: tuple[str, ...] = ()
    """Rare words of this person that stand in the prompt; training met none of them. A post, bullets and talking points
    keep at least one."""
    facts: tuple[Fact, ...]
    """The facts of the exercise; empty where it has not been set yet."""
    company: str
    """The fictional company; empty where there is none yet."""
    swap: Swap | None
    """None where nothing in the prompt can be swapped without touching the rest."""
    carrier: Literal["section", "bullet", "post", "talking_point", "review", "setting"]
    """What kind of text the answer is; it decides which house rules apply."""
    brief: Brief
    scene: Scene


class ModelRef(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Which weights answered, by digest and not by name alone."""

    id: str = Field(min_length=1)
    name: str
    artifact_digest: str = Field(min_length=1)
    """SHA-256 (hex) of the weights, or the server's own name of the version where there is no file."""
    base_digest: str = ""
    """SHA-256 (hex) of the weights under an adapter."""
    family: str
    """Who made the weights first, such as `smollm`; a judge of the same family is left out of the headline."""
    size_b: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Billions of parameters."""
    backend: str
    """What answered: `llama_cpp`, `openai_compatible`, `file`, `composer` …"""
    prompt_set: str
    """`frozen-v1`, or name and version of an editable set."""
    teacher_family: str = ""
    """Family of the model it was distilled from."""
    data_family: str = ""
    """Family of the model that wrote its training data; empty for data written by hand."""


class Generation(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One answer, as it came."""

    key: str
    """See `proofkit_eval.logs.keys.generation_key`."""
    prompt_id: str
    prompt_digest: str
    """SHA-256 (hex) of the bytes that were asked."""
    contract_digest: str
    task_digest: str
    model: ModelRef
    decoding: Decoded
    seed: int
    text: str
    finish_reason: str
    """`stop`, `length`, `empty` where nothing came, or what the file says."""
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    seconds: float = Field(ge=0.0, allow_inf_nan=False)
    swap: bool
    """Whether the counterfactual twin was asked."""
    made_at: datetime


class Screening(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the look for contamination found in an answer, before anybody judges it."""

    key: str
    """The generation's."""
    status: Literal["ok", "repaired", "void"]
    reasons: tuple[str, ...]
    text: str
    """After repair; what gates and judges see."""
    diff: str
    """What the repair changed, as a unified diff."""


class GateResult(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Which house rules an answer keeps."""

    key: str
    gates: dict[str, bool | None]
    """None where the rule does not apply to this kind of text."""
    hard_failed: bool
    """Whether integrity failed, which no other gate makes up for."""
    findings: tuple[str, ...]


class Measures(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """How faithful an answer is to what the person said. None where there is nothing to measure."""

    key: str
    anchor_recall: float | None = Field(ge=0.0, le=1.0)
    missing: tuple[str, ...]
    """Words that the person said and the answer lost."""
    swap_followed: bool | None
    unsupported: tuple[str, ...]
    """Claims that no fact carries."""
    unsupported_rate: float | None = Field(ge=0.0, le=1.0)
    claims: int | None = Field(default=None, ge=0)
    """How many claims were found at all: none in a long text is a warning."""
    words: int = Field(ge=0)
    template_distance: float | None = Field(ge=0.0, le=1.0)


class JudgeRef(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who judged."""

    id: str = Field(min_length=1)
    family: str
    version: str
    artifact_digest: str
    """Empty for people and for checkers that are part of the program."""


class Pair(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The other side of a comparison of two answers."""

    other_key: str
    preferred: Literal["this", "other", "tie"] | None
    """None where the judge did not say."""


class Verdict(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What one judge said of one answer, once."""

    key: str
    """See `proofkit_eval.logs.keys.verdict_key`."""
    generation_key: str
    judge: JudgeRef
    rubric_digest: str
    alias: str
    """The name that the judge knew the answer by."""
    order: int = Field(ge=0)
    """The answer's place among what the judge was shown; in a pair 0 or 1."""
    repeat: int = Field(default=0, ge=0)
    """0 for the first time; more for a second look at the same answer."""
    axes: dict[str, int] | None
    """Marks from 1 to 5 by axis."""
    items: dict[str, bool | None] | None
    """Answers by item of the checklist; None where the judge did not say."""
    pair: Pair | None = None
    status: ReadJudge
    reason: str
    """Why it is unscored; empty otherwise."""
    tokens: int = Field(ge=0)
    cost_usd: float | None = Field(ge=0.0, allow_inf_nan=False)
    seconds: float = Field(ge=0.0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _says_something_or_why_not(self) -> Self:
        said = self.axes or self.items or self.pair
        if self.status == "scored" and not said:
            raise ValueError("a scored verdict needs axes, items or a pair; mark it `unscored` and give the reason")
        if self.status == "unscored" and (self.axes is not None or not self.reason):
            raise ValueError("an unscored verdict has a reason and no axes")
        wrong = {axis: mark for axis, mark in (self.axes or {}).items() if not 1 <= mark <= 5}  # noqa: PLR2004
        if wrong:
            raise ValueError(f"marks go from 1 to 5; got {wrong}")
        return self


class PlannedComparison(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A comparison that was named before anything was looked at; all others are exploratory."""

    a: str
    """Id of a model."""
    b: str
    measure: str = "judges"
    """What the margin is in; without a margin, they are compared by every measure alike."""
    margin: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """How far apart two models may be by that measure and still tie; None where no tie is claimed."""
    why: str = ""


class Spec(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What is run: all that decides which answers are asked and how they are judged."""

    schema_version: int = LOG_SCHEMA
    set_digest: str
    contract_digest: str
    models: tuple[ModelRef, ...]
    judges: tuple[JudgeRef, ...]
    rubric_digest: str
    decoding: Decoded
    seeds: tuple[int, ...]
    comparisons: tuple[PlannedComparison, ...]
    code_version: str
    digest: str = ""
    """SHA-256 (hex) over all the rest; see `proofkit_eval.logs.keys.sealed`."""


class RecitedFile(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A file of texts that a model may recite: what the template distance was measured against."""

    name: str
    """The file's own name, without its folder."""
    sha256: str
    """Of its bytes, hex."""


class EvalLog(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A whole evaluation in one file."""

    schema_version: int = LOG_SCHEMA
    spec: Spec
    prompts: tuple[Prompt, ...]
    samples: tuple[Generation, ...]
    screenings: tuple[Screening, ...]
    gates: tuple[GateResult, ...]
    measures: tuple[Measures, ...]
    verdicts: tuple[Verdict, ...]
    recited: tuple[RecitedFile, ...] = ()
    """Empty where nobody named any, and in logs of before this was kept."""
    results: dict[str, JsonValue]
    """The board, as its own record dumps itself."""
    statistics: dict[str, JsonValue]
