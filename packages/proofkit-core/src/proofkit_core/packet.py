"""The packet: everything that was made for one brief, as one frozen value.

All exports are views of it, and `packet.json` is its full serialisation.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.generation import ModelIdentity

PACKET_SCHEMA = "proofkit.packet/2"
SAMPLE_DISCLOSURE = (
    "Simulated work sample. {company} is fictional; it is a practice piece, not work for a client or an employer. "
    "Figures marked (h) are hypothetical and made for this exercise; facts marked [S1], [S2] … belong to the exercise."
)
"""The sentence that every document carries; `{company}` is the fictional company."""


def _is_empty(value: object) -> bool:
    """Say whether a field that packets gained later is left out, so that older ones stay what they were."""
    return not value


class Writer(StrEnum):
    """Who wrote a piece of text."""

    MODEL = "model"
    TEMPLATE = "template"
    PERSON = "person"
    """The person changed the text of a section or the post; who wrote which words of it is counted word by word."""


class FallbackReason(StrEnum):
    """Why a model's draft was not used."""

    NO_MODEL = "no_model"
    MODEL_UNAVAILABLE = "model_unavailable"
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    FAILED = "failed"
    CUT_OFF = "cut_off"
    TIME = "time"
    LENGTH = "length"
    EMPTY = "empty"
    BAD_FORMAT = "bad_format"
    ECHO = "echo"
    REPETITION = "repetition"
    WRONG_SCRIPT = "wrong_script"
    DROPPED_POINTS = "dropped_points"
    INTEGRITY = "integrity"
    OFF_TOPIC = "off_topic"
    WISH_MISSED = "wish_missed"
    CANCELLED = "cancelled"


class Fallback(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A draft that was turned down, told plainly."""

    reason: FallbackReason
    message: str
    """What happened, in plain words: a clause that can stand after `because`."""
    detail: str = ""
    """What was found, for a developer."""


class Tried(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One time that a model was asked for a text."""

    model: ModelIdentity
    prompt_set: str
    """`frozen v1` or the name of the editable set."""
    task_digest: str = ""
    """Empty for the editable set, which no model was trained on."""
    fallback: Fallback | None = None
    """Why the draft was turned down; nothing where it was used."""
    completion_tokens: int = 0
    mark: str = ""
    """Why this model was asked although it was not trained on these prompts."""


class Origin(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Where a piece of text came from."""

    writer: Writer
    model: ModelIdentity | None = None
    """The model that was asked last, also when its draft was turned down."""
    prompt_set: str = ""
    """`frozen v1`, the name of the editable set, or empty where no model was asked."""
    task_digest: str = ""
    fallback: Fallback | None = None
    attempts: int = 0
    """How often a model was asked; 0 where none was."""
    completion_tokens: int = 0
    """Tokens of all attempts."""
    edits: tuple[str, ...] = ()
    """Ids of the integrity rules that changed the text."""
    tried: tuple[Tried, ...] = Field(default=(), exclude_if=_is_empty)
    """Every attempt in turn, of each model of the chain."""

    @property
    def fell_back(self) -> bool:
        """Say whether the template wrote the text because a model that was asked could not."""
        unasked = {FallbackReason.NO_MODEL, FallbackReason.CANCELLED}
        return self.writer is Writer.TEMPLATE and self.fallback is not None and self.fallback.reason not in unasked

    @property
    def mark(self) -> str:
        """Return why the model that wrote the text was asked although it was not trained on these prompts."""
        return self.tried[-1].mark if self.writer is Writer.MODEL and self.tried else ""


class EarlierVersion(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A text of a section that was revised or edited since."""

    markdown: str
    origin: Origin


class Section(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One section of the work sample."""

    id: str
    title: str
    view: str
    goal: str
    markdown: str
    """Body without its heading: paragraphs, lists, tables, block quotes."""
    origin: Origin
    earlier: tuple[EarlierVersion, ...] = Field(default=(), exclude_if=_is_empty)
    """What stood here before it was revised or edited, oldest first: it tells who wrote which words."""


class WorkSample(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The document itself."""

    title: str
    sample_type: str
    sample_title: str
    reader: str
    disclosure: str
    sections: tuple[Section, ...]


class EarlierPost(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A post that the person changed since."""

    text: str
    origin: Origin


class Post(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The LinkedIn post, as plain text."""

    text: str
    origin: Origin
    earlier: tuple[EarlierPost, ...] = Field(default=(), exclude_if=_is_empty)
    """What stood here before the person changed it, oldest first, and a disclosure that the program put back: it tells
    who wrote which words."""


class Bullets(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Résumé bullets; they belong under Projects."""

    heading: str = "Projects (simulated work samples)"
    items: tuple[str, ...]
    origin: Origin


class TalkingPoint(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A question an interviewer may ask, and an honest answer."""

    question: str
    answer: str


class TalkingPoints(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Questions and answers to rehearse."""

    items: tuple[TalkingPoint, ...]
    origin: Origin


class Readiness(StrEnum):
    """How ready the packet is to be shown."""

    READY = "ready"
    NEARLY = "nearly ready"
    NOT_YET = "not yet"


class Signal(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One structural sign of readiness."""

    id: str
    title: str
    value: float
    threshold: float
    passed: bool
    evidence: str
    """The place or words the value was read from."""
    fix: str
    """One plain thing to do; empty when passed."""


class Review(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The readiness review."""

    label: Readiness
    signals: tuple[Signal, ...]
    words_kept: int
    """Distinctive words of the person's points that are found in the sample."""
    words_total: int
    words_missing: tuple[str, ...]
    model_remarks: tuple[str, ...] = ()
    """Remarks a model added; they never change the label."""
    origin: Origin


class SourceKind(StrEnum):
    """The three sources of truth, and what has none."""

    YOURS = "yours"
    BRIEF = "the brief's"
    HYPOTHETICAL = "hypothetical"
    UNSUPPORTED = "unsupported"


class Support(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One place that supports a statement."""

    kind: SourceKind
    ref: str
    """`notes[0]`, `background`, `answers.recommendation.date`, `S2`, `challenge.situation` or `exercise`."""
    start: int
    end: int
    """Place of the quote in the text that `ref` names; for `exercise`, in the carrier's own text."""
    quote: str
    """The supporting words as they stand there. For `exercise` the words that mark the statement as made for it, such
    as `(h)` or `would`; empty where it is a plain connecting statement."""


class EntryType(StrEnum):
    """What an entry of the ledger is about."""

    SENTENCE = "sentence"
    NUMBER = "number"
    SKILL = "skill"


class LedgerEntry(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One sentence, number or skill of the packet with its source."""

    id: str
    """`L12`; a number or skill inside that sentence has `L12.1`, `L12.2` …"""
    type: EntryType
    carrier: str
    """`title`, `disclosure`, `subtitle`, `work_sample.<section>`, `about`, `post`, `bullets[0]`,
    `talking_points[0].question`, `talking_points[0].answer` or `resume.keywords[0]`."""
    start: int
    end: int
    """Place in the text of the carrier; for a skill that a section shows, the whole section."""
    text: str
    """What stands there; for a skill that a section shows, the skill."""
    kind: SourceKind
    support: tuple[Support, ...]


class WhoWrote(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Who wrote what in one part of the packet, counted in words; every word counts once."""

    part: str
    """`work_sample.<section>`, `post`, `bullets`, `talking_points`, or `all`."""
    title: str
    words: int
    typed: int
    """Words that stand in runs copied from what the person typed, and those that they wrote into a section or the
    post."""
    drafted: int
    """Words that a model drafted."""
    supplied: int
    """Words that a template supplied."""
    typed_share: float
    drafted_share: float
    supplied_share: float
    """Shares of the words, in thousandths; they sum to 1."""
    model: ModelIdentity | None = None
    """The model that drafted; none where no word is a model's."""
    others: tuple[ModelIdentity, ...] = Field(default=(), exclude_if=_is_empty)
    """Further models, where several drafted."""


class RoleChoice(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The role the packet was made for, and how it was found."""

    title: str
    role_id: str
    """Id in the catalogue; empty where the role is not covered."""
    family: str
    covered: bool
    synthesised_by: Literal["", "model", "template"] = ""
    """Who wrote the role profile where the catalogue has none."""
    why: str
    """One plain sentence."""
    score: float
    alternatives: tuple[str, ...] = ()
    origin: Origin | None = Field(default=None, exclude_if=_is_empty)
    """Where the profile came from, where a model was asked for it."""


class MadeWith(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the packet was made with: enough to make it again."""

    product_version: str
    seed: int
    brief_digest: str
    catalogue_digest: str
    contract: str
    contract_digest: str
    model: ModelIdentity | None
    """The model that was asked first; none where no model was asked for anything."""
    config_digest: str
    others: tuple[ModelIdentity, ...] = Field(default=(), exclude_if=_is_empty)
    """Further models that were asked, in the order of the parts."""


class Packet(BaseModel, frozen=True, strict=True, extra="forbid", validate_by_name=True, validate_by_alias=True):
    """Everything made for one brief."""

    schema_id: str = Field(default=PACKET_SCHEMA, alias="schema", serialization_alias="schema")
    language: str = "en"
    brief: Brief
    notices: tuple[str, ...]
    """What was changed or cut in the input, told plainly."""
    role: RoleChoice
    challenge: Challenge
    sample: WorkSample
    post: Post
    bullets: Bullets
    talking_points: TalkingPoints
    review: Review
    ledger: tuple[LedgerEntry, ...]
    """Every sentence, number and skill with its source, computed on the finished texts."""
    who_wrote: tuple[WhoWrote, ...] = ()
    """By part, in reading order; the last one is for the whole packet."""
    made_with: MadeWith
