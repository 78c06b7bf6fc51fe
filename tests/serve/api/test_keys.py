"""API keys: needed beyond loopback, shown once, known by their digest alone; and one owner never reads another's."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import ServerNotStartedError, ServerProcess, start_server
from proofkit_serve.wire.requests import ExerciseJob, SessionInput

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]


class Keyed(NamedTuple):
    """A server that needs keys, with two of them."""

    server: ServerProcess
    mine: str
    other: str


def keys(server: ServerProcess, *words: str) -> str:
    call = [sys.executable, "-m", "proofkit_serve", "keys", *words, "--config", str(server.folder / "config.toml")]
    return subprocess.run(call, capture_output=True, text=True, check=True, timeout=120).stdout


def added(server: ServerProcess, name: str) -> str:
    found = re.search(r"^pk_[A-Za-z0-9_-]{43}$", keys(server, "add", "--name", name), re.MULTILINE)
    assert found
    return found[0]


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    settings = {"api_keys": "on"}
    with start_server(tmp_path_factory.mktemp("keyed"), settings=settings, limits={"requests_per_minute": 0}) as server:
        yield Keyed(server, added(server, "mine"), added(server, "other"))


def test_without_a_key_nothing_is_told_but_that_the_server_lives(keyed: Keyed, is_problem: IsProblem) -> None:
    with httpx.Client(base_url=keyed.server.url) as http:
        assert http.get("/healthz").status_code == 200
        assert http.get("/readyz").status_code == 200
        for path in ("/v1/sessions", "/v1/roles", "/v1/me", "/metrics", "/v1/nothing"):
            answer = http.get(path)
            is_problem(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer pk_short", "Basic abc", "Bearer pk_" + "A" * 43, "pk_" + "A" * 43]
)
def test_a_wrong_key_is_refused(keyed: Keyed, is_problem: IsProblem, header: str) -> None:
    is_problem(httpx.get(f"{keyed.server.url}/v1/me", headers={"authorization": header}), 401, "unauthorized")


def test_each_key_sees_its_own_data_alone(keyed: Keyed, with_goal: WithGoal) -> None:
    with Client(keyed.server.url, key=keyed.mine) as mine, Client(keyed.server.url, key=keyed.other) as other:
        session = mine.create_session(with_goal())
        generation = mine.generate(session.id, ExerciseJob(kind="exercise"))
        mine.wait(generation.id)
        attempts: list[Callable[[], object]] = [
            lambda: other.session(session.id),
            lambda: other.reset(session),
            lambda: other.delete_session(session.id),
            lambda: other.history(session.id),
            lambda: other.generations(session.id),
            lambda: other.generate(session.id, ExerciseJob(kind="exercise")),
            lambda: other.generation(generation.id),
            lambda: list(other.follow(generation.id)),
            lambda: other.cancel(generation.id),
            lambda: other.exports(session.id),
        ]
        for attempt in attempts:
            with pytest.raises(ServiceProblemError) as refused:
                attempt()
            assert refused.value.problem.status == 404
        assert session.id not in {each.id for each in other.sessions().sessions}
        assert mine.me() != other.me()
        assert session.id.encode() not in other.export_me()
        other.delete_me()
        assert mine.session(session.id).exercise is not None


def test_anothers_session_is_told_in_the_same_words_as_none(keyed: Keyed) -> None:
    with Client(keyed.server.url, key=keyed.mine) as mine, Client(keyed.server.url, key=keyed.other) as other:
        session = mine.create_session()
        told: list[str] = []
        for session_id in (session.id, "s_" + "0" * 24):
            with pytest.raises(ServiceProblemError) as refused:
                other.session(session_id)
            told.append(refused.value.problem.detail.replace(session_id, "ID"))
        assert told[0] == told[1]


def test_the_same_idempotency_key_of_two_owners_are_two_calls(keyed: Keyed) -> None:
    with Client(keyed.server.url, key=keyed.mine) as mine, Client(keyed.server.url, key=keyed.other) as other:
        assert mine.create_session(idempotency_key="same").id != other.create_session(idempotency_key="same").id


def test_a_revoked_key_opens_nothing_any_more(keyed: Keyed) -> None:
    key = added(keyed.server, "for a while")
    with Client(keyed.server.url, key=key) as client:
        listed = keys(keyed.server, "list")
        assert key not in listed
        key_id = next(line.split()[0] for line in listed.splitlines() if line.endswith("for a while"))
        assert client.me().owner == key_id
        keys(keyed.server, "revoke", key_id)
        with pytest.raises(ServiceProblemError) as refused:
            client.me()
        assert refused.value.problem.status == 401
    assert "revoked" in keys(keyed.server, "list")


def test_no_key_is_kept_anywhere(keyed: Keyed) -> None:
    for key in (keyed.mine, keyed.other):
        for file in keyed.server.folder.rglob("*"):
            assert not file.is_file() or key.encode() not in file.read_bytes(), file


def test_who_tries_keys_has_to_wait(tmp_path: Path, is_problem: IsProblem) -> None:
    with start_server(tmp_path, settings={"api_keys": "on"}, limits={"requests_per_minute": 60}) as server:
        with httpx.Client(base_url=server.url, timeout=60.0) as http:
            answers = [http.get("/v1/me", headers={"authorization": f"Bearer pk_{n:043d}"}) for n in range(12)]
        assert [answer.status_code for answer in answers[:3]] == [401, 401, 401]
        is_problem(answers[-1], 429, "rate-limited")
        assert int(answers[-1].headers["retry-after"]) > 0


def test_who_tries_keys_locks_out_nobody_else_at_the_same_address(tmp_path: Path) -> None:
    with (
        start_server(tmp_path, settings={"api_keys": "on"}, limits={"requests_per_minute": 20}) as server,
        httpx.Client(base_url=server.url, timeout=60.0) as http,
    ):
        good = {"authorization": f"Bearer {added(server, 'mine')}"}
        tried = [http.get("/v1/me", headers={"authorization": f"Bearer pk_{n:043d}"}).status_code for n in range(6)]
        assert (tried[0], tried[-1]) == (401, 429)
        assert http.get("/v1/me").status_code == 429
        assert http.get("/v1/me", headers=good).status_code == 200
        assert http.get("/readyz").status_code == 200


def test_keys_cannot_be_turned_off_where_others_can_reach_the_server(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerNotStartedError, match="api_keys"),
        start_server(tmp_path, settings={"host": "0.0.0.0", "api_keys": "off"}),  # noqa: S104 - that is the point
    ):
        pass


def test_beyond_loopback_keys_are_needed_by_themselves(tmp_path: Path, is_problem: IsProblem) -> None:
    with start_server(tmp_path, settings={"host": "0.0.0.0"}) as server:  # noqa: S104 - that is the point
        url = server.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - the same
        is_problem(httpx.get(f"{url}/v1/me"), 401, "unauthorized")
