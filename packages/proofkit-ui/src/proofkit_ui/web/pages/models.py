"""Which model writes: choose one, and test the connection to it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType

from fastapi import APIRouter, Request
from starlette.responses import Response

from proofkit_core.errors import ProofKitError
from proofkit_serve.api.changing import apply, changed_event
from proofkit_serve.api.services import Given, Services
from proofkit_serve.doctor import examine
from proofkit_serve.doctor.report import ModelReport
from proofkit_serve.registry import BackendName
from proofkit_serve.sessions import Document
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.requests import ModelChange
from proofkit_ui.web.forms import Form, read_form
from proofkit_ui.web.opening import Opened
from proofkit_ui.web.rendering import fragment, go, page, wants_fragment
from proofkit_ui.web.steps import Step, first_possible, path_of
from proofkit_ui.web.views.models import NEEDED, TriedView, models_view, tried_view

router = APIRouter()

_UNKNOWN = "There is no such model here. Choose one of those on the page."


@router.get("/model")
async def read_models(request: Request, given: Given) -> Response:
    """Show the models of this program."""
    return await _shown(request, given, None)


@router.post("/model/test")
async def test_model(request: Request, given: Given) -> Response:
    """Try a model."""
    return await _tried(request, given, None, await read_form(request))


@router.get("/s/{session_id}/model")
async def read_session_models(request: Request, given: Given, document: Opened) -> Response:
    """Show the models that a work sample can be written with."""
    return await _shown(request, given, document)


@router.post("/s/{session_id}/model")
async def choose_model(request: Request, given: Given, document: Opened) -> Response:
    """Let another model write from now on."""
    form = await read_form(request)
    change = ModelChange(model=_known(given, form.text("model")))
    event = await changed_event(change, document, given)
    await apply(given.store, document, request.state.owner, event, None)
    return go(request, f"/s/{document.id}/model", note="model_chosen")


@router.post("/s/{session_id}/model/test")
async def test_session_model(request: Request, given: Given, document: Opened) -> Response:
    """Try a model from within a work sample."""
    return await _tried(request, given, document, await read_form(request))


async def _shown(
    request: Request, given: Services, document: Document | None, *, model: str = "", tried: TriedView | None = None
) -> Response:
    view = await asyncio.to_thread(
        models_view,
        given.registry,
        document,
        is_local=given.settings.is_loopback,
        back_url=path_of(document.id, first_possible(document, Step.PACKET)) if document else "",
        tried=MappingProxyType({model: tried} if tried else {}),
    )
    return page(request, "model.html.j2", view, document=document)


async def _tried(request: Request, given: Services, document: Document | None, form: Form) -> Response:
    model = _known(given, form.text("model"))
    if given.registry.require(model).backend is BackendName.TEMPLATE:
        raise ProblemError(Kind.INVALID_REQUEST, "There is nothing to test: ProofKit’s own sentences are always there.")
    report = await _examined(given, model, request.state.owner)
    view = tried_view(report, details=given.settings.is_loopback)
    if wants_fragment(request.headers):
        return fragment(request, "model_tried.html.j2", view)
    return await _shown(request, given, document, model=model, tried=view)


def _known(given: Services, model: str) -> str:
    if model not in given.registry.ids:
        raise ProblemError(Kind.INVALID_REQUEST, _UNKNOWN)
    return model


async def _examined(given: Services, model: str, owner: str) -> ModelReport:
    """Examine a model in a thread of the jobs, in turn with what is being written.

    A model that works again is no longer left alone because of what went wrong before.
    """

    def work() -> ModelReport:
        report = examine(
            given.registry, given.workshop.contract, now=lambda: datetime.now(UTC), ids=(model,), checks=NEEDED
        )
        found = report.models[0]
        if found.usable:
            given.registry.retry(model)
        return found

    return await _lent(given, f"test {owner}", work)


async def _lent(given: Services, key: str, work: Callable[[], ModelReport]) -> ModelReport:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[ModelReport] = loop.create_future()

    def tell(report: ModelReport | None, error: ProofKitError | None) -> None:
        if answer.done():
            return
        if report is not None:
            answer.set_result(report)
        else:
            answer.set_exception(error or ProofKitError("The test ended without an answer. Try it again."))

    def run() -> None:
        report, error = None, None
        try:
            report = work()
        except ProofKitError as failed:
            error = failed
        finally:
            loop.call_soon_threadsafe(tell, report, error)

    given.jobs.lend(key, run)
    return await answer
