"""Turns what the service refuses into a page that says what to do; programs get problems, people get sentences."""

import json
from typing import Any, cast

from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proofkit_serve.api.problems import MEDIA_TYPE
from proofkit_serve.wire.problem import PROBLEM_TYPE
from proofkit_ui.web.rendering import fragment, page, wants_fragment, words_of
from proofkit_ui.web.visitors import is_page
from proofkit_ui.web.words import Words

__all__ = ["ErrorView", "Refusals", "error_view"]

_OWN_WORDS = 422
"""Refusals of what somebody typed are told in their own words: these say what to change."""
_TOLD = frozenset({"not-ready", "conflict", "invalid-request", "invalid-brief", "unreadable-file", "export-refused"})


class ErrorView(BaseModel, frozen=True, strict=True, extra="forbid"):
    """An error as a person reads it."""

    heading: str
    what: str
    """What happened."""
    advice: str
    """What to do now; empty where `what` says it."""
    name: str
    """Names the request, for whoever looks after the server."""
    status: int


def error_view(words: Words, status: int, kind: str, detail: str, name: str) -> ErrorView:
    """Return what an error page says.

    Args:
        words: The visitor's language.
        status: The answer's status.
        kind: Kind of the problem, such as `session-not-found`.
        detail: Its sentence, which is shown where it was written for the person.
        name: The request's name.
    """
    known = kind if f"errors.{kind}.heading" in words else "other"
    told = detail if kind in _TOLD and detail else words(f"errors.{known}.what")
    return ErrorView(
        heading=words(f"errors.{known}.heading"),
        what=told,
        advice=words(f"errors.{known}.advice"),
        name=name if known == "other" or kind == "internal" else "",
        status=status,
    )


class Refusals:
    """ASGI middleware that replaces problems by pages, for addresses that are for people."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app.

        Args:
            app: What answers.
        """
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_problem(message):
                held.append(message)
            elif held:
                held.append(message)
                if not message.get("more_body", False):
                    await _answer(scope, held)(scope, receive, send)
            else:
                await send(message)

        await self._app(scope, receive, told)


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


def _answer(scope: Scope, held: list[Message]) -> ASGIApp:
    body = b"".join(cast("bytes", message.get("body", b"")) for message in held[1:])
    problem: dict[str, Any] = json.loads(body)
    status = int(held[0]["status"])
    given = Headers(raw=held[0]["headers"])
    kept = {name: given[name] for name in ("retry-after", "allow", "x-request-id") if name in given}
    request = Request(scope)
    view = error_view(
        words_of(request),
        status,
        str(problem.get("type", "")).removeprefix(PROBLEM_TYPE),
        str(problem.get("detail", "")),
        str(problem.get("instance", "")).rpartition(":")[2],
    )
    if wants_fragment(request.headers):
        # What was asked for is not replaced by an error: that goes to the page's own place for messages.
        kept |= {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
        return fragment(request, "error_note.html.j2", view, status=status, headers=kept)
    return page(request, "error.html.j2", view, status=status, headers=kept)
