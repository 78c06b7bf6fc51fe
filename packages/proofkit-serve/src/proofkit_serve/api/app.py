"""Puts the HTTP API together."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from proofkit_core.workshop import Workshop
from proofkit_serve.api.audit import Audit
from proofkit_serve.api.bodies import Bodies
from proofkit_serve.api.buckets import Buckets
from proofkit_serve.api.description import API_VERSION, DESCRIPTION, TAGS, described
from proofkit_serve.api.envelope import Envelope, Seen
from proofkit_serve.api.figures import Figures
from proofkit_serve.api.forgetting import forget_on
from proofkit_serve.api.gate import Gate, Rules, request_buckets
from proofkit_serve.api.idempotency import HEADER as IDEMPOTENCY_HEADER
from proofkit_serve.api.idempotency import REPLAYED, Idempotency
from proofkit_serve.api.model_token import HEADER as MODEL_TOKEN
from proofkit_serve.api.openai import routes as openai_routes
from proofkit_serve.api.openai_errors import with_openai_part
from proofkit_serve.api.problems import problem_response
from proofkit_serve.api.rendering import Renderer
from proofkit_serve.api.routes import catalogue, exports, generations, health, people, sessions, uploads
from proofkit_serve.api.routing import known_query, methods_of
from proofkit_serve.api.services import Services
from proofkit_serve.api.translating import framework_problem, validation_problem
from proofkit_serve.jobs.records import JobSettings
from proofkit_serve.jobs.service import Jobs
from proofkit_serve.registry.registry import Registry
from proofkit_serve.settings import Settings
from proofkit_serve.store.protocol import Store
from proofkit_serve.wire.kinds import ProblemError, problem_of

_DAY_S = 86_400.0
_FILES_AT_ONCE = 2
_CORS_HEADERS = (
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    IDEMPOTENCY_HEADER,
    "Last-Event-ID",
    MODEL_TOKEN,
)
_EXPOSED = ("ETag", "Location", "Retry-After", "X-Request-Id", "Content-Disposition", REPLAYED)


def create_app(
    settings: Settings,
    *,
    store: Store,
    registry: Registry,
    workshop: Workshop,
    clock: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """Return the app.

    Args:
        settings: What the service was told.
        store: Where sessions live; the caller opens and closes it.
        registry: The models; the caller opens and closes it.
        workshop: Contract and catalogue; the models of a session are put in for each generation.
        clock: Seconds that only go forward, for the limits.
    """
    figures = Figures()
    tokens = _daily_tokens(settings.limits.tokens_per_day, clock)
    jobs = Jobs(JobSettings(settings, store, registry, workshop, figures.on_event, tokens.take, figures.on_end))
    figures.watch(lambda: (jobs.waiting, jobs.running), registry.states)
    audit = Audit(store)

    def on_seen(seen: Seen) -> None:
        figures.on_seen(seen)
        audit.on_seen(seen)

    app = _empty_app(_layers(settings, store, clock, on_seen))
    app.state.services = Services(
        settings=settings,
        store=store,
        registry=registry,
        workshop=workshop,
        jobs=jobs,
        figures=figures,
        renderer=Renderer(),
        audit=audit,
        tokens=tokens,
        uploads=asyncio.Semaphore(_FILES_AT_ONCE),
    )
    _add_routes(app)
    return app


def _daily_tokens(most: int, clock: Callable[[], float]) -> Buckets:
    return Buckets(size=most, per_second=most / _DAY_S or 1.0, clock=clock)


def _empty_app(layers: list[Middleware]) -> FastAPI:
    return FastAPI(
        title="ProofKit",
        version=API_VERSION,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,  # the page would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=_lifespan,
        dependencies=[Depends(known_query)],
        middleware=layers,
        telemetry={"logs": False, "metrics": False, "operation_spans": False},  # logs would hold what callers sent
    )


def _layers(
    settings: Settings, store: Store, clock: Callable[[], float], on_seen: Callable[[Seen], None]
) -> list[Middleware]:
    """Return what a request passes, outermost first."""
    rules = Rules(settings, store, request_buckets(settings, clock))
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=("GET", "POST", "PATCH", "DELETE"),
        allow_headers=_CORS_HEADERS,
        expose_headers=_EXPOSED,
    )
    return [
        # Outside of everything, so that a page of a named origin can read problems too.
        *([cors] if settings.cors_origins else []),
        Middleware(Envelope, on_seen=on_seen),
        Middleware(Gate, rules=rules),
        Middleware(Bodies, limits=settings.limits),
        Middleware(Idempotency, store=store),
    ]


def _add_routes(app: FastAPI) -> None:
    for module in (health, sessions, generations, exports, uploads, catalogue, people, openai_routes):
        app.include_router(module.router)
    app.add_exception_handler(HTTPException, _on_framework)
    app.add_exception_handler(RequestValidationError, _on_validation)
    described(app)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    services: Services = app.state.services
    await services.jobs.start()
    services.audit.start()
    forgetting = asyncio.create_task(forget_on(services.store, services.settings))
    try:
        yield
    finally:
        forgetting.cancel()
        await services.jobs.drain(services.settings.drain_s)
        await services.jobs.close()
        await services.audit.close()


async def _on_framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _answered(request, framework_problem(error, methods_of(request)))


async def _on_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return _answered(request, validation_problem(error))


def _answered(request: Request, error: ProblemError) -> Response:
    name: str = request.state.request_id
    return problem_response(error, name, problem=with_openai_part(problem_of(error, name), request.url.path))
