"""The client itself: one method for each thing that the service does."""

import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from proofkit_serve.client.connection import Connection, ConnectionLostError, ServiceProblemError
from proofkit_serve.client.events import Event, read_events
from proofkit_serve.sessions.document import Document, read_document
from proofkit_serve.store.records import Counted, Deleted
from proofkit_serve.uploads.records import UploadedText
from proofkit_serve.wire.answers import (
    BackendList,
    BackendView,
    ContractView,
    DemoList,
    ExportList,
    GenerationList,
    GenerationView,
    Health,
    History,
    HistoryEntry,
    Me,
    ReadyState,
    RoleList,
    SampleList,
    SessionList,
)
from proofkit_serve.wire.events import DoneEvent
from proofkit_serve.wire.requests import (
    DemoInput,
    GenerationInput,
    SessionInput,
    UndoInput,
)

_Record = TypeVar("_Record", bound=BaseModel)
_SESSIONS = "/v1/sessions"
_GENERATIONS = "/v1/generations"
_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_AWAY = 503


class Client:
    """A caller of one service, as one person. Not for several threads at once."""

    def __init__(
        self,
        base_url: str,
        *,
        key: str | None = None,
        timeout_s: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Get ready; nothing is sent yet.

        Args:
            base_url: Where the service listens, such as `http://127.0.0.1:8000`.
            key: The API key, where one is needed.
            timeout_s: How long an answer may take, and a silence in a stream.
            sleep: Waits some seconds before a stream that broke off is opened again.
        """
        self._connection = Connection(base_url, key=key, timeout_s=timeout_s)
        self._sleep = sleep

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    def create_session(self, wanted: SessionInput | None = None, *, idempotency_key: str | None = None) -> Document:
        """Make a session, empty or with a goal."""
        body = (wanted or SessionInput()).model_dump_json(exclude_unset=True)
        return read_document(self._post(_SESSIONS, body, _idempotent(idempotency_key)))

    def sessions(self, *, limit: int = 50, offset: int = 0) -> SessionList:
        """Return your sessions, last changed first."""
        return self._get(_SESSIONS, SessionList, {"limit": limit, "offset": offset})

    def session(self, session_id: str, *, revision: int | None = None) -> Document:
        """Return a session as it stands, or as it stood at a revision."""
        query = None if revision is None else {"revision": revision}
        return read_document(self._connection.send("GET", f"{_SESSIONS}/{session_id}", query=query).content)

    def change(self, document: Document, change: BaseModel) -> Document:
        """Change one thing in a session, if it still is as you saw it.

        Args:
            document: The session as you saw it.
            change: One of the changes in `proofkit_serve.wire.requests`.

        Raises:
            ServiceProblemError: Somebody else changed it meanwhile (412), or the change does not fit.
        """
        body = change.model_dump_json(exclude_unset=True)
        path = f"{_SESSIONS}/{document.id}"
        return read_document(self._connection.send("PATCH", path, json=body, headers=_matching(document)).content)

    def delete_session(self, session_id: str) -> Deleted:
        """Delete a session for good."""
        return Deleted.model_validate_json(self._connection.send("DELETE", f"{_SESSIONS}/{session_id}").content)

    def history(self, session_id: str, *, after: int = 0, limit: int = 100) -> History:
        """Return a page of what happened in a session: no more than `limit` steps after a revision."""
        return self._get(f"{_SESSIONS}/{session_id}/history", History, {"after": after, "limit": limit})

    def whole_history(self, session_id: str, *, page: int = 500) -> Iterator[HistoryEntry]:
        """Yield everything that happened in a session, asking for page after page of so many steps."""
        after: int | None = 0
        while after is not None:
            found = self.history(session_id, after=after, limit=page)
            yield from found.events
            after = found.next_after

    def import_demo(self, document: Document, demo: str) -> Document:
        """Put the goal of a demo in place of your own."""
        return self._act(document, "import-demo", DemoInput(demo=demo))

    def reset(self, document: Document) -> Document:
        """Start over."""
        return self._act(document, "reset")

    def undo(self, document: Document, to_revision: int) -> Document:
        """Go back to an earlier revision."""
        return self._act(document, "undo", UndoInput(to_revision=to_revision))

    def accept(self, document: Document, proposal_id: str) -> Document:
        """Put a proposed text in the place of the section's."""
        return self._act(document, f"proposals/{proposal_id}/accept")

    def reject(self, document: Document, proposal_id: str) -> Document:
        """Put a proposed text away."""
        return self._act(document, f"proposals/{proposal_id}/reject")

    def generate(
        self,
        session_id: str,
        wanted: GenerationInput,
        *,
        idempotency_key: str | None = None,
        model_token: str | None = None,
    ) -> GenerationView:
        """Have something made; it goes on without you. Follow it with `follow`, or wait for it with `wait`.

        Args:
            session_id: The session.
            wanted: What to make.
            idempotency_key: The same one for the same wish, so that it is done once.
            model_token: Your own token, for a model that needs it.
        """
        path = f"{_SESSIONS}/{session_id}/generations"
        headers = _idempotent(idempotency_key) | _with_token(model_token)
        answer = self._post(path, wanted.model_dump_json(), headers)
        return GenerationView.model_validate_json(answer)

    def generations(self, session_id: str, *, after: str | None = None, limit: int = 100) -> GenerationList:
        """Return a page of a session's generations, oldest first: no more than `limit` that came after one of them."""
        query = {"limit": limit} if after is None else {"after": after, "limit": limit}
        return self._get(f"{_SESSIONS}/{session_id}/generations", GenerationList, query)

    def all_generations(self, session_id: str, *, page: int = 500) -> Iterator[GenerationView]:
        """Yield all of a session's generations, oldest first, asking for page after page of so many."""
        found = self.generations(session_id, limit=page)
        yield from found.generations
        while found.next_after is not None:
            found = self.generations(session_id, after=found.next_after, limit=page)
            yield from found.generations

    def generation(self, generation_id: str) -> GenerationView:
        """Return how far a generation is."""
        return self._get(f"{_GENERATIONS}/{generation_id}", GenerationView)

    def cancel(self, generation_id: str) -> GenerationView:
        """Stop a generation."""
        answer = self._connection.send("DELETE", f"{_GENERATIONS}/{generation_id}")
        return GenerationView.model_validate_json(answer.content)

    def follow(self, generation_id: str, *, after: int = 0, tries: int = 5) -> Iterator[Event]:
        """Yield a generation's events until its last one; a stream that breaks off is opened again where it was.

        Args:
            generation_id: The generation.
            after: Number of the last event that is known already.
            tries: How often in a row the stream may break off without a new event.

        Raises:
            ConnectionLostError: It broke off too often.
            ServiceProblemError: There is no such generation, or the service was busy too often.
        """
        failed = 0
        while True:
            try:
                headers = {"Last-Event-ID": str(after)}
                with self._connection.stream("GET", f"{_GENERATIONS}/{generation_id}/events", headers=headers) as lines:
                    for event in read_events(lines):
                        after, failed = event.id, 0
                        yield event
                        if isinstance(event.body, DoneEvent):
                            return
            except (ConnectionLostError, ServiceProblemError) as error:
                if failed >= tries or not _may_pass(error):
                    raise
            failed += 1
            if failed > tries:
                raise ConnectionLostError("The event stream ended before the generation did. Read the generation.")
            self._sleep(min(_PAUSE_S * 2**failed, _LONGEST_PAUSE_S))

    def draft(self, session_id: str, wanted: GenerationInput, *, model_token: str | None = None) -> Iterator[Event]:
        """Have something made and yield its events; it is stopped when you stop reading."""
        path = f"{_SESSIONS}/{session_id}/generations"
        headers = {"Content-Type": "application/json", **_with_token(model_token)}
        content = wanted.model_dump_json().encode()
        with self._connection.stream("POST", path, headers=headers, content=content) as lines:
            yield from read_events(lines)

    def wait(self, generation_id: str) -> GenerationView:
        """Wait until a generation has ended, and return it."""
        for _ in self.follow(generation_id):
            pass
        return self.generation(generation_id)

    def exports(self, session_id: str, *, sources: bool = False) -> ExportList:
        """Return the files of the packet."""
        return self._get(f"{_SESSIONS}/{session_id}/exports", ExportList, _sources(sources=sources))

    def export(self, session_id: str, name: str, *, sources: bool = False) -> bytes:
        """Return one file of the packet, or `packet.zip`."""
        path = f"{_SESSIONS}/{session_id}/exports/{quote(name, safe='')}"
        return self._connection.send("GET", path, query=_sources(sources=sources)).content

    def upload(self, data: bytes) -> UploadedText:
        """Return the text of a PDF, a Word file or a plain text."""
        return UploadedText.model_validate_json(self._connection.send("POST", "/v1/uploads", file=data).content)

    def roles(self, *, family: str = "") -> RoleList:
        """Return the roles of the catalogue."""
        return self._get("/v1/roles", RoleList, {"family": family})

    def sample_types(self) -> SampleList:
        """Return the types of work sample."""
        return self._get("/v1/sample-types", SampleList)

    def demos(self) -> DemoList:
        """Return the demos."""
        return self._get("/v1/demos", DemoList)

    def backends(self) -> BackendList:
        """Return the models, and how each stands."""
        return self._get("/v1/backends", BackendList)

    def retry_backend(self, model_id: str) -> BackendView:
        """Have a model tried again that was given up; for those who run the service."""
        path = f"/v1/backends/{quote(model_id, safe='')}/retry"
        return BackendView.model_validate_json(self._connection.send("POST", path).content)

    def contract(self) -> ContractView:
        """Return the prompt contract's version and digests."""
        return self._get("/v1/contract", ContractView)

    def me(self) -> Me:
        """Return whose data you see."""
        return self._get("/v1/me", Me)

    def export_me(self) -> bytes:
        """Return all of your data as one JSON file."""
        return self._connection.send("GET", "/v1/me/export").content

    def restore_me(self, file: bytes) -> Counted:
        """Bring back what `export_me` gave."""
        return Counted.model_validate_json(self._post("/v1/me/restore", file.decode(), {}))

    def delete_me(self) -> Deleted:
        """Delete all of your data for good."""
        return Deleted.model_validate_json(self._connection.send("DELETE", "/v1/me").content)

    def health(self) -> Health:
        """Return whether the service runs."""
        return self._get("/healthz", Health)

    def ready(self) -> ReadyState:
        """Return whether the service can work."""
        return self._get("/readyz", ReadyState)

    def _get(self, path: str, record: type[_Record], query: Mapping[str, str | int] | None = None) -> _Record:
        return record.model_validate_json(self._connection.send("GET", path, query=query).content)

    def _post(self, path: str, body: str, headers: Mapping[str, str]) -> bytes:
        return self._connection.send("POST", path, json=body, headers=headers).content

    def _act(self, document: Document, action: str, body: BaseModel | None = None) -> Document:
        path = f"{_SESSIONS}/{document.id}/{action}"
        sent = body.model_dump_json() if body else None
        return read_document(self._connection.send("POST", path, json=sent, headers=_matching(document)).content)


def _may_pass(error: ConnectionLostError | ServiceProblemError) -> bool:
    """Say whether asking again can help: the service, or its store, is away or busy."""
    return isinstance(error, ConnectionLostError) or error.problem.status == _AWAY


def _matching(document: Document) -> dict[str, str]:
    return {"If-Match": f'"{document.revision}"'}


def _idempotent(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


def _with_token(token: str | None) -> dict[str, str]:
    return {"X-Model-Token": token} if token else {}


def _sources(*, sources: bool) -> dict[str, str | int]:
    return {"sources": "true"} if sources else {}
