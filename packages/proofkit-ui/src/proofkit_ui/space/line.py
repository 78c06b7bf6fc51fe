"""The way to the card: through Gradio's own queue, which knows whose quota a call spends.

One function stands in the queue. What goes in and comes out are texts: a request, and the pieces of its completion. The
other end is here too, because it is this very program that asks, over its own loopback address.
"""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse

from pydantic import SecretStr, TypeAdapter

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import GenerationRequest
from proofkit_serve.backends.zero_gpu import Failed, Line, Piece, Stream
from proofkit_ui.space.front import DOOR
from proofkit_ui.space.quotas import HEADER

__all__ = ["NAME", "line_to", "queued"]

NAME = "complete"
"""The function's name in the queue."""
_ADDRESS = f"/gradio_api/call/{NAME}"
_PIECE: TypeAdapter[Piece | Failed] = TypeAdapter(Piece | Failed)
_SPARE_S = 30.0
"""How much longer than the request's own limit the line stays open: whoever listens has left by then."""
_OK = 200


def queued(stream: Stream) -> Callable[[str], Iterator[str]]:
    """Return the function for Gradio's queue.

    Args:
        stream: Completes a request piece by piece, on a card where there is one.
    """

    def complete(asked: str) -> Iterator[str]:
        pieces = stream(GenerationRequest.model_validate_json(asked))
        with closing(pieces):  # whoever stops to listen closes this, and with it the work on the card
            for piece in pieces:
                yield json.dumps([type(piece).__name__, list(piece)])

    return complete


def line_to(address: Callable[[], tuple[str, int]], key: str) -> Line:
    """Return what carries requests through the queue.

    Args:
        address: Returns host and port of this program, which are known once it listens.
        key: Opens Gradio's addresses.
    """

    def line(token: SecretStr | None) -> Stream:
        headers = {DOOR: key, "Content-Type": "application/json"}
        if token is not None:
            headers[HEADER] = token.get_secret_value()

        def stream(request: GenerationRequest) -> Generator[Piece | Failed, None, None]:
            with closing(HTTPConnection(*address(), timeout=request.time_limit_s + _SPARE_S)) as connection:
                try:
                    yield from _pieces(connection, headers, request)
                except (OSError, HTTPException, ValueError) as error:
                    raise GenerationError(
                        f"The queue of this Space broke off: {type(error).__name__}. Expected it to answer to the end. "
                        f"Try again.",
                        kind=FailureKind.CUT,
                    ) from error

        return stream

    return line


def _pieces(
    connection: HTTPConnection, headers: dict[str, str], request: GenerationRequest
) -> Generator[Piece | Failed, None, None]:
    body = json.dumps({"data": [request.model_dump_json()]})
    connection.request("POST", _ADDRESS, body, headers)
    event_id = json.loads(_answer(connection).read())["event_id"]
    connection.request("GET", f"{_ADDRESS}/{event_id}", headers=headers)
    for name, data in _events(_answer(connection)):
        if name == "generating":
            yield _read(json.loads(data)[0])
        elif name == "error":
            # Not ours: what our function raises comes as a piece. It is the platform's sentence, about card or quota.
            raise RuntimeError(_told(json.loads(data)))
        elif name == "complete":
            return


def _answer(connection: HTTPConnection) -> HTTPResponse:
    answer = connection.getresponse()
    if answer.status != _OK:
        told = answer.read(500).decode("utf-8", "replace")
        raise GenerationError(
            f"The queue of this Space answered {answer.status}: {told[:200]} Expected 200. Try again later.",
            kind=FailureKind.QUEUE,
        )
    return answer


def _events(answer: HTTPResponse) -> Iterator[tuple[str, str]]:
    name = ""
    for raw in iter(answer.readline, b""):
        field, _, value = raw.decode().rstrip("\r\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, value


def _read(text: str) -> Piece | Failed:
    kind, values = json.loads(text)
    return _PIECE.validate_python((Piece if kind == "Piece" else Failed)(*values))


def _told(data: object) -> str:
    match data:
        case {"error": str(said), "title": str(title)}:
            return f"{title}: {said}"
        case str(said) if said:
            return said
        case _:
            return "The platform gave no reason."
