"""Frozen prompts go only to models that were trained on them, editable ones only to large models."""

from pathlib import Path

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_core.generation import PromptKind
from proofkit_prompts import load_contract
from proofkit_serve.backends.handshake import LARGE_FROM_B, Training, greet_large, greet_trained, size_in_name
from proofkit_serve.registry import BackendName, ContractStamp, ModelSpec
from proofkit_serve.registry.greeting import greet

CONTRACT = load_contract()
HERE = {task: CONTRACT.task_digest(task) for task in CONTRACT.tasks}
DIGEST = "ab" * 32


def trained(**changed: str) -> Training:
    return Training(contract_version="v1", contract_digest="0" * 64, task_digests=HERE | changed)


def server(**changed: object) -> ModelSpec:
    values: dict[str, object] = {
        "id": "student",
        "backend": BackendName.OPENAI_COMPATIBLE,
        "base_urls": ("http://127.0.0.1:1/v1",),
        "model": "student",
    }
    return ModelSpec.model_validate(values | changed)


def stamp(digest: str = CONTRACT.digest, **tasks: str) -> ContractStamp:
    return ContractStamp(version="v1", digest=digest, tasks=tasks)


def test_a_model_of_these_prompts_is_asked_without_a_mark() -> None:
    greeting = greet_trained(trained(), CONTRACT, name="Student", allow_unknown=False)
    assert greeting.mark == ""
    assert greeting.training is not None


def test_a_model_that_says_nothing_is_refused_and_marked_where_that_is_allowed() -> None:
    with pytest.raises(ModelUnavailableError, match="does not say what it was trained on") as caught:
        greet_trained(None, CONTRACT, name="Stranger", allow_unknown=False)
    assert caught.value.kind is FailureKind.REFUSED
    assert "Stranger" in greet_trained(None, CONTRACT, name="Stranger", allow_unknown=True).mark


def test_a_model_of_other_prompts_is_refused_with_both_digests() -> None:
    other = Training(contract_version="v0", contract_digest="1" * 64, task_digests=dict.fromkeys(HERE, "2" * 64))
    with pytest.raises(ModelUnavailableError, match="111111111111") as caught:
        greet_trained(other, CONTRACT, name="Old", allow_unknown=False)
    assert CONTRACT.digest[:12] in str(caught.value)
    assert "for all tasks" in greet_trained(other, CONTRACT, name="Old", allow_unknown=True).mark


def test_where_one_task_changed_the_others_may_be_asked_and_an_override_names_it() -> None:
    one = trained(scenario="1" * 64)
    greeting = greet_trained(one, CONTRACT, name="Student", allow_unknown=False)
    assert (greeting.mark, greeting.training) == ("", one)
    override = greet_trained(one, CONTRACT, name="Student", allow_unknown=True)
    assert override.mark.endswith("scenario")
    assert override.training is None


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("SmolLM2-135M-Instruct", 0.135),
        ("Qwen/Qwen2.5-0.5B-Instruct", 0.5),
        ("meta-llama/Llama-3.3-70B-Instruct", 70.0),
        ("mistralai/Mixtral-8x7B-v0.1", 56.0),
        ("Qwen3-30B-A3B", 30.0),
        ("deepseek-r1-distill-qwen-1.5b", 1.5),
        ("gpt-4o", None),
        ("v1.5beta", None),
        ("", None),
    ],
)
def test_a_size_is_read_from_a_name(name: str, size: float | None) -> None:
    assert size_in_name(name) == size


@pytest.mark.parametrize(
    ("name", "declared", "large"),
    [
        ("meta-llama/Llama-3.3-70B-Instruct", None, True),
        ("openai/gpt-oss-120b", None, True),
        ("gpt-4.1", None, True),
        ("claude-sonnet-5", None, True),
        ("house-model", 34.0, True),
        ("house-model", None, False),
        ("house-model", 1.0, False),
        ("Qwen2.5-0.5B-Instruct", None, False),
        ("deepseek-r1-distill-qwen-1.5b", None, False),
        ("meta-llama/Llama-3.3-70B-Instruct", 3.0, False),
    ],
)
def test_editable_prompts_go_to_large_models_only(name: str, declared: float | None, *, large: bool) -> None:
    if large:
        assert greet_large(name, parameters_b=declared, allow_unknown=False).mark == ""
        return
    with pytest.raises(ModelUnavailableError, match="billion") as caught:
        greet_large(name, parameters_b=declared, allow_unknown=False)
    assert caught.value.kind is FailureKind.REFUSED
    assert greet_large(name, parameters_b=declared, allow_unknown=True).mark


@given(st.floats(0.001, 2000), st.booleans())
def test_the_line_is_drawn_at_one_place(parameters_b: float, allow_unknown: bool) -> None:  # noqa: FBT001 - drawn
    if parameters_b >= LARGE_FROM_B:
        assert greet_large("x", parameters_b=parameters_b, allow_unknown=allow_unknown).mark == ""
    elif allow_unknown:
        assert greet_large("x", parameters_b=parameters_b, allow_unknown=True).mark
    else:
        with pytest.raises(ModelUnavailableError):
            greet_large("x", parameters_b=parameters_b, allow_unknown=False)


def test_a_server_with_frozen_prompts_needs_the_digests_of_contract_and_weights() -> None:
    full = greet(server(contract=stamp(), artifact_digest=DIGEST), CONTRACT)
    assert full.mark == ""
    assert full.training is not None
    assert full.training.task_digests == HERE
    with pytest.raises(ModelUnavailableError, match="does not say what it was trained on"):
        greet(server(artifact_digest=DIGEST), CONTRACT)
    with pytest.raises(ModelUnavailableError, match="which weights"):
        greet(server(contract=stamp()), CONTRACT)
    assert greet(server(contract=stamp(), allow_unknown=True), CONTRACT).mark
    assert greet(server(allow_unknown=True), CONTRACT).mark


def test_another_contract_without_tasks_is_another_contract_in_all_tasks() -> None:
    with pytest.raises(ModelUnavailableError, match="no task is the same"):
        greet(server(contract=stamp("1" * 64), artifact_digest=DIGEST), CONTRACT)
    some = greet(server(contract=stamp("1" * 64, scenario=HERE["scenario"]), artifact_digest=DIGEST), CONTRACT)
    assert some.training is not None
    assert some.mark == ""


def test_a_large_model_needs_no_stamp() -> None:
    assert greet(server(model="llama-3.3-70b", prompts=PromptKind.EDITABLE), CONTRACT).training is None
    with pytest.raises(ModelUnavailableError, match="editable prompts are for large"):
        greet(server(model="qwen2.5-0.5b", prompts=PromptKind.EDITABLE), CONTRACT)


def test_the_model_that_comes_along_was_trained_on_these_very_prompts() -> None:
    greeting = greet(ModelSpec(id="embedded", name="Ours", backend=BackendName.LLAMA_CPP), CONTRACT)
    assert greeting.mark == ""
    assert greeting.training is not None
    assert greeting.training.contract_digest == CONTRACT.digest
    assert greeting.training.task_digests == HERE


def test_its_base_without_the_adapter_is_asked_and_marked() -> None:
    bare = ModelSpec(id="embedded", name="Ours", backend=BackendName.LLAMA_CPP, adapter="none")
    assert "not trained" in greet(bare, CONTRACT).mark


def write_gguf(path: Path, keys: dict[str, str]) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in keys.items():
        writer.add_string(key, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


KEYS = {
    "proofkit.contract.version": CONTRACT.version,
    "proofkit.contract.digest": CONTRACT.digest,
    **{f"proofkit.task.{task}": digest for task, digest in HERE.items()},
}


def test_what_a_file_was_trained_on_is_read_from_it(tmp_path: Path) -> None:
    stamped = write_gguf(tmp_path / "stamped.gguf", KEYS)
    plain = write_gguf(tmp_path / "plain.gguf", {"general.name": "x"})
    own = ModelSpec(id="own", backend=BackendName.LLAMA_CPP, weights=stamped)
    assert greet(own, CONTRACT).training is not None
    with pytest.raises(ModelUnavailableError, match="does not say"):
        greet(own.model_copy(update={"weights": plain}), CONTRACT)
    marked = own.model_copy(update={"weights": plain, "allow_unknown": True})
    assert greet(marked, CONTRACT).mark


def test_a_copy_of_a_servers_file_says_what_it_was_trained_on(tmp_path: Path) -> None:
    stamped = write_gguf(tmp_path / "stamped.gguf", KEYS)
    greeting = greet(server(weights=stamped), CONTRACT)
    assert greeting.mark == ""
    assert greeting.training is not None


def test_a_missing_file_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"nowhere\.gguf"):
        greet(ModelSpec(id="own", backend=BackendName.LLAMA_CPP, weights=tmp_path / "nowhere.gguf"), CONTRACT)
