"""Whether the process runs, whether it can work, and its figures."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from proofkit_core.errors import ProofKitError
from proofkit_serve.api.answering import documented
from proofkit_serve.api.figures import MEDIA_TYPE
from proofkit_serve.api.services import Given
from proofkit_serve.registry.spec import BackendName
from proofkit_serve.registry.states import ModelStatus
from proofkit_serve.wire.answers import Health, ReadyState
from proofkit_serve.wire.kinds import Kind, ProblemError

router = APIRouter(tags=["health"])

_USABLE = frozenset({ModelStatus.READY, ModelStatus.NOT_OPENED, ModelStatus.WAKING})
_FIGURES = {
    "description": "Figures in Prometheus's text format.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@router.get("/healthz", responses=documented())
async def read_health() -> Health:
    """Answer as long as the process runs."""
    return Health()


@router.get("/readyz", responses=documented(Kind.STORE_UNAVAILABLE, Kind.STOPPING))
async def read_readiness(given: Given) -> ReadyState:
    """Say whether the server can do its work: the store answers, and a model or the template can write."""
    if given.jobs.stopping:
        raise ProblemError(Kind.STOPPING, "The server is stopping. Ask another one.", retry_after_s=5.0)
    try:
        await given.store.ping()
    except ProofKitError as error:
        told = "The store does not answer, so nothing can be read or written. Look at its log."
        raise ProblemError(Kind.STORE_UNAVAILABLE, told, retry_after_s=5.0) from error
    states = await asyncio.to_thread(given.registry.states)
    usable = [state.id for state in states if state.status in _USABLE]
    return ReadyState(models=(*usable, BackendName.TEMPLATE.value))


@router.get("/metrics", response_class=Response, responses={200: _FIGURES, **documented(Kind.NOT_FOUND)})
async def read_figures(given: Given) -> Response:
    """Read the figures, for Prometheus."""
    if not given.settings.metrics:
        raise ProblemError(Kind.NOT_FOUND, "The figures are turned off here. Ask the operator to set `metrics`.")
    return Response(await asyncio.to_thread(given.figures.written), media_type=MEDIA_TYPE)
