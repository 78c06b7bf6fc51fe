"""A model that was given up for good is asked again once somebody who runs the server says so."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from proofkit_core.packet import Writer
from proofkit_prompts import load_contract
from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Scenario, fault_server
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SessionInput

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]
CONTRACT = load_contract()
RIGHT = "the-right-key"
STAMP = f'contract = {{ version = "{CONTRACT.version}", digest = "{CONTRACT.digest}" }}'


def far(url: str, key_file: str = "") -> str:
    return (
        f'[[model]]\nid = "far"\nbackend = "openai_compatible"\nbase_urls = ["{url}"]\nmodel = "far"\n'
        f'artifact_digest = "{"ab" * 32}"\n{STAMP}\n'
        + (f'key_file = "{key_file}"\n' if key_file else "")
        + '[[model]]\nid = "template"\nbackend = "template"\n'
    )


def command(
    server: ServerProcess, *words: str, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "proofkit_serve", *words]
    return subprocess.run(
        call, capture_output=True, text=True, check=False, timeout=120, env=environ, cwd=server.folder
    )


def key_of(server: ServerProcess, owner: str) -> str:
    told = command(server, "keys", "add", "--owner", owner, "--config", str(server.folder / "config.toml")).stdout
    found = re.search(r"^pk_[A-Za-z0-9_-]{43}$", told, re.MULTILINE)
    assert found
    return found[0]


def status(client: Client) -> str:
    return next(each.status for each in client.backends().backends if each.id == "far")


@pytest.mark.parametrize("way", ["client", "command"])
def test_a_model_that_was_given_up_is_asked_again_with_its_key_as_it_is_now(
    tmp_path: Path, with_goal: WithGoal, way: str
) -> None:
    key = tmp_path / "the.key"
    key.write_text("wrong", encoding="utf-8")
    with (
        fault_server(Scenario.GOOD, key=RIGHT) as faults,
        start_server(tmp_path, models=far(faults.base_url, key_file="the.key")) as server,
        Client(server.url, timeout_s=120.0) as client,
    ):
        session = client.create_session(with_goal())
        client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
        exercise = client.session(session.id).exercise
        assert exercise is not None
        job = SectionJob(kind="section", section=exercise.sample.sections[0].id)

        def writer() -> Writer:
            client.wait(client.generate(session.id, job).id)
            (section,) = client.session(session.id).sections
            return section.section.origin.writer

        assert writer() is Writer.TEMPLATE
        assert status(client) == "broken"
        assert writer() is Writer.TEMPLATE
        assert len(faults.seen) == 1  # it was left alone
        key.write_text(RIGHT, encoding="utf-8")
        if way == "client":
            assert client.retry_backend("far").status == "not_opened"
        else:
            done = command(server, "retry", "far", "--url", server.url)
            assert (done.returncode, done.stdout) == (0, "far is not_opened. The next generation asks it again.\n"), (
                done
            )
        writer()
        assert {each.key for each in faults.seen[1:]} == {RIGHT}
        assert status(client) == "ready"


def test_only_those_who_run_the_server_may_say_so(tmp_path: Path) -> None:
    settings = {"api_keys": "on", "operators": ["ops"]}
    with start_server(tmp_path, models=far("http://127.0.0.1:1/v1"), settings=settings) as server:
        mine, ops = key_of(server, "ann"), key_of(server, "ops")
        with Client(server.url, key=mine) as client, pytest.raises(ServiceProblemError, match="operators") as refused:
            client.retry_backend("far")
        assert refused.value.problem.status == 403
        with Client(server.url, key=ops) as client:
            assert client.retry_backend("far").id == "far"
        done = command(server, "retry", "far", "--url", server.url, environ={"PROOFKIT_API_KEY": mine})
        assert done.returncode == 2
        assert "operators" in done.stderr


@pytest.mark.parametrize("model", ["template", "no-such"])
def test_what_was_never_given_up_is_told(http: httpx.Client, is_problem: IsProblem, model: str) -> None:
    is_problem(http.post(f"/v1/backends/{model}/retry"), 404, "model-not-found")
