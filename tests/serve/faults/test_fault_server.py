"""The fault server does what its scenarios say, told apart with nothing but the standard library."""

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proofkit_prompts import load_contract, render_editable
from proofkit_prompts.schema import find_mismatch
from proofkit_serve.faults import FaultServer, Pace, Scenario, fault_server
from proofkit_serve.faults.running import render_chatml

GOLDENS = Path(__file__).parents[3] / "packages/proofkit-prompts/src/proofkit_prompts/contracts/v1/goldens"
JSON_TASKS = ("scenario", "readiness_review", "talking_points", "resume_bullets", "role_profile")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with fault_server() as running:
        yield running


def post(server: FaultServer, path: str = "/v1/chat/completions", **body: Any) -> tuple[int, dict[str, str], str]:  # noqa: ANN401 - any JSON
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        response = connection.getresponse()
        return (
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            response.read().decode(),
        )
    finally:
        connection.close()


def chat(user: str) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": user}]}


def test_an_answer_repeats_the_marks_of_its_prompt_streamed_or_not(server: FaultServer) -> None:
    for streams in (True, False):
        status, _, text = post(server, **chat("Mark tok-11aa and tok-22bb."), stream=streams)
        assert status == 200
        assert ("tok-11aa" in text, "tok-22bb" in text) == (True, True)
        assert text.rstrip().endswith("[DONE]") is streams
    status, _, text = post(server, "/v1/completions", model="m", prompt="Mark tok-33cc.")
    assert "tok-33cc" in json.loads(text)["choices"][0]["text"]


def test_scenarios_come_in_order_and_the_last_one_goes_on(server: FaultServer) -> None:
    server.then("rate-limited", Scenario.SERVER_ERROR, Scenario.GOOD)
    assert [post(server, **chat("x"))[0] for _ in range(4)] == [429, 500, 200, 200]
    assert post(server, model="fault:not-found", messages=[])[0] == 404
    assert len(server.seen) == server.counts.requests == 5


def test_a_rate_limit_says_when_to_come_back() -> None:
    with fault_server("rate-limited", pace=Pace(retry_after="9")) as server:
        status, headers, _ = post(server, **chat("x"))
    assert (status, headers["retry-after"]) == (429, "9")


def test_a_cut_comes_in_the_middle_of_the_stream() -> None:
    with fault_server(Scenario.CUT) as server, pytest.raises(http.client.IncompleteRead) as caught:
        post(server, **chat("x"), stream=True)
    assert b"The short" not in caught.value.partial  # word by word
    assert b'"content": "The"' in caught.value.partial


def test_nobody_listens_where_connections_are_refused() -> None:
    with fault_server(Scenario.REFUSED) as server, pytest.raises(ConnectionRefusedError):
        post(server, **chat("x"))


def test_a_key_is_asked_for() -> None:
    with fault_server(key="right") as server:
        assert post(server, **chat("x"))[0] == 401


def test_a_client_that_leaves_frees_its_place(server: FaultServer) -> None:
    server.then(Scenario.STALL)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("POST", "/v1/chat/completions", json.dumps(chat("x") | {"stream": True}))
    response = connection.getresponse()
    assert response.read(10)
    assert server.counts.in_flight == 1
    response.close()
    connection.close()
    assert server.wait_idle(2.0)
    assert server.counts.abandoned == 1


def test_requests_follow_each_other_on_one_connection(server: FaultServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    for number in range(50):
        connection.request("POST", "/v1/chat/completions", json.dumps(chat(f"tok-{number:04d}") | {"stream": True}))
        assert f"tok-{number:04d}" in connection.getresponse().read().decode()
    assert server.counts.connections_total == server.counts.connections_open == 1
    connection.close()
    assert server.wait_idle()


def test_the_server_is_gone_after_the_block_with_all_its_threads() -> None:
    before = threading.active_count()
    with fault_server(Scenario.STALL) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("POST", "/v1/chat/completions", json.dumps(chat("x") | {"stream": True}))
        connection.getresponse().read(10)
    connection.close()
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        post(server, **chat("x"))


@pytest.mark.parametrize("task", JSON_TASKS)
def test_a_good_answer_meets_the_schemas_of_the_contract(server: FaultServer, task: str) -> None:
    schema = load_contract().schema(task)
    assert schema is not None
    form = {"type": "json_schema", "json_schema": {"name": task, "schema": schema}}
    _, _, text = post(server, **chat("Mark tok-44dd."), response_format=form, max_tokens=4000)
    content = json.loads(text)["choices"][0]["message"]["content"]
    assert find_mismatch(json.loads(content), schema) is None
    assert "tok-44dd" in content
    load_contract().parse(task, content)


def test_a_good_section_is_in_the_words_of_either_kind_of_prompt(server: FaultServer) -> None:
    contract = load_contract()
    fields = json.loads((GOLDENS / "draft_section/plain.fields.json").read_text(encoding="utf-8"))
    frozen, editable = contract.render("draft_section", fields), render_editable("draft_section", fields)
    _, _, text = post(server, "/v1/completions", prompt=frozen.text, max_tokens=2000)
    section = json.loads(text)["choices"][0]["text"]
    assert fields["company"] in section
    assert contract.parse("draft_section", section)
    _, _, text = post(server, **chat(editable.user), max_tokens=2000)
    assert fields["company"] in json.loads(text)["choices"][0]["message"]["content"]


def test_the_template_route_is_there_only_where_it_was_asked_for() -> None:
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    with fault_server(template=render_chatml) as server:
        assert json.loads(post(server, "/apply-template", messages=messages)[2])["prompt"] == render_chatml("s", "u")
    with fault_server() as server:
        assert post(server, "/apply-template", messages=messages)[0] == 404


def test_it_runs_as_a_command_until_it_is_stopped() -> None:
    command = [sys.executable, "-m", "proofkit_serve.faults", "--port", "0", "--scenario", "server-error"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())
            assert found
            with urllib.request.urlopen(f"{found[1]}/v1/models", timeout=5) as response:  # noqa: S310 - loopback
                assert json.loads(response.read())["data"][0]["id"] == "faulty-1"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
