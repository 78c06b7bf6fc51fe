"""Which model writes: the ones there are in plain words, how each stands, and what came of trying one."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from proofkit_core.errors import FailureKind
from proofkit_serve.doctor.report import CheckName, ModelReport, Outcome
from proofkit_serve.registry import ModelSpec, ModelStatus, Registry
from proofkit_serve.sessions import Document
from proofkit_ui.web.views.model_words import FAILURES, PLACES, STATES, ModelPlace, hosts_of, place_of_model
from proofkit_ui.web.views.sidebar import LOOKS, spec_of

__all__ = ["NEEDED", "ModelView", "ModelsView", "TriedView", "models_view", "tried_view"]

_WORDS_PER_TOKEN = 0.7
"""Roughly, for English: people count words."""
_STEPS: Mapping[CheckName, str] = MappingProxyType(
    {
        "contract": "model.tried.contract",
        "open": "model.tried.open",
        "reachable": "model.tried.reachable",
        "template": "model.tried.contract",
        "answer": "model.tried.answer",
    }
)
"""Keys of what a check that failed means, for the checks that a model cannot do without."""
NEEDED: tuple[CheckName, ...] = ("contract", "open", "reachable", "template", "answer")
"""The same, in order: what testing a connection tries."""


class TriedView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What came of testing the connection to a model."""

    works: bool
    told: str
    """Key of the sentence."""
    seconds: str = ""
    """How long it took to begin, such as `0.4`; empty where it did not answer."""
    words_a_minute: int = 0
    details: str = ""
    """What whoever set the model up should know; shown only on the computer that the program runs on."""


class ModelView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One model."""

    id: str
    place: str
    """Key of where it runs."""
    about: str
    """Key of a sentence about what that means."""
    name: str
    hosts: tuple[str, ...]
    """Whose computers are asked; empty where none are."""
    state: str
    """Key of how it stands; empty where nothing can stand badly."""
    look: str
    failure: str
    """Key of why it failed last; empty where it did not."""
    is_chosen: bool
    can_be_tried: bool
    tried: TriedView | None = None


class ModelsView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The page about models."""

    action: str
    """Where the forms of this page go."""
    can_choose: bool
    """Whether there is a session whose model can be chosen."""
    models: tuple[ModelView, ...]
    back_url: str
    """The session's page to go on with; empty outside of sessions."""


ABOUT: Mapping[ModelPlace, str] = MappingProxyType(
    {
        ModelPlace.NOWHERE: "model.about.nowhere",
        ModelPlace.HERE: "model.about.here",
        ModelPlace.SERVER: "model.about.server",
        ModelPlace.BESIDE: "model.about.beside",
        ModelPlace.HOSTED: "model.about.hosted",
    }
)


def models_view(
    registry: Registry,
    document: Document | None,
    *,
    is_local: bool,
    back_url: str = "",
    tried: Mapping[str, TriedView] = MappingProxyType({}),
) -> ModelsView:
    """Return the page about models; no model and no server is asked for it.

    Args:
        registry: The models.
        document: The session; None outside of sessions.
        is_local: Whether the person sits at the computer that this program runs on.
        back_url: The session's page to go on with.
        tried: What came of trying some of them, by id.
    """
    chosen = spec_of(registry, document).id
    failures = {state.id: state.last_failure for state in registry.states()}
    return ModelsView(
        action=f"/s/{document.id}/model" if document else "/model",
        can_choose=document is not None,
        models=tuple(
            _model(
                registry,
                spec,
                place_of_model(registry, spec, is_local=is_local),
                is_chosen=spec.id == chosen,
                failure=failures.get(spec.id),
                tried=tried.get(spec.id),
            )
            for spec in registry.specs
        ),
        back_url=back_url,
    )


def _model(
    registry: Registry,
    spec: ModelSpec,
    place: ModelPlace,
    *,
    is_chosen: bool,
    failure: FailureKind | None,
    tried: TriedView | None,
) -> ModelView:
    status = registry.status(spec.id)
    is_well = status in {None, ModelStatus.READY, ModelStatus.NOT_OPENED}
    return ModelView(
        id=spec.id,
        place=PLACES[place],
        about=ABOUT[place],
        name="" if place is ModelPlace.NOWHERE else spec.shown_name,
        hosts=hosts_of(registry, spec),
        state=STATES[status] if status else "",
        look=LOOKS[status] if status else "good",
        failure=FAILURES[failure] if failure and not is_well else "",
        is_chosen=is_chosen,
        can_be_tried=place is not ModelPlace.NOWHERE,
        tried=tried,
    )


def tried_view(report: ModelReport, *, details: bool) -> TriedView:
    """Return what came of trying a model.

    Args:
        report: What the examination found.
        details: Whether to say what it found in its own words: they can name files and addresses.
    """
    failed = next((check for check in report.checks if check.outcome is Outcome.FAILED and check.name in _STEPS), None)
    if failed is not None or not report.usable:
        told = _STEPS[failed.name] if failed else "model.tried.answer"
        return TriedView(works=False, told=told, details=failed.told if failed and details else "")
    first, pace = report.first_token_s, report.tokens_per_s
    return TriedView(
        works=True,
        told="model.tried.works",
        seconds=f"{first:.1f}" if first is not None else "",
        words_a_minute=int(round(pace * _WORDS_PER_TOKEN * 60, -1)) if pace else 0,
    )
