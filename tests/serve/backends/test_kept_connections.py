"""A server may close a connection that it promised to keep: llama-server does so after each streamed answer."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import FinishReason, GenerationRequest, ModelIdentity
from proofkit_prompts import FrozenPrompt
from proofkit_serve.backends.http.limits import Limits
from proofkit_serve.backends.openai_compatible import open_openai_compatible

FrozenMaker = Callable[..., FrozenPrompt]
EVENT = b'data: {"choices":[{"text":"Words.","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
STREAMED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    b"Keep-Alive: timeout=5, max=100\r\n\r\n" + f"{len(EVENT):x}\r\n".encode() + EVENT + b"\r\n0\r\n\r\n"
)


def read_request(connection: socket.socket) -> bytes:
    """Return one request, whole; nothing where the client left."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head


@contextmanager
def forgetful_server(answers: int) -> Generator[tuple[str, list[int]]]:
    """Answer one request on each connection, and close it as the next one comes; after some answers, only close."""
    asked: list[int] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(0)
                if read_request(connection):
                    asked[-1] += 1
                    if len(asked) <= answers:
                        connection.sendall(STREAMED)
                        asked[-1] += bool(read_request(connection))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def test_a_request_on_a_connection_that_was_closed_meanwhile_is_sent_on_another(
    frozen: FrozenMaker, identity: ModelIdentity, patient: Limits
) -> None:
    request = GenerationRequest(prompt=frozen("Name three risks."))
    with (
        forgetful_server(answers=3) as (url, asked),
        open_openai_compatible(identity=identity, base_urls=(url,), model="m", limits=patient) as backend,
    ):
        for _ in range(3):
            completion = backend.generate(request)
            assert (completion.text, completion.finish_reason) == ("Words.", FinishReason.STOP)
        backend.close()
    assert len(asked) == 3


def test_a_server_that_closes_a_new_connection_unasked_is_a_failure(
    frozen: FrozenMaker, identity: ModelIdentity, patient: Limits
) -> None:
    request = GenerationRequest(prompt=frozen("Name three risks."))
    with (
        forgetful_server(answers=0) as (url, asked),
        open_openai_compatible(identity=identity, base_urls=(url,), model="m", limits=patient) as backend,
        pytest.raises(GenerationError) as caught,
    ):
        backend.generate(request)
    assert caught.value.kind is FailureKind.CONNECT
    assert asked == [1]
