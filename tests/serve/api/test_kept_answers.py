"""What idempotency keys keep: an answer is never lost, a call never done twice, and nothing outlives its session."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.wire.requests import SessionInput

WithGoal = Callable[..., SessionInput]
MARK = "unmistakable zeppelin quartz"
CHANGES: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "notes": ("PATCH", "", {"notes": [MARK]}),
    "demo": ("POST", "/import-demo", {"demo": "career-changer"}),
    "reset": ("POST", "/reset", None),
    "undo": ("POST", "/undo", {"to_revision": 1}),
    "generation": ("POST", "/generations", {"kind": "exercise"}),
}


def keyed(key: str) -> dict[str, str]:
    return {"idempotency-key": key, "if-match": "*"}


def database(server: ServerProcess) -> Path:
    return server.folder / "data" / "proofkit.sqlite3"


def kept(server: ServerProcess) -> dict[str, tuple[str | None, bytes | None]]:
    """Return the session and the answer of every key in the store."""
    with contextlib.closing(sqlite3.connect(database(server))) as connection:
        rows = connection.execute("SELECT key, session_id, body FROM idempotency").fetchall()
    return {key: (session_id, body) for key, session_id, body in rows}


def holding(server: ServerProcess, words: str) -> list[str]:
    return [path.name for path in (server.folder / "data").iterdir() if words.encode() in path.read_bytes()]


def test_kept_answers_are_deleted_with_their_session(tmp_path: Path, with_goal: WithGoal) -> None:
    with start_server(tmp_path) as server, httpx.Client(base_url=server.url) as http, Client(server.url) as client:
        session = client.create_session(with_goal())
        path = f"/v1/sessions/{session.id}"
        for name, (method, below, body) in CHANGES.items():
            answer = http.request(method, path + below, json=body, headers=keyed(name))
            assert answer.status_code < 400, answer.text
        for taken in client.generations(session.id).generations:
            client.wait(taken.id)
            assert http.delete(taken.url, headers=keyed("stopped")).status_code == 200
        assert {about for about, _ in kept(server).values()} == {session.id}
        assert set(kept(server)) == {*CHANGES, "stopped"}
        assert holding(server, MARK)
        gone = http.delete(path, headers=keyed("deleted"))
        assert gone.json()["swept"]
        assert set(kept(server)) == {"deleted"}
        assert holding(server, MARK) == []
        again = http.delete(path, headers=keyed("deleted"))
        assert (again.status_code, again.content) == (200, gone.content)


def test_nothing_of_an_upload_is_kept_and_it_can_be_read_again(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, httpx.Client(base_url=server.url) as http:
        for _ in range(2):
            answer = http.post("/v1/uploads", files={"file": ("cv.txt", MARK.encode())}, headers=keyed("upload"))
            assert MARK in answer.text
            assert "idempotency-replayed" not in answer.headers
        assert kept(server) == {}
        server.stop()
        assert holding(server, MARK) == []


REFUSE = (
    "CREATE TRIGGER refuse BEFORE UPDATE ON idempotency WHEN NEW.status IS NOT NULL "
    "BEGIN SELECT RAISE(ABORT, 'refused'); END"
)
"""Has the store refuse to keep answers."""


def execute(server: ServerProcess, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(database(server), isolation_level=None, timeout=30)) as connection:
        connection.execute(statement)


def test_an_answer_waits_until_it_is_kept(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60) as http:
        execute(server, REFUSE)
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(http.post("/v1/sessions", json={}, headers=keyed("patient")))
        )
        asking.start()
        time.sleep(0.5)
        assert answers == []
        execute(server, "DROP TRIGGER refuse")
        asking.join()
        again = http.post("/v1/sessions", json={}, headers=keyed("patient"))
        assert again.headers["idempotency-replayed"] == "true"
        assert again.content == answers[0].content
        assert len(http.get("/v1/sessions").json()["sessions"]) == 1


def test_a_call_whose_answer_cannot_be_kept_is_answered_and_not_done_again(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, httpx.Client(base_url=server.url, timeout=60) as http:
        execute(server, REFUSE)
        made = http.post("/v1/sessions", json={}, headers=keyed("unlucky"))
        assert made.status_code == 201
        assert made.json()["id"]
        again = http.post("/v1/sessions", json={}, headers=keyed("unlucky"))
        assert again.status_code == 409
        assert [each["id"] for each in http.get("/v1/sessions").json()["sessions"]] == [made.json()["id"]]
        assert "could not be kept" in server.log


def test_a_persons_export_from_a_store_that_is_away_is_a_problem(tmp_path: Path) -> None:
    with start_server(tmp_path) as server, httpx.Client(base_url=server.url) as http:
        http.post("/v1/sessions", json={})
        aside = database(server).with_suffix(".aside")
        database(server).rename(aside)
        answer = http.get("/v1/me/export")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:proofkit:problem:store-unavailable")
        aside.rename(database(server))
        whole = http.get("/v1/me/export")
        assert whole.status_code == 200
        assert len(whole.json()["sessions"]) == 1
