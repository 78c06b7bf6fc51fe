"""The OpenAPI document is complete, and the file in the repository is what the server tells."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from proofkit_serve.wire.answers import GenerationList

UNSAFE = {"post", "patch", "delete"}


@pytest.fixture(scope="module")
def document(root: Path) -> dict[str, Any]:
    return json.loads((root / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8"))


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_file_is_what_the_server_tells(http: httpx.Client, document: dict[str, Any]) -> None:
    assert http.get("/openapi.json").json() == document


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="made with the oldest Python that is supported")
def test_writing_the_file_again_changes_nothing(root: Path) -> None:
    call = [sys.executable, root / "scripts" / "openapi.py", "--check"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def test_every_operation_says_what_it_does_and_how_it_fails(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["description"], name
        assert operation["tags"], name
        assert {"422", "429", "500"} <= operation["responses"].keys(), name
        problems = [each for status, each in operation["responses"].items() if status >= "4"]
        assert all(list(each["content"]) == ["application/problem+json"] for each in problems), name


def test_every_answer_has_a_form(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status == "304":
                continue
            assert answer["content"], f"{name} {status}"
            for kind, each in answer["content"].items():
                assert ("itemSchema" if kind == "text/event-stream" else "schema") in each, f"{name} {status}"


def test_every_unsafe_call_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        names = {each["name"] for each in operation.get("parameters", ())}
        assert ("Idempotency-Key" in names) == (name.split()[0] in UNSAFE), name


def test_the_examples_of_bodies_are_taken(http: httpx.Client, document: dict[str, Any]) -> None:
    body = document["paths"]["/v1/sessions"]["post"]["requestBody"]["content"]["application/json"]
    for name, example in body["examples"].items():
        assert http.post("/v1/sessions", json=example["value"]).status_code == 201, name


def test_the_examples_of_generations_are_taken_and_name_each_kind_of_proposal(
    http: httpx.Client, document: dict[str, Any]
) -> None:
    goal = document["paths"]["/v1/sessions"]["post"]["requestBody"]["content"]["application/json"]["examples"]["goal"]
    address = http.post("/v1/sessions", json=goal["value"]).headers["location"]
    stream = {"accept": "text/event-stream"}
    http.post(f"{address}/generations", json={"kind": "packet"}, headers=stream).raise_for_status()
    body = document["paths"]["/v1/sessions/{session_id}/generations"]["post"]["requestBody"]
    examples = body["content"]["application/json"]["examples"]
    assert {"packet", "section", "revision", "revisions"} <= examples.keys()
    for name, example in examples.items():
        assert example["value"]["kind"] == name
        answer = http.post(f"{address}/generations", json=example["value"], headers=stream)
        assert "event: done" in answer.raise_for_status().text, name


def test_the_examples_of_a_list_of_generations_are_such_lists(document: dict[str, Any]) -> None:
    answer = document["paths"]["/v1/sessions/{session_id}/generations"]["get"]["responses"]["200"]
    examples = answer["content"]["application/json"]["examples"]
    lists = [GenerationList.model_validate_json(json.dumps(each["value"])) for each in examples.values()]
    assert {each.next_after is None for each in lists} == {True, False}
    assert all(each.generations for each in lists)


def test_no_record_takes_fields_that_it_does_not_know(document: dict[str, Any]) -> None:
    inputs = [name for name in document["components"]["schemas"] if name.endswith(("Input", "Change", "Job"))]
    assert inputs
    for name in inputs:
        assert document["components"]["schemas"][name]["additionalProperties"] is False, name
