"""The tuned adapter that comes along is whole, small, and trained on the very prompts that come along with it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from proofkit_core.generation import GenerationRequest, TextGenerator
from proofkit_prompts import load_contract
from proofkit_serve.backends.handshake import read_training
from proofkit_serve.backends.llama_cpp import open_llama_cpp
from proofkit_serve.backends.merging import own_keys
from proofkit_serve.models import EMBEDDED_ADAPTER, EMBEDDED_MODEL, embedded_adapter_path

MOST_BYTES = 12_000_000


def test_the_file_is_the_one_that_its_spec_names() -> None:
    data = embedded_adapter_path().read_bytes()
    assert hashlib.sha256(data).hexdigest() == EMBEDDED_ADAPTER.sha256
    assert len(data) <= MOST_BYTES


def test_it_was_trained_on_every_task_of_the_contract_in_force() -> None:
    contract = load_contract()
    training = read_training(own_keys(embedded_adapter_path()))
    assert training is not None
    assert training.contract_digest == contract.digest
    assert training.task_digests == {task: contract.task_digest(task) for task in contract.tasks}


def test_it_was_trained_against_the_weights_it_is_served_with() -> None:
    assert own_keys(embedded_adapter_path())["proofkit.base.digest"] == EMBEDDED_MODEL.sha256


def test_its_card_lies_beside_it_and_names_it() -> None:
    card = embedded_adapter_path().with_suffix(".md").read_text(encoding="utf-8")
    assert EMBEDDED_ADAPTER.sha256 in card
    assert "apache-2.0" in card


@pytest.mark.model
def test_it_is_merged_once_under_its_own_name_and_answers_warm_for_each_session(model_cache: Path) -> None:
    contract = load_contract()
    task = contract.render(
        "linkedin_post", {"target_role": "Bell founder", "company": "Larkmoor", "work_sample": "Plan"}
    )
    request = GenerationRequest(prompt=replace(task, max_tokens=6), time_limit_s=300)
    merged: list[dict[str, int]] = []
    texts: list[str] = []
    for _ in range(2):
        with open_llama_cpp(cache=model_cache, context_tokens=1024) as backend:
            merged.append({path.name: path.stat().st_ino for path in model_cache.iterdir()})
            assert (backend.identity.id, backend.identity.name) == (EMBEDDED_ADAPTER.id, EMBEDDED_ADAPTER.name)
            assert backend.identity.artifact_digest == EMBEDDED_ADAPTER.sha256
            assert backend.identity.base_digest == EMBEDDED_MODEL.sha256
            assert backend.training is not None
            assert backend.warm_up().wait(300)
            session: TextGenerator = backend.for_requester("a session")
            answer = session.generate(request)
            assert answer.reused_tokens >= 48  # the frame and the instruction
            texts.append(answer.text)
            assert backend.memory().model > 130_000_000
    assert merged[0] == merged[1]
    assert texts[0] == texts[1] != ""
