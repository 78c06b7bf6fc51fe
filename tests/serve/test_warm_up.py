"""Many sessions share one model: what is read once stays warm, and never changes what is written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from proofkit_core.generation import Completion, GenerationRequest
from proofkit_prompts import FrozenPrompt, load_contract
from proofkit_serve import LlamaCppBackend, open_llama_cpp
from proofkit_serve.backends.decoding.memory import process_bytes
from proofkit_serve.backends.decoding.warming import plan_warm_up

MakePrompt = Callable[..., FrozenPrompt]
CONTRACT = load_contract()
ROLES = ("Project manager", "Data analyst", "Bell founder")
MB = 1024 * 1024
PATIENT_S = 600.0
"""However busy the machine is."""


def _section(role: str, section: str) -> FrozenPrompt:
    fields = {
        "target_role": role,
        "background": f"Night porter in a harbour hotel, five years, and now {role.lower()}.",
        "company": "Larkmoor Linen",
        "setting": "Larkmoor Linen, an invented laundry for hotels, moves its rounds to a shared calendar.",
        "facts": ["[S1] 6 vans", "[S2] 41 hotels on the round"],
        "decision": "Start on 3 June with all hotels, or with a part",
        "work_sample": "Rollout plan",
        "section": section,
        "section_goal": "Say what changes for whom",
    }
    prompt = CONTRACT.render("draft_section", fields)
    return replace(prompt, max_tokens=10)


def _write(backend: LlamaCppBackend, prompt: FrozenPrompt) -> Completion:
    return backend.generate(GenerationRequest(prompt=prompt, time_limit_s=PATIENT_S))


def test_every_task_begins_with_what_is_warmed_up() -> None:
    plan = plan_warm_up(CONTRACT)
    prompt = _section("Bell founder", "Goal")
    assert any(prompt.text.startswith(beginning) for beginning in plan.beginnings)
    assert len(plan.schemas) == sum(CONTRACT.schema(task) is not None for task in CONTRACT.tasks)


@pytest.mark.model
def test_after_a_warm_up_the_first_prompt_begins_warm_and_writes_the_same() -> None:
    prompt = _section("Bell founder", "Goal")
    with open_llama_cpp(adapter=None, context_tokens=1024) as backend:
        cold = _write(backend, prompt)
    with open_llama_cpp(adapter=None, context_tokens=1024) as backend:
        assert backend.warm_up(CONTRACT).wait(PATIENT_S)
        warm = _write(backend, prompt)
    assert cold.reused_tokens == 0
    assert warm.reused_tokens >= 48
    assert warm.text == cold.text


@pytest.mark.model
def test_sessions_that_take_turns_each_keep_their_prefix_and_their_text() -> None:
    with open_llama_cpp(adapter=None, context_tokens=1024) as backend:
        assert backend.warm_up(CONTRACT).wait(PATIENT_S)
        for role in ROLES:
            _write(backend, _section(role, "Goal"))
        second = {role: _write(backend, _section(role, "Risks")) for role in ROLES}
        figures = backend.reuse()
    for role, completion in second.items():
        assert completion.reused_tokens > 0.5 * completion.prompt_tokens
        with open_llama_cpp(adapter=None, context_tokens=1024, prefix_mb=0) as fresh:
            assert _write(fresh, _section(role, "Risks")).text == completion.text
    assert figures.prompts == 2 * len(ROLES)
    assert figures.reused_tokens > 0.4 * figures.prompt_tokens


@pytest.mark.model
def test_a_prompt_that_was_read_ahead_begins_at_once_and_writes_the_same() -> None:
    asked, other = _section("Bell founder", "Goal"), _section("Data analyst", "Risks")
    with open_llama_cpp(adapter=None, context_tokens=1024) as backend:
        cold = _write(backend, asked)
        between = _write(backend, other)
    with open_llama_cpp(adapter=None, context_tokens=1024) as backend:
        assert backend.read_ahead(GenerationRequest(prompt=asked)).wait(PATIENT_S)
        warm = _write(backend, asked)
        ahead = [backend.read_ahead(GenerationRequest(prompt=asked)) for _ in range(9)]
        same = _write(backend, other)
        assert all(each.wait(PATIENT_S) for each in ahead)
    assert warm.reused_tokens > 0.9 * warm.prompt_tokens - 32
    assert warm.text == cold.text
    assert same.text == between.text


@pytest.mark.model
def test_memory_is_told_and_copies_stay_below_their_limit(make_prompt: MakePrompt) -> None:
    with open_llama_cpp(adapter=None, context_tokens=2048, prefix_mb=8) as backend:
        assert backend.memory().prefixes == 0
        for number in range(5):
            _write(backend, make_prompt(f"{number} different words here. " * 30, max_tokens=2))
            assert backend.memory().prefixes <= 8 * MB
        memory = backend.memory()
        assert backend.reuse().copies >= 1
    assert 80 * MB < memory.model < 100 * MB
    assert memory.context == 2048 * 30 * 3 * (64 + 64) * 2  # layers, shared heads, keys and values, bytes
    assert memory.prefixes > 1 * MB
    assert memory.process is None or memory.process > 100 * MB


def test_where_the_system_does_not_tell_its_memory_none_is_told(tmp_path: Path) -> None:
    assert process_bytes(tmp_path / "absent") is None
    odd = tmp_path / "status"
    odd.write_text("Name:\tx\nVmRSS:\t  12 kB\n", encoding="ascii")
    assert process_bytes(odd) == 12 * 1024
