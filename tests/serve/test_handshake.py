"""A model is asked only the prompts that it was trained on, and an adapter changes what it says."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np  # noqa: TID253 - a test may wait for it
import pytest

from proofkit_core.errors import ModelUnavailableError
from proofkit_core.generation import Decoding, GenerationRequest
from proofkit_prompts import FreePrompt, OutputKind, load_contract
from proofkit_serve import EMBEDDED_MODEL, open_llama_cpp
from proofkit_serve.backends.handshake import Training, read_training, require_known, require_trained_on

CONTRACT = load_contract()
PROMPT = CONTRACT.render(
    "scenario", {"target_role": "Bell founder", "background": "Baker in a harbour town.", "work_sample": "Risk plan"}
)
POST = CONTRACT.render("linkedin_post", {"target_role": "Bell founder", "company": "Larkmoor", "work_sample": "Plan"})
SHORT = replace(POST, max_tokens=12)
HERE = {
    "proofkit.contract.version": CONTRACT.version,
    "proofkit.contract.digest": CONTRACT.digest,
    **{f"proofkit.task.{task}": CONTRACT.task_digest(task) for task in CONTRACT.tasks},
}
ELSEWHERE = {
    "proofkit.contract.version": "v0",
    "proofkit.contract.digest": "0" * 64,
    "proofkit.task.linkedin_post": "1" * 64,
}
RANK, WIDTH = 4, 576


def write_adapter(path: Path, keys: Mapping[str, str], *, size: float = 0.3) -> Path:
    """Write an adapter for SmolLM2 that bends the queries of the first layers."""
    draw = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(RANK))
    for key, value in keys.items():
        writer.add_string(key, value)
    for layer in range(4):
        name = f"blk.{layer}.attn_q.weight"
        writer.add_tensor(f"{name}.lora_a", draw.normal(0, size, (RANK, WIDTH)).astype(np.float32))
        writer.add_tensor(f"{name}.lora_b", draw.normal(0, size, (WIDTH, RANK)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def ask(adapter: Path | None, *, any_contract: bool = False) -> tuple[str, str]:
    """Return what the embedded model writes, and under which name."""
    with open_llama_cpp(
        adapter=adapter, serve_adapter="at load", any_contract=any_contract, context_tokens=1024
    ) as backend:
        done = backend.generate(GenerationRequest(prompt=SHORT, decoding=Decoding(), time_limit_s=600))
    return done.text, done.model.name


def test_a_model_that_says_nothing_may_be_asked_anything() -> None:
    assert read_training({}) is None
    require_known(None, CONTRACT)
    require_trained_on(None, PROMPT)


def test_a_model_of_this_contract_is_welcome() -> None:
    training = read_training(HERE)
    assert training is not None
    require_known(training, CONTRACT)
    require_trained_on(training, PROMPT)


def test_a_model_of_another_contract_is_refused_with_both_digests() -> None:
    with pytest.raises(ModelUnavailableError) as caught:
        require_known(read_training(ELSEWHERE), CONTRACT)
    assert "000000000000" in str(caught.value)
    assert CONTRACT.digest[:12] in str(caught.value)


def test_a_task_that_changed_since_training_is_refused_and_the_others_are_not() -> None:
    training = Training(
        contract_version="v1",
        contract_digest="0" * 64,
        task_digests={"scenario": "1" * 64, "linkedin_post": CONTRACT.task_digest("linkedin_post")},
    )
    require_known(training, CONTRACT)
    with pytest.raises(ModelUnavailableError, match="scenario"):
        require_trained_on(training, PROMPT)
    post = CONTRACT.render("linkedin_post", {"target_role": "x", "company": "y", "work_sample": "z"})
    require_trained_on(training, post)


def test_a_free_prompt_is_no_task_so_there_is_nothing_to_compare() -> None:
    free = FreePrompt(text="Hello", stop=(), output=OutputKind.MARKDOWN, output_schema=None, max_tokens=8)
    require_trained_on(read_training(HERE), free)
    require_trained_on(read_training(ELSEWHERE), free)


@pytest.mark.model
def test_an_adapter_changes_the_answer_and_is_told_in_the_identity(tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "bent.gguf", HERE)
    bare, _ = ask(None)
    bent, name = ask(adapter)
    assert bare != bent
    assert "bent" in name
    with open_llama_cpp(adapter=adapter, serve_adapter="at load") as backend:
        assert backend.identity.base_digest == EMBEDDED_MODEL.sha256
        assert backend.identity.artifact_digest != EMBEDDED_MODEL.sha256


@pytest.mark.model
def test_an_adapter_of_another_contract_is_refused_unless_overridden_and_then_marked(tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "old.gguf", ELSEWHERE)
    with pytest.raises(ModelUnavailableError, match="was trained on contract v0"):
        ask(adapter)
    _, name = ask(adapter, any_contract=True)
    assert "trained on another contract" in name


@pytest.mark.model
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not the expected weights"),
        (b"GGUF", "is not the expected weights"),
        (b"GGUF" + b"\0" * 64, "refused the adapter"),
    ],
)
def test_a_damaged_adapter_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailableError, match=rf"broken\.gguf.*{said}|{said}.*broken\.gguf"):
        ask(path)


@pytest.mark.model
def test_an_adapter_for_other_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 4.0)
    writer.add_tensor("blk.0.attn_q.weight.lora_a", np.zeros((4, 64), np.float32))
    writer.add_tensor("blk.0.attn_q.weight.lora_b", np.zeros((64, 4), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelUnavailableError, match="refused the adapter"):
        ask(path)
