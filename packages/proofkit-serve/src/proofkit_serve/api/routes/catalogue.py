"""What there is to choose from: roles, types of work sample, demos, models; and the prompt contract."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from proofkit_core.errors import InputError
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.samples.catalog import load_sample_types
from proofkit_core.samples.records import SampleType
from proofkit_serve.api.answering import UNSAFE, WITH_BODY, documented
from proofkit_serve.api.demo_briefs import load_demos
from proofkit_serve.api.routes.paths import ModelId
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.registry.spec import BackendName
from proofkit_serve.registry.states import ModelState
from proofkit_serve.wire.answers import (
    BackendList,
    BackendView,
    ContractView,
    DemoList,
    DemoView,
    QuestionView,
    RoleList,
    RoleView,
    SampleList,
    SampleSectionView,
    SampleView,
)
from proofkit_serve.wire.kinds import Kind, ProblemError

router = APIRouter(prefix="/v1", tags=["catalogue"])
_RESPONSES = documented()
_NOT_AN_OPERATOR = (
    "This key may not look after the server itself. Ask whoever runs it: the setting `operators` names the owners of "
    "the keys that may."
)


@router.get("/roles", responses=_RESPONSES)
async def list_roles(
    owner: Owner,
    family: Annotated[str, Query(max_length=80, description="Only families whose id or title holds this.")] = "",
) -> RoleList:
    """List the roles of the catalogue. A role that is not in it can be aimed for too."""
    del owner
    wanted = family.casefold()
    roles = tuple(
        RoleView(
            id=entry.role.id,
            title=entry.role.title,
            family=entry.family,
            family_title=entry.family_title,
            samples=entry.role.work_samples,
        )
        for entry in load_catalogue()
        if wanted in f"{entry.family} {entry.family_title}".casefold()
    )
    return RoleList(roles=roles)


@router.get("/sample-types", responses=_RESPONSES)
async def list_sample_types(owner: Owner) -> SampleList:
    """List the types of work sample with their sections and guided questions."""
    del owner
    return SampleList(samples=tuple(_sample(each) for each in load_sample_types()))


@router.get("/demos", responses=_RESPONSES)
async def list_demos(owner: Owner) -> DemoList:
    """List the demos that come along."""
    del owner
    views = tuple(
        DemoView(id=demo.id, target_role=demo.brief.target_role, background=demo.brief.background)
        for demo in load_demos().values()
    )
    return DemoList(demos=views)


@router.get("/backends", responses=_RESPONSES)
async def list_backends(given: Given, owner: Owner) -> BackendList:
    """List the models that a session can choose, and how each stands."""
    del owner
    states = {state.id: state for state in await asyncio.to_thread(given.registry.states)}
    default = given.registry.default_id
    views = tuple(
        _backend(states[spec.id], needs_token=spec.token_from_caller)
        if spec.id in states
        else BackendView(
            id=spec.id,
            name=spec.shown_name,
            backend=BackendName.TEMPLATE.value,
            prompts="",
            is_default=spec.id == default,
            status="ready",
        )
        for spec in given.registry.specs
    )
    return BackendList(backends=views)


@router.post(
    "/backends/{model_id}/retry",
    responses=documented(UNSAFE, WITH_BODY, Kind.OPERATOR_ONLY, Kind.NOT_FOUND, Kind.MODEL_NOT_FOUND),
)
async def retry_backend(given: Given, owner: Owner, model_id: ModelId) -> BackendView:
    """Try a model again that was given up, because something about it was changed.

    For those who run the server: without API keys for anybody on this computer, with them for the owners in
    `operators`. The model is not asked now; the next generation may ask it again. Each process of a server gives models
    up by itself, so this holds for the process that answers.
    """
    if given.settings.needs_keys and owner not in given.settings.operators:
        raise ProblemError(Kind.OPERATOR_ONLY, _NOT_AN_OPERATOR)
    try:
        await asyncio.to_thread(given.registry.retry, model_id)
    except InputError as error:
        raise ProblemError(Kind.MODEL_NOT_FOUND, str(error)) from error
    state = next(state for state in await asyncio.to_thread(given.registry.states) if state.id == model_id)
    return _backend(state, needs_token=given.registry.require(model_id).token_from_caller)


@router.get("/contract", responses=_RESPONSES)
async def read_contract(given: Given, owner: Owner) -> ContractView:
    """Read the version and the digests of the prompt contract."""
    del owner
    contract = given.workshop.contract
    return ContractView(
        version=contract.version,
        digest=contract.digest,
        tasks={task: contract.task_digest(task) for task in contract.tasks},
        product_version=given.workshop.product_version,
    )


def _sample(sample: SampleType) -> SampleView:
    sections = tuple(
        SampleSectionView(
            id=section.id,
            title=section.title,
            goal=section.goal,
            questions=tuple(
                QuestionView(ref=f"{section.id}.{each.id}", ask=each.ask, example=each.example)
                for each in section.questions
            ),
        )
        for section in sample.sections
    )
    return SampleView(id=sample.id, title=sample.title, plain=sample.plain, sections=sections)


def _backend(state: ModelState, *, needs_token: bool) -> BackendView:
    """Return how a model stands, without the words of its last error: they can name files and hosts."""
    return BackendView(
        id=state.id,
        name=state.name,
        backend=state.backend.value,
        prompts=state.prompts.value,
        is_default=state.is_default,
        status=state.status.value,
        mark=state.mark,
        breaker=state.breaker.phase.value,
        last_failure=state.last_failure.value if state.last_failure else "",
        needs_token=needs_token,
        fallbacks=state.fallbacks,
        capabilities=state.capabilities,
    )
