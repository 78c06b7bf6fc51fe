"""Event streams on the wire (`text/event-stream`), and how they are documented."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from proofkit_core.errors import ProofKitError
from proofkit_serve.store.records import GenerationEvent
from proofkit_serve.wire.answers import EventList, StoredEventView
from proofkit_serve.wire.events import read_event_body

STREAM_TYPE = "text/event-stream"
STREAM_HEADERS = {"Cache-Control": "no-cache, no-store", "X-Accel-Buffering": "no"}
"""A proxy that holds pieces back would hold back the text."""
_EVENT: Mapping[str, Any] = {
    "type": "object",
    "required": ["event", "id", "data"],
    "properties": {
        "event": {"type": "string", "description": "The `type` of the data."},
        "id": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "Counts from 1 within the generation."},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/GenerationEventBody"},
        },
    },
}
_PING = b": ping\n\n"
_JSON = ("application/json", "application/*")


def documented_stream(description: str, example: str) -> dict[str, Any]:
    """Return a stream of a generation's events, as the framework documents it: by each of its items."""
    return {"description": description, "content": {STREAM_TYPE: {"itemSchema": dict(_EVENT), "example": example}}}


class AttachedStream(StreamingResponse):
    """An event stream that says when its reader is gone, even one that left before the first event."""

    def __init__(
        self, content: AsyncIterator[bytes], *, headers: Mapping[str, str], on_gone: Callable[[], None]
    ) -> None:
        """Get ready.

        Args:
            content: The stream.
            headers: Further headers.
            on_gone: Called once nobody reads any more; at the end of the stream too.
        """
        super().__init__(content, headers={**STREAM_HEADERS, **headers}, media_type=STREAM_TYPE)
        self._on_gone = on_gone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._on_gone()


def wants_stream(request: Request, *, default: bool = False) -> bool:
    """Say whether the caller asked for an event stream.

    Args:
        request: The request.
        default: What to do for a caller that takes anything.
    """
    accept = request.headers.get("accept", "*/*").lower()
    if STREAM_TYPE in accept:
        return True
    return default and not any(kind in accept for kind in _JSON)


async def streamed(events: AsyncIterator[GenerationEvent | None]) -> AsyncIterator[bytes]:
    """Yield events as they go over the wire, and a comment in each silence."""
    try:
        async for event in events:
            yield _PING if event is None else _frame(event)
    except ProofKitError:
        # The store went away, or the session was deleted. The headers are sent: ending here makes the caller ask
        # again with `Last-Event-ID`, and then they are told.
        return


def event_list(events: Iterable[GenerationEvent], *, ended: bool) -> EventList:
    """Return events for a caller that does not read streams."""
    views = tuple(
        StoredEventView(id=event.seq, event=read_event_body(event.event_json).type, data=event.event_json)
        for event in events
    )
    return EventList(events=views, ended=ended)


def _frame(event: GenerationEvent) -> bytes:
    """Return an event on the wire. JSON leaves no line end but these, at which many readers of lines break too."""
    data = event.event_json.replace("\x85", "\\u0085").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    name = read_event_body(event.event_json).type
    return f"event: {name}\nid: {event.seq}\ndata: {data}\n\n".encode()
