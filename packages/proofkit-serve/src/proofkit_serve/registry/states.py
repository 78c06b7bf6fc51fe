"""How each model stands, for those who run the service and for those who choose a model."""

from enum import StrEnum

from pydantic import BaseModel

from proofkit_core.errors import FailureKind
from proofkit_core.generation import PromptKind
from proofkit_serve.backends.local import MemoryUse
from proofkit_serve.chain.breaker import BreakerPhase, BreakerState
from proofkit_serve.chain.counting import Counts
from proofkit_serve.registry.spec import BackendName, Capabilities

__all__ = ["ModelState", "ModelStatus", "status_of"]


class ModelStatus(StrEnum):
    """How a model stands."""

    READY = "ready"
    """Open, and the last requests went well."""
    NOT_OPENED = "not_opened"
    """Nobody asked it yet."""
    RESTING = "resting"
    """Failed several times and is left alone for a while."""
    WAKING = "waking"
    """Its server is starting, and said so or is known to sleep."""
    BROKEN = "broken"
    """Will not work until somebody changes something."""


class ModelState(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One model of the registry at one moment."""

    id: str
    name: str
    backend: BackendName
    prompts: PromptKind
    is_default: bool
    status: ModelStatus
    mark: str
    """Why its answers are marked; empty where they are not."""
    last_failure: FailureKind | None = None
    last_error: str = ""
    """The whole sentence, for those who run the service; it may name files and addresses, but never a key."""
    breaker: BreakerState
    counts: Counts
    memory: MemoryUse | None = None
    """Of a model that is open in this process."""
    capabilities: Capabilities
    fallbacks: tuple[str, ...]


def status_of(breaker: BreakerState, *, is_open: bool, is_broken: bool, may_sleep: bool) -> ModelStatus:
    """Return how a model stands.

    Args:
        breaker: Its breaker.
        is_open: Whether it was opened.
        is_broken: Whether it cannot be opened.
        may_sleep: Whether its server stops when nobody asks.
    """
    if is_broken or breaker.phase is BreakerPhase.BROKEN:
        return ModelStatus.BROKEN
    if breaker.phase is not BreakerPhase.CLOSED:
        told = breaker.announced and breaker.last_failure is FailureKind.SERVER
        slow = may_sleep and breaker.last_failure in {FailureKind.FIRST_TOKEN, FailureKind.SERVER}
        return ModelStatus.WAKING if told or slow else ModelStatus.RESTING
    return ModelStatus.READY if is_open else ModelStatus.NOT_OPENED
