"""The same unsafe call, sent twice with the same key, is done once."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess
from proofkit_serve.wire.requests import ExerciseJob, SessionInput

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]
STREAM = {"accept": "text/event-stream"}


def keyed(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


def test_a_call_that_is_sent_again_is_answered_as_before(http: httpx.Client) -> None:
    first = http.post("/v1/sessions", json={"seed": 3}, headers=keyed("made-once"))
    again = http.post("/v1/sessions", json={"seed": 3}, headers=keyed("made-once"))
    assert again.status_code == first.status_code == 201
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


def test_a_key_that_was_used_for_something_else_is_refused(http: httpx.Client, is_problem: IsProblem) -> None:
    http.post("/v1/sessions", json={}, headers=keyed("used-before"))
    is_problem(http.post("/v1/sessions", json={"seed": 1}, headers=keyed("used-before")), 422, "idempotency-mismatch")


@pytest.mark.parametrize("key", ["", "x" * 201, "with space"])
def test_a_strange_key_is_refused(http: httpx.Client, is_problem: IsProblem, key: str) -> None:
    is_problem(http.post("/v1/sessions", json={}, headers=keyed(key)), 400, "malformed-header")


def test_of_many_that_are_sent_at_once_one_is_done(server: ServerProcess, client: Client) -> None:
    before = len(client.sessions(limit=200).sessions)
    statuses: list[int] = []

    def send() -> None:
        statuses.append(
            httpx.post(f"{server.url}/v1/sessions", json={"seed": 9}, headers=keyed("all-at-once")).status_code
        )

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len(client.sessions(limit=200).sessions) == before + 1


def test_a_call_that_failed_can_be_sent_again(http: httpx.Client, client: Client, with_goal: WithGoal) -> None:
    empty = client.create_session()
    path = f"/v1/sessions/{empty.id}/generations"
    assert http.post(path, json={"kind": "exercise"}, headers=keyed("first-too-early")).status_code == 409
    goal = with_goal().model_dump(mode="json", exclude_unset=True)["goal"]
    http.patch(f"/v1/sessions/{empty.id}", json={"goal": goal}, headers={"if-match": "*"})
    assert http.post(path, json={"kind": "exercise"}, headers=keyed("first-too-early")).status_code == 202


def test_a_stream_that_is_asked_for_again_is_answered_with_its_generation(
    http: httpx.Client, client: Client, with_goal: WithGoal
) -> None:
    session = client.create_session(with_goal())
    path = f"/v1/sessions/{session.id}/generations"
    with http.stream("POST", path, json={"kind": "exercise"}, headers={**STREAM, **keyed("streamed")}) as answer:
        where = answer.headers["location"]
        answer.read()
    again = http.post(path, json={"kind": "exercise"}, headers={**STREAM, **keyed("streamed")})
    assert again.status_code == 202
    assert again.headers["location"] == where
    assert again.json()["url"] == where
    assert len(client.generations(session.id).generations) == 1


def test_a_generation_is_taken_once_by_the_typed_client_too(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    first, again = (
        client.generate(session.id, ExerciseJob(kind="exercise"), idempotency_key="typed-client") for _ in range(2)
    )
    assert first.id == again.id
