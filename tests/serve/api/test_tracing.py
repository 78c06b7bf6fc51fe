"""Spans, where OpenTelemetry is configured: what was made, by which model and how it ended, and none of the text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from proofkit_core.errors import ExportRefusedError
from proofkit_serve.client import Client
from proofkit_serve.client.process import start_server
from proofkit_serve.jobs.tracing import generation_span
from proofkit_serve.wire.requests import ExerciseJob, PacketJob, SessionInput

WithGoal = Callable[..., SessionInput]
SAID = "zeppelin-quartz"
CONFIGURED = """
import os
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

def in_one_line(span):
    return span.to_json(indent=None) + chr(10)

out = open(os.environ["SPANS"], "a", encoding="utf-8", buffering=1)
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=out, formatter=in_one_line)))
trace.set_tracer_provider(provider)
"""


def test_a_server_with_tracing_tells_what_it_made_and_none_of_the_text(tmp_path: Path, with_goal: WithGoal) -> None:
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(CONFIGURED, encoding="utf-8")
    spans = tmp_path / "spans.jsonl"
    environ = {"PYTHONPATH": str(hook), "SPANS": str(spans)}
    with start_server(tmp_path / "server", environ=environ) as server, Client(server.url, timeout_s=120.0) as client:
        session = client.create_session(with_goal(f"{SAID} was on the board"))
        client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
        client.wait(client.generate(session.id, PacketJob(kind="packet")).id)
        server.stop()
    told = spans.read_text(encoding="utf-8")
    found: list[dict[str, Any]] = [json.loads(line) for line in told.splitlines()]
    made = [each for each in found if "proofkit.generation.kind" in each["attributes"]]
    assert [each["name"] for each in made] == ["generate exercise", "generate packet"]
    assert all(each["attributes"]["gen_ai.request.model"] == "template" for each in made)
    assert all(each["events"] == [] for each in found)
    assert SAID not in told
    assert "board" not in told


def test_a_span_of_what_failed_tells_the_kind_of_error_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    with pytest.raises(ExportRefusedError), generation_span("packet", "far"):
        raise ExportRefusedError(f"The text says {SAID}.")
    (span,) = memory.get_finished_spans()
    assert span.status.status_code is trace.StatusCode.ERROR
    assert span.status.description == "ExportRefusedError"
    assert SAID not in span.to_json()
    assert span.events == ()
