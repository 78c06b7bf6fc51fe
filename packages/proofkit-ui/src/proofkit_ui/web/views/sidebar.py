"""The sidebar's part about the model: which one writes, where it runs, and how it stands."""

from pydantic import BaseModel

from proofkit_serve.registry import ModelSpec, ModelStatus, Registry
from proofkit_serve.sessions import Document
from proofkit_ui.web.views.model_words import PLACES, STATES, ModelPlace, place_of_model

__all__ = ["SidebarModel", "sidebar_model"]


class SidebarModel(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the sidebar says about the model."""

    id: str
    place: str
    """Key of the words for where it runs, such as `model.place.here`."""
    name: str
    """Its own name; empty where no model writes."""
    state: str
    """Key of the words for how it stands; empty where no model writes."""
    look: str
    """`good`, `idle`, `wait` or `bad`; never shown without its words."""
    leaves: bool
    """Whether anything leaves the computer while it writes."""
    is_local: bool
    """Whether the person sits at the computer that this program runs on."""
    can_be_tried: bool
    """Whether there is a model whose connection can be tested."""
    href: str
    """The page about it, for this session or for all."""


LOOKS = {
    ModelStatus.READY: "good",
    ModelStatus.NOT_OPENED: "idle",
    ModelStatus.WAKING: "wait",
    ModelStatus.RESTING: "wait",
    ModelStatus.BROKEN: "bad",
}


def sidebar_model(registry: Registry, document: Document | None, *, is_local: bool) -> SidebarModel:
    """Return what the sidebar says; it asks no model and no server.

    Args:
        registry: The models.
        document: The session, whose choice counts; None for the model of new sessions.
        is_local: Whether the person sits at the computer that this program runs on.
    """
    spec = spec_of(registry, document)
    place = place_of_model(registry, spec, is_local=is_local)
    status = registry.status(spec.id)
    return SidebarModel(
        id=spec.id,
        place=PLACES[place],
        name="" if place is ModelPlace.NOWHERE else spec.shown_name,
        state=STATES[status] if status else "",
        look=LOOKS[status] if status else "good",
        leaves=place is ModelPlace.HOSTED,
        is_local=is_local,
        can_be_tried=place is not ModelPlace.NOWHERE,
        href=f"/s/{document.id}/model" if document else "/model",
    )


def spec_of(registry: Registry, document: Document | None) -> ModelSpec:
    """Return the model that writes; one that was chosen and is gone counts as not chosen."""
    chosen = document.model_choice if document else ""
    return registry.require(chosen if chosen in registry.ids else registry.default_id)
