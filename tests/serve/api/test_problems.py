"""Every error is a problem (RFC 9457), the framework's own included, and none repeats what was sent."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from proofkit_serve.client import Client
from proofkit_serve.wire.kinds import TABLE, Kind

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
TYPED = "hunter2-and-a-long-tail"
JSON = {"content-type": "application/json"}
ASKED = {"model": "x", "messages": [{"role": "user", "content": "?"}]}
UNKNOWN = "s_" + "0" * 24
CASES: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nothing", {}, 404, "not-found"),
    ("GET", "/v1/sessions/" + UNKNOWN, {}, 404, "session-not-found"),
    ("GET", "/v1/sessions/strange", {}, 404, "not-found"),
    ("GET", "/v1/generations/gen_" + "0" * 24, {}, 404, "generation-not-found"),
    ("DELETE", "/v1/generations/gen_" + "0" * 24, {}, 404, "generation-not-found"),
    ("GET", "/v1/models/no-such-model", {}, 404, "model-not-found"),
    ("PUT", "/v1/sessions", {}, 405, "method-not-allowed"),
    ("POST", "/v1/sessions", {"content": b"{", "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/sessions", {"content": b"\xff", "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/sessions", {"content": b"[" * 5000, "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/sessions", {"content": b"goal=1"}, 415, "unsupported-type"),
    ("POST", "/v1/sessions", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415, "unsupported-type"),
    ("POST", "/v1/sessions", {"json": []}, 422, "invalid-request"),
    ("POST", "/v1/sessions", {"json": {"goal": {"target_role": TYPED}}}, 422, "invalid-request"),
    ("POST", "/v1/sessions", {"json": {TYPED + " ": 1}}, 422, "invalid-request"),
    ("POST", "/v1/sessions", {"json": {"seed": "7"}}, 422, "invalid-request"),
    ("POST", "/v1/sessions", {"json": {"seed": 2**53}}, 422, "invalid-request"),
    ("POST", "/v1/sessions", {"json": {"goal": {"target_role": "idk", "background": "things"}}}, 422, "invalid-brief"),
    ("POST", "/v1/sessions", {"json": {"model": "no-such-model"}}, 409, "not-ready"),
    ("POST", "/v1/sessions", {"json": {}, "headers": {"idempotency-key": "with space"}}, 400, "malformed-header"),
    ("POST", "/v1/sessions", {"content": b'{"language": "\\ud800"}', "headers": JSON}, 400, "malformed-json"),
    ("POST", "/v1/sessions", {"content": b"1" * 5000, "headers": JSON}, 400, "malformed-json"),
    ("GET", "/v1/me", {"headers": {"host": "[::1"}}, 403, "foreign-page"),
    ("POST", "/v1/sessions", {"json": {}, "headers": {"origin": "http://["}}, 403, "foreign-page"),
    ("GET", "/v1/sessions?limit=0", {}, 422, "invalid-request"),
    ("GET", "/v1/sessions?limt=5", {}, 422, "invalid-request"),
    ("GET", "/healthz?x=1", {}, 422, "invalid-request"),
    ("POST", "/v1/uploads", {"files": {"file": ("a.txt", b"\x00\x01\x02", "text/plain")}}, 415, "unsupported-type"),
    ("POST", "/v1/uploads", {"files": {"other": ("a.txt", b"text", "text/plain")}}, 422, "invalid-request"),
    ("POST", "/v1/uploads", {"files": {"file": b"text"}, "data": {"more": "x"}}, 422, "invalid-request"),
    ("POST", "/v1/uploads", {"json": {"file": "text"}}, 415, "unsupported-type"),
    ("POST", "/v1/me/restore", {"json": {"schema": "other"}}, 422, "unreadable-file"),
    ("POST", "/v1/chat/completions", {"json": {"model": "proofkit"}}, 422, "invalid-request"),
    ("POST", "/v1/chat/completions", {"json": ASKED}, 404, "model-not-found"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case[0]} {case[4]}" for n, case in enumerate(CASES)])
def test_an_error_is_a_problem(
    http: httpx.Client, is_problem: IsProblem, case: tuple[str, str, dict[str, Any], int, str]
) -> None:
    method, path, sent, status, kind = case
    answer = http.request(method, path, **sent)
    is_problem(answer, status, kind)
    assert TYPED not in answer.text


def test_a_method_that_an_address_does_not_take_is_told_with_those_that_it_does(http: httpx.Client) -> None:
    assert http.put("/v1/sessions").headers["allow"] == "GET, POST"
    assert http.post("/healthz").headers["allow"] == "GET"


def test_a_body_that_says_its_size_is_refused_above_the_limit(http: httpx.Client, is_problem: IsProblem) -> None:
    answer = http.post("/v1/sessions", content=b" " * 300_000, headers=JSON)
    is_problem(answer, 413, "too-large")


def test_a_body_in_chunks_is_refused_above_the_limit(http: httpx.Client, is_problem: IsProblem) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 10_000

    is_problem(http.post("/v1/sessions", content=chunks(), headers=JSON), 413, "too-large")


def test_each_wrong_field_is_named_and_not_repeated(http: httpx.Client) -> None:
    body = {"seed": TYPED, "goal": {"target_role": 5, "background": TYPED, "extra": TYPED}}
    problem = http.post("/v1/sessions", json=body).json()
    fields = {each["field"] for each in problem["errors"]}
    assert fields == {"body.seed", "body.goal.target_role", "body.goal.extra"}
    assert TYPED not in json.dumps(problem)


def test_what_is_not_ready_is_told_with_what_comes_first(
    client: Client, http: httpx.Client, is_problem: IsProblem
) -> None:
    session = client.create_session()
    path = f"/v1/sessions/{session.id}"
    is_problem(http.post(f"{path}/generations", json={"kind": "packet"}), 409, "not-ready")
    is_problem(http.get(f"{path}/exports"), 409, "not-ready")
    is_problem(http.get(f"{path}/exports/work-sample.pdf"), 409, "not-ready")
    is_problem(http.post(f"{path}/proposals/prop_{'0' * 24}/accept"), 409, "not-ready")
    is_problem(http.post(f"{path}/undo", json={"to_revision": 99}), 404, "revision-not-found")
    is_problem(http.patch(path, json={"seed": 3}), 428, "revision-required")
    is_problem(http.patch(path, json={"seed": 3}, headers={"if-match": '"7"'}), 412, "revision-mismatch")
    is_problem(http.patch(path, json={"seed": 3}, headers={"if-match": 'W/"0"'}), 412, "revision-mismatch")
    is_problem(http.patch(path, json={"seed": 3}, headers={"if-match": "0"}), 400, "malformed-header")
    is_problem(http.patch(path, json={"seed": 3, "model": ""}, headers={"if-match": "*"}), 422, "invalid-request")
    is_problem(http.patch(path, json={}, headers={"if-match": "*"}), 422, "invalid-request")
    is_problem(http.patch(path, json={"notes": ["a point"]}, headers={"if-match": "*"}), 409, "not-ready")


def test_the_guide_names_each_problem(root: Path) -> None:
    page = (root / "docs" / "guides" / "http-api.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", page, re.MULTILINE))
    assert told == {kind.value: str(TABLE[kind].status) for kind in Kind}
