"""The packet: everything that was made for one brief, as one frozen value.

All exports are views of it, and `packet.json` is its full serialisation.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.generation import ModelIdentity

PACKET_SCHEMA = "proofkit.packet/1"
SAMPLE_DISCLOSURE = (
    "Simulated work sample. {company} is fictional; it is a practice piece, not work for a client or an employer. "
    "Figures marked (h) are hypothetical and made for this exercise; facts marked [S1], [S2] … belong to the exercise."
)
"""The sentence that every document carries; `{company}` is the fictional company."""


class Writer(StrEnum):
    """Who wrote a piece of text."""

    MODEL = "model"
    TEMPLATE = "template"


class FallbackReason(StrEnum):
    """Why a model's draft was not used."""

    NO_MODEL = "no_model"
    MODEL_UNAVAILABLE = "model_unavailable"
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
    CANCELLED = "cancelled"


class Fallback(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A draft that was turned down, told plainly."""

    reason: FallbackReason
    message: str
    """One plain sentence for the person."""
    detail: str = ""
    """What was found, for a developer."""


class Origin(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Where a piece of text came from."""

    writer: Writer
    model: ModelIdentity | None = None
    """The model that was asked, also when its draft was turned down."""
    prompt_set: str = ""
    """`frozen v1` or empty where no model was asked."""
    task_digest: str = ""
    fallback: Fallback | None = None
    completion_tokens: int = 0
    edits: tuple[str, ...] = ()
    """Ids of the integrity rules that changed the text."""


class Section(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One section of the work sample."""

    id: str
    title: str
    view: str
    goal: str
    markdown: str
    """Body without its heading: paragraphs, lists, tables, block quotes."""
    origin: Origin


class WorkSample(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The document itself."""

    title: str
    sample_type: str
    sample_title: str
    reader: str
    disclosure: str
    sections: tuple[Section, ...]


class Post(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The LinkedIn post, as plain text."""

    text: str
    origin: Origin


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
    """`notes[0]`, `background`, `answers.recommendation.date`, `S2` or `exercise`."""
    quote: str
    """The supporting words as they stand there."""


class LedgerEntry(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One statement of the packet with its source."""

    id: str
    carrier: str
    """`work_sample.<section>`, `post`, `bullets` or `talking_points`."""
    text: str
    kind: SourceKind
    support: tuple[Support, ...]


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


class MadeWith(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the packet was made with: enough to make it again."""

    product_version: str
    seed: int
    brief_digest: str
    catalogue_digest: str
    contract: str
    contract_digest: str
    model: ModelIdentity | None
    config_digest: str


class Packet(BaseModel, frozen=True, strict=True, extra="forbid"):
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
    made_with: MadeWith
