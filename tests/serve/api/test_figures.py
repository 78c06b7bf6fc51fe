"""The figures of models that are open in the server's own process."""

from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from proofkit_core.generation import PromptKind
from proofkit_serve.api.figures import Figures
from proofkit_serve.backends.local import MemoryUse
from proofkit_serve.chain.breaker import BreakerPhase, BreakerState
from proofkit_serve.chain.counting import Counts
from proofkit_serve.client import Client
from proofkit_serve.client.process import start_server
from proofkit_serve.registry import BackendName, Capabilities, ModelState, ModelStatus

MEMORY = "proofkit_model_memory_bytes"


def state(name: str, memory: MemoryUse | None) -> ModelState:
    return ModelState(
        id=name,
        name=name,
        backend=BackendName.LLAMA_CPP if memory else BackendName.OPENAI_COMPATIBLE,
        prompts=PromptKind.FROZEN,
        is_default=False,
        status=ModelStatus.READY,
        mark="",
        breaker=BreakerState(phase=BreakerPhase.CLOSED),
        counts=Counts(),
        memory=memory,
        capabilities=Capabilities(),
        fallbacks=(),
    )


def memory_of(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.labels["model"], sample.labels["part"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == MEMORY
    }


def test_the_memory_of_each_open_model_is_told_part_by_part() -> None:
    figures = Figures()
    states = [
        state("own", MemoryUse(model=100_000_000, context=20_000_000, prefixes=3_000_000, process=400_000_000)),
        state("elsewhere", None),
        state("untold", MemoryUse(model=7, context=5, prefixes=0, process=None)),
    ]
    figures.watch(lambda: (0, 0), lambda: states)
    assert memory_of(figures.written().decode()) == {
        ("own", "model"): 100_000_000.0,
        ("own", "context"): 20_000_000.0,
        ("own", "prefixes"): 3_000_000.0,
        ("own", "process"): 400_000_000.0,
        ("untold", "model"): 7.0,
        ("untold", "context"): 5.0,
        ("untold", "prefixes"): 0.0,
    }
    states.clear()  # it is looked at anew each time
    assert memory_of(figures.written().decode()) == {}


@pytest.mark.model
def test_a_server_tells_the_memory_of_the_model_that_comes_along(tmp_path: Path, embedded: str) -> None:
    with start_server(tmp_path, models=embedded) as server, Client(server.url, timeout_s=120.0) as client:
        body = {"model": "proofkit", "messages": [{"role": "user", "content": "Hello."}], "max_tokens": 4}
        httpx.post(f"{server.url}/v1/chat/completions", json=body, timeout=120.0).raise_for_status()
        told = memory_of(httpx.get(f"{server.url}/metrics", timeout=60.0).text)
        assert [each.status for each in client.backends().backends] == ["ready"]
    assert told.keys() == {("embedded", part) for part in ("model", "context", "prefixes", "process")}
    assert 50e6 < told["embedded", "model"] < 500e6
    assert told["embedded", "context"] > 0
    assert told["embedded", "process"] > told["embedded", "context"]
