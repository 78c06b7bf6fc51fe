"""Requests and answers on the wire. Everything that knows httpx stands here, so that its successor can take over."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import ValidationError

from proofkit_core.errors import ProofKitError
from proofkit_serve.wire.problem import Problem

_PROBLEM = "application/problem+json"
_BAD = 400


class ServiceProblemError(ProofKitError):
    """The service answered with a problem."""

    def __init__(self, problem: Problem, headers: Mapping[str, str]) -> None:
        """Keep the problem.

        Args:
            problem: What the service says.
            headers: The answer's headers, such as `ETag` and `Retry-After`.
        """
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = dict(headers)


class ConnectionLostError(ProofKitError):
    """The service could not be reached, or went away in the middle of an answer."""


class Connection:
    """A connection to one service."""

    def __init__(self, base_url: str, *, key: str | None, timeout_s: float) -> None:
        """Get ready; nothing is sent yet.

        Args:
            base_url: Where the service listens.
            key: The API key, where one is needed.
            timeout_s: How long an answer may take, and a silence in a stream.
        """
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout_s, follow_redirects=False)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: str | None = None,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        file: bytes | None = None,
    ) -> httpx.Response:
        """Send a request and return its answer.

        Args:
            method: `GET`, `POST` …
            path: The address below the service's own.
            json: The body, as JSON.
            query: Queries of the address.
            headers: Further headers.
            file: A file to upload instead of a body.

        Raises:
            ServiceProblemError: The service answered with a problem.
            ConnectionLostError: It did not answer.
        """
        sent = dict(headers or {})
        if json is not None:
            sent["Content-Type"] = "application/json"
        files = {"file": ("file", file, "application/octet-stream")} if file is not None else None
        content = json.encode() if json is not None else None
        try:
            answer = self._http.request(method, path, content=content, params=query, headers=sent, files=files)
        except httpx.HTTPError as error:
            raise _lost(error) from error
        if answer.status_code >= _BAD:
            raise _problem(answer)
        return answer

    @contextmanager
    def stream(self, method: str, path: str, **options: Any) -> Generator[Iterator[str]]:  # noqa: ANN401 - as httpx names them
        """Open an event stream and give its lines.

        Args:
            method: `GET` or `POST`.
            path: The address.
            **options: `headers`, `content`.

        Raises:
            ServiceProblemError: The service answered with a problem.
            ConnectionLostError: It did not answer, or went away.
        """
        headers = {"Accept": "text/event-stream", **options.pop("headers", {})}
        try:
            with self._http.stream(method, path, headers=headers, **options) as answer:
                if answer.status_code >= _BAD:
                    answer.read()
                    raise _problem(answer)
                yield _lines(answer.iter_bytes())
        except httpx.HTTPError as error:
            raise _lost(error) from error


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    """Yield whole lines. Only the stream's own line ends count: text holds others."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.decode().removesuffix("\r")


def _problem(answer: httpx.Response) -> ProofKitError:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind != _PROBLEM:
        told = f"The service answered {answer.status_code} as {kind or 'nothing'}; expected {_PROBLEM}."
        return ConnectionLostError(f"{told} Is there something else at this address, or a proxy before it?")
    try:
        return ServiceProblemError(Problem.model_validate_json(answer.content), answer.headers)
    except ValidationError:
        return ConnectionLostError(f"The service answered {answer.status_code} with a problem that cannot be read.")


def _lost(error: httpx.HTTPError) -> ConnectionLostError:
    why = type(error).__name__
    return ConnectionLostError(f"The service could not be reached ({why}). Is it running at this address? Ask again.")
