"""What the service answers with, besides the session documents themselves."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from proofkit_serve.registry.spec import Capabilities
from proofkit_serve.store.records import GenerationStatus, SessionSummary
from proofkit_serve.wire.events import GenerationOutcome


class SessionList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A person's sessions, last changed first."""

    sessions: tuple[SessionSummary, ...] = Field(strict=False)


class HistoryEntry(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One step of a session; undo can go back to the revision before it."""

    revision: int
    """The revision that it led to."""
    at: AwareDatetime = Field(strict=False)
    type: str = Field(examples=["section_drafted"])


class History(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A page of what happened in a session, in order."""

    events: tuple[HistoryEntry, ...] = Field(strict=False)
    next_after: int | None = None
    """The `after` of the next page; null on the last one."""


class GenerationView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A generation as it stands."""

    id: str = Field(examples=["gen_mJ0nY7aW3kQeVYqk0c0nH5dp"])
    session_id: str
    kind: str = Field(examples=["packet"])
    status: GenerationStatus = Field(strict=False)
    created_at: AwareDatetime = Field(strict=False)
    updated_at: AwareDatetime = Field(strict=False)
    url: str = Field(examples=["/v1/generations/gen_mJ0nY7aW3kQeVYqk0c0nH5dp"])
    events_url: str = Field(examples=["/v1/generations/gen_mJ0nY7aW3kQeVYqk0c0nH5dp/events"])
    outcome: GenerationOutcome | None = None
    """What came of it, once it has ended."""


class GenerationList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A page of a session's generations, oldest first."""

    generations: tuple[GenerationView, ...] = Field(strict=False)
    next_after: str | None = None
    """The `after` of the next page; null on the last one."""


class StoredEventView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One event of a generation, as it stands in an event stream."""

    id: int
    event: str
    data: str
    """The event's record as JSON."""


class EventList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Events of a generation so far, for callers that do not read streams."""

    events: tuple[StoredEventView, ...] = Field(strict=False)
    ended: bool
    """Whether no more will come."""


class ExportFile(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """One file of a packet."""

    name: str = Field(examples=["work-sample.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size: int
    sha256: str
    url: str


class ExportList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The files of a packet; all of them together as `packet.zip`."""

    files: tuple[ExportFile, ...] = Field(strict=False)
    notices: tuple[str, ...] = Field(default=(), strict=False)
    """What differs between the formats, told plainly."""


class RoleView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A role of the catalogue."""

    id: str = Field(examples=["project-manager"])
    title: str
    family: str
    family_title: str
    samples: tuple[str, ...] = Field(strict=False)
    """Ids of the types of work sample that fit it."""


class RoleList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The roles of the catalogue; others can be aimed for too."""

    roles: tuple[RoleView, ...] = Field(strict=False)


class QuestionView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A guided question."""

    ref: str = Field(examples=["start.monday"])
    """What an answer names it by."""
    ask: str
    example: str


class SampleSectionView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A section of a type of work sample."""

    id: str
    title: str
    goal: str
    questions: tuple[QuestionView, ...] = Field(strict=False)


class SampleView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A type of work sample."""

    id: str = Field(examples=["risk-plan"])
    title: str
    plain: str
    """What it is, in words that somebody outside the trade understands."""
    sections: tuple[SampleSectionView, ...] = Field(strict=False)


class SampleList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The types of work sample."""

    samples: tuple[SampleView, ...] = Field(strict=False)


class DemoView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A goal to try ProofKit with."""

    id: str = Field(examples=["career-changer"])
    target_role: str
    background: str


class DemoList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The demos that come along."""

    demos: tuple[DemoView, ...] = Field(strict=False)


class BackendView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """A model that a session can choose, and how it stands."""

    id: str = Field(examples=["smollm2-135m"])
    name: str
    backend: str = Field(examples=["llama_cpp"])
    prompts: str = Field(examples=["frozen"])
    is_default: bool
    status: str = Field(examples=["ready"])
    """`ready`, `not_opened`, `resting`, `waking` or `broken`."""
    mark: str = ""
    """Why its answers are marked; empty where they are not."""
    breaker: str = ""
    last_failure: str = ""
    """The kind of the last failure, without its words."""
    needs_token: bool = False
    """Whether it is asked with your own token, which the header `X-Model-Token` of a generation brings."""
    fallbacks: tuple[str, ...] = Field(default=(), strict=False)
    capabilities: Capabilities | None = None


class BackendList(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The models of this server; behind each stands the template."""

    backends: tuple[BackendView, ...] = Field(strict=False)


class ContractView(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The prompt contract that this server's models are asked by."""

    version: str = Field(examples=["v1"])
    digest: str
    tasks: dict[str, str]
    """Digest by task."""
    product_version: str


class Health(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The process runs."""

    status: Literal["ok"] = "ok"


class ReadyState(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Whether the server can do its work."""

    status: Literal["ready"] = "ready"
    store: Literal["ok"] = "ok"
    models: tuple[str, ...] = Field(strict=False)
    """Models that can be asked now; the template always can."""


class Me(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """Who asks."""

    owner: str = Field(examples=["local"])
