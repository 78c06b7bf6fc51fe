"""Where a model runs and how it stands, as keys of plain words: no names of libraries or files."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_serve.registry import BackendName, ModelSpec, ModelStatus, Registry

__all__ = ["FAILURES", "PLACES", "STATES", "ModelPlace", "hosts_of", "place_of_model"]

HUB = "huggingface.co"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ModelPlace(StrEnum):
    """Where what a model is told goes."""

    NOWHERE = "nowhere"
    """No model: the template writes."""
    HERE = "here"
    """In this very program."""
    SERVER = "server"
    """In the program that the person's browser talks to anyway."""
    BESIDE = "beside"
    """In another program on this computer."""
    HOSTED = "hosted"
    """On somebody else's computer."""


PLACES: Mapping[ModelPlace, str] = MappingProxyType(
    {
        ModelPlace.NOWHERE: "model.place.nowhere",
        ModelPlace.HERE: "model.place.here",
        ModelPlace.SERVER: "model.place.server",
        ModelPlace.BESIDE: "model.place.beside",
        ModelPlace.HOSTED: "model.place.hosted",
    }
)
STATES: Mapping[ModelStatus, str] = MappingProxyType(
    {
        ModelStatus.READY: "model.state.ready",
        ModelStatus.NOT_OPENED: "model.state.not_opened",
        ModelStatus.RESTING: "model.state.resting",
        ModelStatus.WAKING: "model.state.waking",
        ModelStatus.BROKEN: "model.state.broken",
    }
)
FAILURES: Mapping[FailureKind, str] = MappingProxyType(
    {
        FailureKind.CONNECT: "model.failure.connect",
        FailureKind.QUEUE: "model.failure.busy",
        FailureKind.FIRST_TOKEN: "model.failure.slow",
        FailureKind.IDLE: "model.failure.slow",
        FailureKind.TOTAL: "model.failure.slow",
        FailureKind.RATE_LIMITED: "model.failure.limited",
        FailureKind.SERVER: "model.failure.server",
        FailureKind.AUTH: "model.failure.key",
        FailureKind.NOT_FOUND: "model.failure.not_there",
        FailureKind.REFUSED: "model.failure.refused",
        FailureKind.EMPTY: "model.failure.empty",
        FailureKind.CUT: "model.failure.connect",
        FailureKind.BAD_ANSWER: "model.failure.answer",
        FailureKind.BREAKER_OPEN: "model.failure.resting",
        FailureKind.UNKNOWN: "model.failure.unknown",
    }
)


def place_of_model(registry: Registry, spec: ModelSpec, *, is_local: bool = True) -> ModelPlace:
    """Return where a model runs.

    Args:
        registry: Knows the servers of a model whose addresses stand in the environment.
        spec: What the file of models says.
        is_local: Whether the person sits at the computer that this program runs on.
    """
    if spec.backend is BackendName.TEMPLATE:
        return ModelPlace.NOWHERE
    if spec.backend.is_in_process:
        return ModelPlace.HERE if is_local else ModelPlace.SERVER
    hosts = hosts_of(registry, spec)
    if not hosts or not set(hosts) <= _LOOPBACK:
        return ModelPlace.HOSTED
    return ModelPlace.BESIDE if is_local else ModelPlace.SERVER


def hosts_of(registry: Registry, spec: ModelSpec) -> tuple[str, ...]:
    """Return the computers that a model is asked at, each once; none for one that runs in this program.

    Args:
        registry: Knows the servers of a model whose addresses stand in the environment.
        spec: What the file of models says.
    """
    if not spec.backend.is_remote:
        return ()
    try:
        urls = registry.base_urls(spec.id)
    except GenerationError:
        urls = ()  # the variable that names them is not set, so it cannot be asked either
    if not urls and spec.backend is BackendName.HF_INFERENCE:
        return (HUB,)
    return tuple(dict.fromkeys(urlsplit(url).hostname or url for url in urls))
