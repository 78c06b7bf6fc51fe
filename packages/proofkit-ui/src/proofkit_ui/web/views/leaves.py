"""What leaves the computer: an itemised account, read from the settings and the models as they are."""

from collections.abc import Iterator

from pydantic import BaseModel

from proofkit_serve.registry import ModelSpec, Registry
from proofkit_serve.settings import Settings
from proofkit_ui.web.views.model_words import ModelPlace, hosts_of, place_of_model

__all__ = ["LeavesView", "Leaving", "Staying", "leaves_view"]


class Leaving(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One way out of the computer."""

    model: str
    """Name of the model that is asked."""
    hosts: tuple[str, ...]
    """Whose computers get it."""
    is_first: bool
    """Whether it is what a new work sample uses, unless something else is chosen."""


class Staying(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Something that could leave elsewhere, and does not here."""

    what: str
    """Key of its words."""
    how: str
    """Key of the sentence that says where it stays."""


class LeavesView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The page."""

    is_local: bool
    """Whether the program listens on this computer alone."""
    headline: str
    """Key of the short answer."""
    leaving: tuple[Leaving, ...]
    beside: tuple[Leaving, ...]
    """Models that other programs on this computer run: nothing leaves, but another program reads along."""
    staying: tuple[Staying, ...]
    folder: str
    """Where everything is kept; empty where the person sits at another computer."""


_STAYING = (
    Staying(what="leaves.what.words", how="leaves.how.words"),
    Staying(what="leaves.what.uploads", how="leaves.how.uploads"),
    Staying(what="leaves.what.store", how="leaves.how.store"),
    Staying(what="leaves.what.downloads", how="leaves.how.downloads"),
    Staying(what="leaves.what.page", how="leaves.how.page"),
    Staying(what="leaves.what.cookies", how="leaves.how.cookies"),
    Staying(what="leaves.what.counting", how="leaves.how.counting"),
    Staying(what="leaves.what.updates", how="leaves.how.updates"),
)


def leaves_view(registry: Registry, settings: Settings) -> LeavesView:
    """Return what leaves the computer.

    Args:
        registry: The models.
        settings: Where the program listens and keeps things.
    """
    leaving = tuple(_asked_at(registry, ModelPlace.HOSTED, is_local=settings.is_loopback))
    return LeavesView(
        is_local=settings.is_loopback,
        headline=_headline(leaving),
        leaving=leaving,
        beside=tuple(_asked_at(registry, ModelPlace.BESIDE, is_local=settings.is_loopback)),
        staying=_STAYING,
        folder=str(settings.data_dir) if settings.is_loopback else "",
    )


def _headline(leaving: tuple[Leaving, ...]) -> str:
    if not leaving:
        return "leaves.nothing"
    return "leaves.some" if any(each.is_first for each in leaving) else "leaves.if_chosen"


def _asked_at(registry: Registry, place: ModelPlace, *, is_local: bool) -> Iterator[Leaving]:
    for spec in registry.specs:
        if place_of_model(registry, spec, is_local=is_local) is place:
            hosts = hosts_of(registry, spec)
            yield Leaving(model=spec.shown_name, hosts=hosts, is_first=_is_asked_first(registry, spec))


def _is_asked_first(registry: Registry, spec: ModelSpec) -> bool:
    first = registry.require(registry.default_id)
    return spec.id == first.id or spec.id in first.fallbacks
