"""Turns views into pages and pieces of pages."""

import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from types import MappingProxyType
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from proofkit_core.errors import DataError
from proofkit_serve.api.services import Services
from proofkit_serve.sessions import Document
from proofkit_ui.web.steps import Step, StepLink, back_of, next_of, path_of, stepper
from proofkit_ui.web.views.sidebar import SidebarModel, sidebar_model
from proofkit_ui.web.visitors import wants_fragment
from proofkit_ui.web.words import Words, load_words

__all__ = ["Frame", "StaticFile", "environment", "fragment", "go", "load_static", "page", "wants_fragment", "words_of"]

THEME_COOKIE = "proofkit_theme"
_THEMES = ("light", "dark")
_MOST_DIGITS = 10


class StaticFile(NamedTuple):
    """A file that pages load."""

    content: bytes
    media_type: str


class Frame(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What stands around every page; templates know it as `frame`."""

    language: str
    theme: str
    """`light` or `dark` where the person chose one; empty to follow the computer."""
    step: Step | None = None
    steps: tuple[StepLink, ...] = ()
    session_id: str = ""
    """Empty on a page outside of sessions."""
    revision: int = 0
    content_language: str = ""
    """What the work sample is written in, where that is another language than the page's."""
    back_href: str = ""
    next_href: str = ""
    note: str = ""
    """A sentence about why this page is shown and not another; empty as a rule."""
    undo_to: int | None = None
    """The revision that goes before what the note tells about, where that can be taken back."""
    path: str = "/"
    """This page's own address."""
    sidebar: SidebarModel | None = None
    """Which model writes; None on pages that cannot tell."""


def page(
    request: Request,
    template: str,
    view: BaseModel | None = None,
    *,
    document: Document | None = None,
    step: Step | None = None,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    """Return a whole page.

    Args:
        request: What was asked; templates get its visitor's theme.
        template: Name in `templates/`, such as `goal.html.j2`.
        view: What the page shows; templates know it as `view`.
        document: The session; without one, the page stands outside of sessions.
        step: The step that it is, for the stepper and the links back and on.
        status: The answer's status.
        headers: Further headers.
    """
    frame = _frame(request, document, step)
    return HTMLResponse(_rendered(request, template, view, frame), status_code=status, headers=dict(headers))


def fragment(
    request: Request,
    template: str,
    view: BaseModel | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    """Return a piece of a page, for a page that is there already.

    Args:
        request: What was asked.
        template: Name of a template that holds only this piece.
        view: What it shows.
        status: The answer's status.
        headers: Further headers, such as `HX-Trigger`.
    """
    frame = _frame(request, None, None)
    return HTMLResponse(_rendered(request, template, view, frame), status_code=status, headers=dict(headers))


def go(request: Request, path: str, *, note: str = "") -> Response:
    """Send the visitor to another page, with or without JavaScript.

    Args:
        request: What was asked.
        path: Where to; one of our own addresses.
        note: Key below `notes.` of a sentence that says why.
    """
    target, _, place = path.partition("#")
    if note:
        target += f"{'&' if '?' in target else '?'}note={quote(note)}"
    where = f"{target}#{place}" if place else target
    if wants_fragment(request.headers):
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)


def words_of(request: Request) -> Words:
    """Return the words of the visitor's language."""
    found: Words = request.app.state.words
    return found


def environment(words: Words, static: Mapping[str, StaticFile], scripts: tuple[str, ...] = ()) -> Environment:
    """Return what renders the templates.

    Args:
        words: Templates know them as `w`.
        static: Files by the names that they are served under.
        scripts: Plain names of files that every page loads besides its own.
    """
    names = {_plain(name): name for name in static}

    def address(name: str) -> str:
        if name not in names:
            raise DataError(f"There is no file {name!r} in static/; there are {', '.join(sorted(names))}.")
        return f"/static/{names[name]}"

    with as_file(files("proofkit_ui.web").joinpath("templates")) as folder:
        made = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # else every template asks the disk at every page
        )
    own: dict[str, Any] = {"w": words, "static": address, "more_scripts": scripts}
    cast("dict[str, Any]", made.globals).update(own)
    return made


@cache
def load_static() -> Mapping[str, StaticFile]:
    """Return the files that pages load, by name with a digest of the content in it: they can be kept for ever."""
    found: dict[str, StaticFile] = {}
    for source in files("proofkit_ui.web").joinpath("static").iterdir():
        if source.is_file():
            content = source.read_bytes()
            media_type = mimetypes.guess_type(source.name)[0] or "application/octet-stream"
            stem, _, ending = source.name.rpartition(".")
            name = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
            found[name] = StaticFile(content, media_type)
    return MappingProxyType(found)


def _plain(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem.rpartition('.')[0]}.{ending}"


def _rendered(request: Request, template: str, view: BaseModel | None, frame: Frame) -> str:
    made: Environment = request.app.state.templates
    return made.get_template(template).render(view=view, frame=frame)


def _frame(request: Request, document: Document | None, step: Step | None) -> Frame:
    words = words_of(request)
    chosen = request.cookies.get(THEME_COOKIE, "")
    asked = f"notes.{request.query_params.get('note', '')}"
    note = words(asked) if asked in words else ""
    path = request.url.path
    services: Services = request.app.state.services
    around = Frame(
        language=words.language,
        theme=chosen if chosen in _THEMES else "",
        note=note,
        path=path,
        sidebar=sidebar_model(services.registry, document, is_local=services.settings.is_loopback),
    )
    if document is None:
        return around
    back, following = (back_of(step), next_of(step)) if step else (None, None)
    return around.model_copy(
        update={
            "step": step,
            "steps": stepper(document, step),
            "session_id": document.id,
            "revision": document.revision,
            "content_language": "" if document.language == words.language else document.language,
            "undo_to": _undo_to(request, document),
            "back_href": path_of(document.id, back) if back else "",
            "next_href": path_of(document.id, following) if following else "",
        }
    )


def _undo_to(request: Request, document: Document) -> int | None:
    wanted = request.query_params.get("undo", "")
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < _MOST_DIGITS
    return int(wanted) if is_number and int(wanted) < document.revision else None


def default_words() -> Words:
    """Return the words of the language that pages are written in first."""
    return load_words("en")
