"""A caller's own token for a model: it goes to the provider with their generation, and is nowhere afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from proofkit_core.packet import FallbackReason, Writer
from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import FaultServer, Scenario, fault_server
from proofkit_serve.wire.events import FallbackEvent
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SessionInput

pytest.importorskip("huggingface_hub", reason="needs the extra 'hf'")
IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]
ANN, BEN = "hf_anns-own-token-zeppelin", "hf_bens-own-token-quartz"
OPERATORS = "the-operators-key-onyx"


class Served(NamedTuple):
    server: ServerProcess
    faults: FaultServer


def hosted(url: str, *, name: str = "hosted", more: str = "token_from_caller = true") -> str:
    return (
        f'[[model]]\nid = "{name}"\nbackend = "hf_inference"\nprompts = "editable"\nallow_unknown = true\n'
        f'model = "org/model"\nbase_urls = ["{url}"]\n{more}\n'
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with fault_server(Scenario.GOOD) as faults:
        models = hosted(faults.base_url) + hosted(faults.base_url, name="paid", more='key_env = "PAID"')
        settings = {"log_level": "debug"}
        with start_server(tmp_path, models=models, settings=settings, environ={"PAID": OPERATORS}) as server:
            yield Served(server, faults)


def sectioned(client: Client, wanted: SessionInput) -> tuple[str, SectionJob]:
    session = client.create_session(wanted)
    client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
    exercise = client.session(session.id).exercise
    assert exercise is not None
    return session.id, SectionJob(kind="section", section=exercise.sample.sections[0].id)


def test_each_generation_is_made_with_its_callers_token_which_is_nowhere_afterwards(
    served: Served, with_goal: WithGoal
) -> None:
    with Client(served.server.url, timeout_s=120.0) as client:
        assert {each.id: each.needs_token for each in client.backends().backends} == {"hosted": True, "paid": False}
        session, job = sectioned(client, with_goal())
        told = ""
        for token in (ANN, BEN):
            begun = len(served.faults.seen)
            generation = client.generate(session, job, model_token=token, idempotency_key=f"key-{len(told)}")
            client.wait(generation.id)
            sent = {each.headers["authorization"] for each in served.faults.seen[begun:]}
            assert sent == {f"Bearer {token}"}
            told += "".join(each.body.model_dump_json() for each in client.follow(generation.id))
        (section,) = client.session(session).sections
        assert section.section.origin.attempts > 0
        told += client.session(session).model_dump_json() + client.export_me().decode()
        told += httpx.get(f"{served.server.url}/metrics", timeout=60.0).text + client.backends().model_dump_json()
    served.server.stop()
    kept = b"".join(path.read_bytes() for path in served.server.folder.rglob("*") if path.is_file())
    for token in (ANN, BEN):
        assert token not in told
        assert token.encode() not in kept


def test_without_a_token_the_template_writes_and_says_why(served: Served, with_goal: WithGoal) -> None:
    with Client(served.server.url, timeout_s=120.0) as client:
        session, job = sectioned(client, with_goal())
        told = [event.body for event in client.draft(session, job)]
        (section,) = client.session(session).sections
    assert served.faults.seen == ()
    assert [body.reason for body in told if isinstance(body, FallbackEvent)] == [FallbackReason.MODEL_UNAVAILABLE]
    assert section.section.origin.writer is Writer.TEMPLATE
    assert section.section.origin.fallback is not None
    assert "X-Model-Token" in section.section.origin.fallback.detail


def test_a_token_goes_to_no_model_that_has_a_key_of_its_own(served: Served, with_goal: WithGoal) -> None:
    with Client(served.server.url, timeout_s=120.0) as client:
        session, job = sectioned(client, with_goal().model_copy(update={"model": "paid"}))
        client.wait(client.generate(session, job, model_token=ANN).id)
    assert {each.headers["authorization"] for each in served.faults.seen} == {f"Bearer {OPERATORS}"}


def test_the_hubs_library_makes_no_call_but_the_one_it_is_told_to(tmp_path: Path, with_goal: WithGoal) -> None:
    home = {"HF_HOME": str(tmp_path / "hub"), "HF_HUB_DISABLE_TELEMETRY": "0"}
    with fault_server(Scenario.GOOD) as hub, fault_server(Scenario.GOOD) as faults:
        environ = {**home, "HF_ENDPOINT": hub.url}
        with start_server(tmp_path / "server", models=hosted(faults.base_url), environ=environ) as server:
            with Client(server.url, timeout_s=120.0) as client:
                session, job = sectioned(client, with_goal())
                client.wait(client.generate(session, job, model_token=ANN).id)
            assert faults.seen
            assert hub.counts.connections_total == 0
    assert not list((tmp_path / "hub").rglob("*"))


def test_a_token_that_is_refused_says_nothing_about_the_model_of_others(tmp_path: Path, with_goal: WithGoal) -> None:
    with (
        fault_server(Scenario.UNAUTHORIZED, Scenario.GOOD) as faults,
        start_server(tmp_path, models=hosted(faults.base_url)) as server,
        Client(server.url, timeout_s=120.0) as client,
    ):
        session, job = sectioned(client, with_goal())
        client.wait(client.generate(session, job, model_token=ANN).id)
        (state,) = client.backends().backends
        assert (state.status, state.breaker) == ("ready", "closed")
        client.wait(client.generate(session, job, model_token=BEN).id)
        (section,) = client.session(session).sections
        assert section.section.origin.attempts > 0
        assert {each.headers["authorization"] for each in faults.seen[1:]} == {f"Bearer {BEN}"}


@pytest.mark.parametrize("token", ["short", "with a blank inside", "x" * 513])
def test_a_header_that_is_no_token_is_refused_and_not_repeated(
    http: httpx.Client, client: Client, with_goal: WithGoal, is_problem: IsProblem, token: str
) -> None:
    session = client.create_session(with_goal())
    headers = {"x-model-token": token}
    answer = http.post(f"/v1/sessions/{session.id}/generations", json={"kind": "exercise"}, headers=headers)
    is_problem(answer, 400, "malformed-header")
    assert token not in answer.text
