"""A file with a person's data is restored whole, or refused before it can break an answer."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.wire.requests import ExerciseJob, SessionInput

WithGoal = Callable[..., SessionInput]
Eventually = Callable[..., float]
IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
Damage = Callable[[dict[str, Any]], object]
DAMAGES: dict[str, Damage] = {
    "an event that is no event": lambda made: made["events"][0].update(event_json="x"),
    "an event of another kind": lambda made: made["events"][0].update(event_json='{"type": "unknown"}'),
    "an event with words of its own": lambda made: made["events"][0].update(event_json='"secret words"'),
    "a number that is missing": lambda made: made["events"].pop(0),
    "a number that is there twice": lambda made: made["events"].insert(0, made["events"][0]),
    "a result that is no result": lambda made: made.update(result_json='{"results": 3}'),
    "a character that Postgres does not take": lambda made: made.update(request_json="secret words \0"),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of these tests' own: they delete and restore everything."""
    with start_server(tmp_path_factory.mktemp("restoring"), limits={"requests_per_minute": 0}) as running:
        yield running


@pytest.fixture
def file(own: ServerProcess, with_goal: WithGoal, eventually: Eventually) -> dict[str, Any]:
    """What somebody exported before they deleted it."""
    with Client(own.url, timeout_s=120.0) as client:
        client.delete_me()
        session = client.create_session(with_goal())
        client.generate(session.id, ExerciseJob(kind="exercise"))
        # The list is read from the store, which is told a moment after those who follow.
        eventually(lambda: client.generations(session.id).generations[0].outcome is not None)
        exported: dict[str, Any] = json.loads(client.export_me())
        client.delete_me()
    return exported


def restore(server: ServerProcess, file: dict[str, Any]) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return httpx.post(f"{server.url}/v1/me/restore", content=json.dumps(file), headers=headers, timeout=120)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_generation_that_nobody_could_read_is_refused(
    own: ServerProcess, file: dict[str, Any], is_problem: IsProblem, damage: str
) -> None:
    (session,) = file["sessions"]
    (made,) = session["generations"]
    DAMAGES[damage](made)
    told = is_problem(restore(own, file), 422, "unreadable-file")
    assert made["id"] in told["detail"]
    assert "secret words" not in json.dumps(told)
    assert httpx.get(f"{own.url}/v1/sessions").json()["sessions"] == []


def test_what_was_restored_is_answered_with_as_before(own: ServerProcess, file: dict[str, Any]) -> None:
    (session,) = file["sessions"]
    (made,) = session["generations"]
    assert restore(own, file).status_code == 200
    with httpx.Client(base_url=own.url) as http:
        events = http.get(f"/v1/generations/{made['id']}/events", headers={"accept": "application/json"}).json()
        assert [json.loads(each["data"]) for each in events["events"]] == [
            json.loads(each["event_json"]) for each in made["events"]
        ]
        (listed,) = http.get(f"/v1/sessions/{session['document']['id']}/generations").json()["generations"]
        assert listed["outcome"]["results"]


def test_of_many_files_at_once_each_is_restored(own: ServerProcess, file: dict[str, Any]) -> None:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(restore(own, file).status_code)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, *[422] * 5]
