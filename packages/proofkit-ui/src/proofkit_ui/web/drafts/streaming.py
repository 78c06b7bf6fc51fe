"""A draft's events as pieces of the page that shows it.

Each event of the service becomes one message with the same number, so that a line that broke is taken up where it
broke: a browser sends the number of the last message, and nothing is shown twice or left out.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from jinja2 import Environment
from markupsafe import escape

from proofkit_core.errors import ProofKitError
from proofkit_serve.store.records import GenerationEvent
from proofkit_serve.wire.events import DeltaEvent, DoneEvent, GenerationEventBody, ResultEvent, read_event_body
from proofkit_ui.web.views.drafting import Asked, Progress, Seen, step
from proofkit_ui.web.views.drafts import DraftView, draft_view, part_view

__all__ = ["DraftStream", "message"]

_PING = b": ping\n\n"
_TEMPLATE = "drafts.html.j2"


class DraftStream:
    """Follows one draft for one page."""

    def __init__(  # noqa: PLR0913 - the draft, and the page that shows it
        self,
        templates: Environment,
        progress: Progress,
        asked: Asked,
        *,
        generation_id: str,
        session_id: str,
        on: str,
        back: str,
        hosted: frozenset[str],
    ) -> None:
        """Begin where the page stands.

        Args:
            templates: What renders the pieces.
            progress: What the page shows already.
            asked: What the draft was asked to make.
            generation_id: Which draft.
            session_id: For which session.
            on: Name of the page.
            back: The page's address.
            hosted: Ids of the models that are on another computer.
        """
        macros: Any = templates.get_template(_TEMPLATE).module
        self._status = macros.draft_status
        self._part = macros.draft_part
        self._box = macros.draft_inner
        self._progress = progress
        self._asked = asked
        self._place = {"generation_id": generation_id, "session_id": session_id, "on": on, "back": back}
        self._hosted = hosted
        self._heading = macros.draft_headline
        self._told = {"draft-heading": "", "draft-status": ""}
        list(self._spoken())  # the page says this already

    async def frames(self, events: AsyncIterator[GenerationEvent | None]) -> AsyncIterator[bytes]:
        """Yield the messages for some events, and a comment in each silence.

        Args:
            events: What happens from now on.
        """
        try:
            async for event in events:
                yield _PING if event is None else self.frame(event)
        except ProofKitError:
            # The store went away, or the session was deleted. The headers are sent: ending here makes the browser ask
            # again, and then it is told.
            return

    def frame(self, event: GenerationEvent) -> bytes:
        """Return the message for one event."""
        body = read_event_body(event.event_json)
        before = self._progress
        self._progress = step(before, Seen(seq=event.seq, body=body), self._hosted)
        name = "end" if isinstance(body, DoneEvent) else "draft"
        if self._progress is before:  # the page shows it already
            return message(name, event.seq, ())
        return message(name, event.seq, self._pieces(body, before))

    def _pieces(self, body: GenerationEventBody, before: Progress) -> Iterable[str]:
        if isinstance(body, DoneEvent):
            yield _piece("draft-inner", "put", str(self._box(self._view())))
            yield '<template data-how="fresh"></template>'
            return
        part = self._progress.part(body.part)
        known = before.part(body.part)
        if part is not None:
            if known is None:
                yield _piece("draft-parts", "add", str(self._part(part_view(part))))
            elif isinstance(body, DeltaEvent) and known.state == part.state:
                yield _piece(f"draft-text-{part.key}", "add", str(escape(body.text)))
            else:
                yield _piece(f"draft-part-{part.key}", "swap", str(self._part(part_view(part))))
        yield from self._spoken()
        if isinstance(body, ResultEvent):
            yield '<template data-how="fresh"></template>'

    def _spoken(self) -> Iterable[str]:
        """Yield what is told of the whole where it changed; it is read out, so nothing is said twice."""
        view = self._view()
        for target, macro in (("draft-heading", self._heading), ("draft-status", self._status)):
            text = str(macro(view)).strip()
            if text != self._told[target]:
                self._told[target] = text
                yield _piece(target, "put", text)

    def _view(self) -> DraftView:
        return draft_view(self._progress, self._asked, **self._place)


def message(name: str, seq: int, pieces: Iterable[str]) -> bytes:
    """Return one message of an event stream; its data may hold line ends.

    Args:
        name: Its type.
        seq: Its number.
        pieces: What it holds.
    """
    data = "".join(pieces).replace("\r\n", "\n").replace("\r", "\n")
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\nid: {seq}\n{lines}\n".encode()


def _piece(target: str, how: str, content: str) -> str:
    return f'<template data-target="{target}" data-how="{how}">{content}</template>'
