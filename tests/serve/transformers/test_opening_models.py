"""Which folders are opened, under which name, and what a model's own words decide."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_core.generation import GenerationRequest
from proofkit_prompts import load_contract
from proofkit_serve.backends.handshake import read_training
from proofkit_serve.backends.torch_model.device import on_zero_gpu
from proofkit_serve.backends.torch_model.folder import folder_keys, identify_folder
from proofkit_serve.backends.torch_model.loading import contract_stops, load_folder
from proofkit_serve.backends.transformers import open_transformers

CONTRACT = load_contract()
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
POST = replace(
    CONTRACT.render("linkedin_post", {"target_role": "Bell founder", "company": "Larkmoor", "work_sample": "Plan"}),
    max_tokens=8,
)
RANK, WIDTH = 4, 48


def copied(folder: Path, place: Path, keys: Mapping[str, object]) -> Path:
    """Return a copy of a model whose configuration says something more."""
    place.mkdir()
    for file in folder.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    config = place / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text(encoding="utf-8")) | dict(keys)), encoding="utf-8")
    return place


def write_adapter(folder: Path, keys: Mapping[str, object], *, width: int = WIDTH) -> Path:
    """Write a LoRA adapter in PEFT's form that bends the queries of the first layer."""
    torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
    safetensors = pytest.importorskip("safetensors.torch", reason="needs the extra 'transformers'")
    folder.mkdir()
    draw = torch.Generator().manual_seed(1)
    name = "base_model.model.model.layers.0.self_attn.q_proj"
    factors = {
        f"{name}.lora_A.weight": torch.randn(RANK, width, generator=draw),
        f"{name}.lora_B.weight": torch.randn(width, RANK, generator=draw),
    }
    safetensors.save_file(factors, str(folder / "adapter_model.safetensors"))
    config = {"peft_type": "LORA", "r": RANK, "lora_alpha": 8, "bias": "none", **keys}
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def write(folder: Path, adapter: Path | None = None, **options: Any) -> tuple[str, str]:  # noqa: ANN401 - as it takes
    """Return what a model writes for the post, and its name."""
    with open_transformers(folder, adapter=adapter, context_tokens=900, **options) as backend:
        done = backend.generate(GenerationRequest(prompt=POST))
    return done.text, done.model.name


def test_a_model_is_named_after_its_folder_and_the_digest_of_its_weights(folder: Path) -> None:
    with open_transformers(folder, context_tokens=200) as backend:
        identity = backend.identity
    assert (identity.id, identity.name) == ("tiny-llama", "tiny-llama")
    assert identity.artifact_digest == hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert identity.base_digest == ""


def test_weights_in_several_files_have_one_digest_that_follows_each(tmp_path: Path) -> None:
    for name, content in (("model-1.safetensors", b"one"), ("model-2.safetensors", b"two")):
        (tmp_path / name).write_bytes(content)
    before = identify_folder(tmp_path, None, name="m").artifact_digest
    (tmp_path / "model-2.safetensors").write_bytes(b"too")
    after = identify_folder(tmp_path, None, name="m").artifact_digest
    assert len({before, after, hashlib.sha256(b"one").hexdigest()}) == 3


def test_an_adapter_changes_the_answer_and_is_told_in_the_identity(folder: Path, tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "bent", HERE)
    bare, _ = write(folder)
    bent, name = write(folder, adapter)
    assert bare != bent
    assert name == "tiny-llama with bent"
    identity = identify_folder(folder, adapter, name="tiny-llama")
    assert identity.base_digest == identify_folder(folder, None, name="tiny-llama").artifact_digest
    assert identity.artifact_digest == hashlib.sha256((adapter / "adapter_model.safetensors").read_bytes()).hexdigest()


def test_a_merged_adapter_adds_the_scaled_product_of_its_factors(folder: Path, tmp_path: Path) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    safetensors = pytest.importorskip("safetensors.torch")
    adapter = write_adapter(tmp_path / "bent", {"use_rslora": True})
    factors = safetensors.load_file(str(adapter / "adapter_model.safetensors"))
    down, up = (next(factors[name] for name in factors if f"lora_{half}" in name) for half in "AB")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        model.model.layers[0].self_attn.q_proj.weight += 8 / RANK**0.5 * up @ down
    place = tmp_path / "merged"
    copied(folder, place, {})
    model.save_pretrained(place)
    assert write(place)[0] == write(folder, adapter)[0]


@pytest.mark.parametrize(
    ("keys", "said"),
    [({"use_dora": True}, "use_dora=True"), ({"r": 0}, "r=0"), ({"peft_type": "IA3"}, "peft_type='IA3'")],
)
def test_an_adapter_of_another_kind_is_refused(
    folder: Path, tmp_path: Path, keys: Mapping[str, object], said: str
) -> None:
    with pytest.raises(ModelUnavailableError, match=said) as caught:
        write(folder, write_adapter(tmp_path / "odd", keys))
    assert caught.value.kind is FailureKind.REFUSED


def test_an_adapter_for_other_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="in another shape"):
        write(folder, write_adapter(tmp_path / "wide", {}, width=64))


def test_the_stamp_is_read_without_opening_the_model(folder: Path, tmp_path: Path) -> None:
    assert read_training(folder_keys(folder)) is None
    stamped = copied(folder, tmp_path / "stamped", HERE)
    training = read_training(folder_keys(stamped))
    assert training is not None
    assert training.contract_digest == CONTRACT.digest
    adapter = write_adapter(tmp_path / "old", ELSEWHERE)
    training = read_training(folder_keys(stamped, adapter))
    assert training is not None
    assert training.contract_version == "v0"


def test_a_model_of_this_contract_is_asked(folder: Path, tmp_path: Path) -> None:
    text, name = write(copied(folder, tmp_path / "stamped", HERE))
    assert text
    assert name == "stamped"


def test_a_model_of_another_contract_is_refused_unless_overridden_and_then_marked(folder: Path, tmp_path: Path) -> None:
    stranger = copied(folder, tmp_path / "stranger", ELSEWHERE)
    with pytest.raises(ModelUnavailableError, match="was trained on contract v0"):
        write(stranger)
    _, name = write(stranger, any_contract=True)
    assert "trained on another contract" in name


def test_a_task_that_changed_since_training_is_refused(folder: Path, tmp_path: Path) -> None:
    partly = copied(folder, tmp_path / "partly", HERE | {"proofkit.task.linkedin_post": "1" * 64})
    with pytest.raises(ModelUnavailableError, match="linkedin_post with digest 111111111111"):
        write(partly)


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_refused_by_its_name(folder: Path, tmp_path: Path, missing: str) -> None:
    place = copied(folder, tmp_path / "part", {})
    (place / missing).unlink()
    with pytest.raises(ModelUnavailableError, match=r"safetensors" if "model" in missing else missing) as caught:
        open_transformers(place)
    assert caught.value.kind is FailureKind.NOT_FOUND


def test_weights_cut_off_are_refused_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    place = copied(folder, tmp_path / "cut", {})
    weights = place / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(ModelUnavailableError, match="Transformers could not load the model"):
        open_transformers(place, context_tokens=100)


def test_pickled_weights_are_never_loaded(folder: Path, tmp_path: Path) -> None:
    place = copied(folder, tmp_path / "pickled", {})
    (place / "model.safetensors").rename(place / "pytorch_model.bin")
    with pytest.raises(ModelUnavailableError, match="safetensors"):
        open_transformers(place)


def test_more_context_than_the_model_was_trained_for_is_refused(folder: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="Expected 1 to 1024"):
        open_transformers(folder, context_tokens=5000)


def test_a_stop_string_of_the_contract_that_is_a_token_ends_an_answer_too(folder: Path) -> None:
    # The tiny model's own end is the first token; one of its family that was tuned on chats ends with the third.
    assert load_folder(folder, adapter=None, stops=frozenset(), device="cpu").end_tokens == {0}
    loaded = load_folder(folder, adapter=None, stops=contract_stops(CONTRACT), device="cpu")
    assert loaded.end_tokens == {0, loaded.tokenizer.token_to_id("<|im_end|>")}


def test_on_a_zero_gpu_space_the_way_to_open_is_named(folder: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="open_zero_gpu"):
        open_transformers(folder, environ={"SPACES_ZERO_GPU": "true"})
    assert not on_zero_gpu({})
    assert not on_zero_gpu({"SPACES_ZERO_GPU": "false"})
