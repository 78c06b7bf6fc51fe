"""How much one caller may ask for, and who may not ask at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_serve.api.buckets import Buckets
from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Pace, Scenario, fault_server
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SessionInput

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]


def remote_model(base_url: str) -> str:
    """Return a file of models with one behind a server, for prompts that any model may be asked."""
    return (
        '[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
        f'model = "fault"\nbase_urls = ["{base_url}"]\n\n[[model]]\nid = "template"\nbackend = "template"\n'
    )


def test_too_many_requests_are_told_when_to_come_back(tmp_path: Path, is_problem: IsProblem) -> None:
    # A small bucket that fills slowly: however busy the computer is, the fourth request comes before there is room.
    with (
        start_server(tmp_path, limits={"requests_per_minute": 3}) as server,
        httpx.Client(base_url=server.url, timeout=60.0) as http,
    ):
        answers = [http.get("/v1/me") for _ in range(4)]
        assert [answer.status_code for answer in answers[:3]] == [200] * 3
        is_problem(answers[3], 429, "rate-limited")
        assert 1 <= int(answers[3].headers["retry-after"]) <= 20


def _section(client: Client, session_id: str) -> SectionJob:
    client.wait(client.generate(session_id, ExerciseJob(kind="exercise")).id)
    exercise = client.session(session_id).exercise
    assert exercise is not None
    return SectionJob(kind="section", section=exercise.sample.sections[0].id)


def test_who_has_spent_the_tokens_of_the_day_is_told_when_to_come_back(tmp_path: Path, with_goal: WithGoal) -> None:
    with (
        fault_server(Scenario.GOOD) as faults,
        start_server(tmp_path, models=remote_model(faults.base_url), limits={"tokens_per_day": 5}) as server,
        Client(server.url, timeout_s=120.0) as client,
    ):
        session = client.create_session(with_goal())
        wanted = _section(client, session.id)
        client.wait(client.generate(session.id, wanted).id)
        with pytest.raises(ServiceProblemError) as refused:
            client.generate(session.id, wanted)
        assert refused.value.problem.status == 429
        assert refused.value.problem.type.endswith("tokens-spent")
        assert int(refused.value.headers["retry-after"]) > 60
        assert client.session(session.id).id == session.id  # what needs no model goes on


def test_tokens_count_although_the_work_is_stopped_before_its_end(tmp_path: Path, with_goal: WithGoal) -> None:
    with (
        fault_server(Scenario.STEADY, pace=Pace(between_s=0.05)) as faults,
        start_server(tmp_path, models=remote_model(faults.base_url), limits={"tokens_per_day": 2}) as server,
        Client(server.url, timeout_s=120.0) as client,
    ):
        session = client.create_session(with_goal())
        wanted = _section(client, session.id)
        told = 0
        for event in client.draft(session.id, wanted):  # leaving the stream hangs up
            told += event.body.type == "delta"
            if told > 3:
                break
        (last,) = client.generations(session.id).generations[-1:]
        assert client.wait(last.id).status is GenerationStatus.CANCELLED
        with pytest.raises(ServiceProblemError) as refused:
            client.generate(session.id, wanted)
        assert refused.value.problem.type.endswith("tokens-spent")


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0.1, 5)), max_size=60))
def test_a_bucket_never_gives_more_than_it_holds_and_what_flows_back(steps: list[tuple[float, float]]) -> None:
    now = 0.0
    buckets = Buckets(size=10.0, per_second=0.5, clock=lambda: now)
    taken = 0.0
    for pause, amount in steps:
        now += pause
        if buckets.wait_s("me", amount) == 0:
            buckets.take("me", amount)
            taken += amount
        assert taken <= 10.0 + 0.5 * now + 1e-6
        assert buckets.wait_s("somebody else", 10.0) == 0.0


def test_after_the_wait_that_is_told_there_is_room() -> None:
    now = 0.0
    buckets = Buckets(size=2.0, per_second=0.25, clock=lambda: now)
    buckets.take("me", 2.0)
    wait = buckets.wait_s("me")
    now += wait
    assert wait == 4.0
    assert buckets.wait_s("me") == 0.0


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_pages_of_other_sites_change_nothing(http: httpx.Client, is_problem: IsProblem, origin: str) -> None:
    is_problem(http.post("/v1/sessions", json={}, headers={"origin": origin}), 403, "foreign-page")


def test_the_servers_own_pages_may(server: ServerProcess, http: httpx.Client) -> None:
    assert http.post("/v1/sessions", json={}, headers={"origin": server.url}).status_code == 201


def test_a_strange_name_of_this_computer_is_refused(http: httpx.Client, is_problem: IsProblem) -> None:
    is_problem(http.get("/v1/me", headers={"host": "rebound.example"}), 403, "foreign-page")


def test_no_other_origin_is_let_in_by_default(http: httpx.Client) -> None:
    asked = {"origin": "https://app.example.org", "access-control-request-method": "GET"}
    assert "access-control-allow-origin" not in http.options("/v1/me", headers=asked).headers
    assert "access-control-allow-origin" not in http.get("/v1/me", headers={"origin": asked["origin"]}).headers


def test_an_origin_that_was_named_is_let_in(tmp_path: Path) -> None:
    origin = "https://app.example.org"
    with start_server(tmp_path, settings={"cors_origins": [origin]}) as server:
        asked = {"origin": origin, "access-control-request-method": "POST"}
        preflight = httpx.options(f"{server.url}/v1/sessions", headers=asked)
        assert preflight.headers["access-control-allow-origin"] == origin
        made = httpx.post(f"{server.url}/v1/sessions", json={}, headers={"origin": origin})
        assert made.status_code == 201
        assert made.headers["access-control-allow-origin"] == origin
        other = httpx.options(f"{server.url}/v1/sessions", headers={**asked, "origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_answers_are_data_and_never_a_page(http: httpx.Client) -> None:
    for answer in (http.get("/v1/roles"), http.get("/nothing"), http.post("/v1/sessions", content=b"x")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-request-id"]
        assert "server" not in answer.headers


def test_what_callers_send_is_not_logged(tmp_path: Path) -> None:
    typed = "a-very-own-point-of-mine"
    with start_server(tmp_path, settings={"log_level": "debug"}) as server:
        goal = {"target_role": "Project manager", "background": "Shift lead.", "notes": [typed]}
        headers = {"authorization": f"Bearer {typed}"}
        assert httpx.post(f"{server.url}/v1/sessions", json={"goal": goal}, headers=headers).status_code == 201
        assert httpx.post(f"{server.url}/v1/sessions", json={"goal": {**goal, typed: 1}}).status_code == 422
        server.stop()
        assert typed not in server.log
