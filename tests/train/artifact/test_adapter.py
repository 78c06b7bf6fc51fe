import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from proofkit_train.artifact.adapter import read_adapter
from proofkit_train.artifact.adapter_file import check_fit
from proofkit_train.artifact.weights import open_weights
from proofkit_train.base.source import resolve_base
from proofkit_train.errors import ModelFileError

pytest.importorskip("peft")
MakeBase = Callable[[str], Path]
MakeRun = Callable[[str], Any]


def set_config(folder: Path, **changes: Any) -> None:  # noqa: ANN401 - JSON
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


def test_every_linear_layer_is_read_with_rank_and_scale(tiny_adapter: MakeBase) -> None:
    adapter = read_adapter(tiny_adapter("llama"))
    assert (adapter.rank, adapter.scale, adapter.alpha) == (4, 2.0, 8.0)
    assert len(adapter.pairs) == 2 * 7
    pair = adapter.pairs["blk.1.ffn_down.weight"]
    assert (pair.down.shape, pair.up.shape) == ((4, 96), (64, 4))


def test_the_digest_is_the_one_that_a_run_records(tiny_adapter: MakeBase) -> None:
    from proofkit_train.sft.adapter import adapter_digest  # noqa: PLC0415

    assert read_adapter(tiny_adapter("llama")).digest == adapter_digest(tiny_adapter("llama"))


def test_a_rank_stabilised_adapter_keeps_its_scale(tiny_run: MakeRun) -> None:
    folder = tiny_run("llama").adapter
    set_config(folder, use_rslora=True)
    assert read_adapter(folder).scale == 8 / 4**0.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"use_dora": True}, "has use_dora=True. Expected False"),
        ({"bias": "all"}, "has bias='all'. Expected 'none'"),
        ({"modules_to_save": ["lm_head"]}, "has modules_to_save="),
        ({"alpha_pattern": {"q_proj": 3}}, "has alpha_pattern="),
        ({"peft_type": "IA3"}, "describes no LoRA adapter"),
        ({"r": 8}, "Expected A and B of rank 8"),
        ({"r": 0}, "has the rank 0"),
        ({"lora_alpha": None}, "alpha None"),
    ],
)
def test_an_adapter_that_llama_cpp_cannot_express_is_refused(
    tiny_run: MakeRun, changes: dict[str, Any], message: str
) -> None:
    folder = tiny_run("llama").adapter
    set_config(folder, **changes)
    with pytest.raises(ModelFileError) as caught:
        read_adapter(folder)
    assert message in str(caught.value)


def test_tensors_beside_the_factors_are_refused(tiny_run: MakeRun) -> None:
    untyped: Any = import_module("safetensors.numpy")
    load_file, save_file = untyped.load_file, untyped.save_file
    path = tiny_run("llama").adapter / "adapter_model.safetensors"
    tensors = load_file(path)
    for extra in ("base_model.model.lm_head.weight", "base_model.model.lm_head.lora_A.weight"):
        save_file({**tensors, extra: next(iter(tensors.values()))}, path)
        with pytest.raises(ModelFileError, match=r"lm_head.*Expected LoRA factors of the linear layers alone"):
            read_adapter(path.parent)


def test_missing_and_damaged_files_are_refused(tiny_run: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"No adapter could be read.*Expected a folder"):
        read_adapter(tmp_path / "nowhere")
    folder = tiny_run("llama").adapter
    weights = folder / "adapter_model.safetensors"
    whole = weights.read_bytes()
    for size in (0, 5, 100, len(whole) - 4):
        weights.write_bytes(whole[:size])
        with pytest.raises(ModelFileError, match="damaged or cut off"):
            read_adapter(folder)
    weights.unlink()
    with pytest.raises(ModelFileError, match="No weights could be read"):
        read_adapter(folder)
    (folder / "adapter_config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelFileError, match="is no JSON"):
        read_adapter(folder)


def test_an_adapter_of_another_model_does_not_fit(tiny_adapter: MakeBase, tiny_base: MakeBase) -> None:
    base = open_weights(resolve_base(str(tiny_base("llama"))))
    name, weight = next((n, w) for n, w in base.weights.items() if n.endswith("attn_q.weight"))
    other = base._replace(weights={**base.weights, name: weight._replace(shape=(128, 64))})
    with pytest.raises(ModelFileError, match=r"of the shape \(64, 64\); this base has \(128, 64\)"):
        check_fit(read_adapter(tiny_adapter("llama")), other)
