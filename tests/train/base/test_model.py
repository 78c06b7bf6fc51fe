import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from proofkit_train.artifact.gguf_writing import OutTensor, write_gguf
from proofkit_train.artifact.llama import open_llama
from proofkit_train.artifact.merging import write_model
from proofkit_train.artifact.weights import open_weights
from proofkit_train.base.gguf_file import STRING, Entry, read_gguf, read_tensor
from proofkit_train.base.model import load_model, model_config
from proofkit_train.base.source import BaseSource, resolve_base
from proofkit_train.base.tokenizer import open_tokenizer
from proofkit_train.errors import BaseError, ModelFileError

pytest.importorskip("torch")
pytest.importorskip("transformers")
MakeBase = Callable[[str], Path]
FAMILIES = ("llama", "qwen2")


def scores_of(source: BaseSource, tokens: list[int]) -> Any:  # noqa: ANN401 - a NumPy array
    import torch

    with torch.no_grad():
        return cast("Any", load_model(source))(torch.tensor([tokens])).logits[0].numpy()


def as_gguf(folder: Path, path: Path) -> BaseSource:
    source = resolve_base(str(folder))
    write_model(path, source, open_weights(source), None, None, name="tiny", kind="F32")
    return resolve_base(str(path))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_comes_back_from_gguf_unchanged(
    family: str, tiny_base: MakeBase, tmp_path: Path, golden_prompts: dict[str, str]
) -> None:
    folder = resolve_base(str(tiny_base(family)))
    gguf = as_gguf(tiny_base(family), tmp_path / "tiny.gguf")
    tokens = open_tokenizer(gguf).encode(golden_prompts["scenario/plain.prompt.txt"])[:128]
    assert (scores_of(gguf, tokens) == scores_of(folder, tokens)).all()
    ours, theirs = cast("Any", model_config(gguf)), cast("Any", model_config(folder))
    for key in ("hidden_size", "num_key_value_heads", "tie_word_embeddings", "vocab_size", "rms_norm_eps"):
        assert getattr(ours, key, None) == pytest.approx(getattr(theirs, key, None)), key


@pytest.mark.model
@pytest.mark.slow
def test_the_embedded_base_scores_as_llama_cpp_does(golden_prompts: dict[str, str]) -> None:
    # llama.cpp rounds what goes into each 4-bit product to 8 bits, Transformers does not: scores of up to 40 differ by
    # about 0.15, and a tenth of the best tokens are others. An error in the layout gives noise: a divergence above 5.
    import numpy as np
    import torch

    source = resolve_base("embedded")
    tokenizer, model = open_tokenizer(source), cast("Any", load_model(source))

    def logs(scores: Any) -> Any:  # noqa: ANN401
        shifted = scores.astype(np.float64) - scores.max(-1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))

    with open_llama(source.path, context_tokens=512, exact=True) as llama:
        for name in ("draft_section/plain", "scenario/minimal", "resume_bullets/hostile"):
            tokens = tokenizer.encode(golden_prompts[f"{name}.prompt.txt"])[:256]
            with torch.no_grad():
                ours = model(torch.tensor([tokens])).logits[0].numpy()
            theirs = llama.scores(tokens)
            divergence = (np.exp(logs(ours)) * (logs(ours) - logs(theirs))).sum(-1).mean()
            assert divergence < 0.02, name
            assert (ours.argmax(-1) == theirs.argmax(-1)).mean() > 0.85, name


def test_the_random_weights_that_are_replaced_leave_no_trace(tiny_base: MakeBase, tmp_path: Path) -> None:
    import torch

    gguf = as_gguf(tiny_base("llama"), tmp_path / "tiny.gguf")
    torch.manual_seed(3)  # pyright: ignore[reportUnknownMemberType]
    expected = torch.rand(4)
    torch.manual_seed(3)  # pyright: ignore[reportUnknownMemberType]
    load_model(gguf)
    assert torch.equal(torch.rand(4), expected)


def test_weights_can_be_kept_in_half_precision(tiny_base: MakeBase, tmp_path: Path) -> None:
    import torch

    for source in (resolve_base(str(tiny_base("llama"))), as_gguf(tiny_base("llama"), tmp_path / "tiny.gguf")):
        model = cast("Any", load_model(source, "bfloat16"))
        assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}


def rewrite(gguf: Path, target: Path, architecture: str = "llama", **changes: Any) -> BaseSource:  # noqa: ANN401
    """Write a GGUF file anew, with other metadata or tensors."""
    file = read_gguf(gguf)
    entries = dict(file.entries) | changes.get("entries", {})
    tensors = [
        OutTensor(tensor.name, tensor.shape, "F32", lambda tensor=tensor: read_tensor(file, tensor))
        for tensor in file.tensors
        if tensor.name != changes.get("without")
    ]
    write_gguf(target, architecture, entries, [*tensors, *changes.get("more", [])])
    return resolve_base(str(target))


def zeros() -> Any:  # noqa: ANN401 - a NumPy array
    import numpy as np

    return np.zeros((32, 32), dtype=np.float32)


SCALED = {"llama.rope.scaling.type": Entry("yarn", STRING, None)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"without": "blk.1.ffn_up.weight"}, "no tensor for 'model.layers.1.mlp.up_proj.weight'"),
        ({"more": [OutTensor("blk.0.ffn_gate_inp.weight", (32, 32), "F32", zeros)]}, "that this family does not have"),
        ({"entries": SCALED}, r"a scaled rotary embedding \('yarn'\)"),
        ({"architecture": "gpt2"}, "of the family 'gpt2'"),
    ],
)
def test_a_gguf_file_of_another_kind_is_refused(
    tiny_base: MakeBase, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    as_gguf(tiny_base("llama"), tmp_path / "tiny.gguf")
    source = rewrite(tmp_path / "tiny.gguf", tmp_path / "other.gguf", **changes)
    with pytest.raises(BaseError, match=message):
        load_model(source)


def test_weights_of_another_shape_are_refused(tiny_base: MakeBase, tmp_path: Path) -> None:
    as_gguf(tiny_base("llama"), tmp_path / "tiny.gguf")
    name = "blk.0.ffn_up.weight"
    source = rewrite(
        tmp_path / "tiny.gguf", tmp_path / "other.gguf", without=name, more=[OutTensor(name, (32, 32), "F32", zeros)]
    )
    with pytest.raises(BaseError, match=r"in the shape \(32, 32\) instead of \(96, 64\)"):
        load_model(source)


def test_a_folder_of_an_unknown_family_is_refused(own_base: MakeBase) -> None:
    folder = own_base("llama")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8")) | {"model_type": "mistral"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(BaseError, match=r"of the family 'mistral'\. Expected one of llama, qwen2"):
        load_model(resolve_base(str(folder)))


def test_damaged_weights_are_refused(own_base: MakeBase) -> None:
    folder = own_base("llama")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(BaseError, match="could not be loaded"):
        load_model(resolve_base(str(folder)))
    with pytest.raises(ModelFileError, match="damaged or cut off"):
        open_weights(resolve_base(str(folder)))


def test_half_precision_weights_of_a_folder_read_as_in_torch(tiny_base: MakeBase, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file as untyped  # noqa: PLC0415 # pyright: ignore[reportUnknownVariableType]

    from proofkit_train.base.safetensors_file import read_safetensor, read_safetensors  # noqa: PLC0415

    assert tiny_base
    values = torch.tensor([[1.0, -2.5e-3], [3.1e4, 7.0]])
    kinds = {"a": torch.float32, "b": torch.float16, "c": torch.bfloat16}
    cast("Any", untyped)({name: values.to(kind) for name, kind in kinds.items()}, tmp_path / "x.safetensors")
    found = read_safetensors(tmp_path / "x.safetensors")
    for name, kind in kinds.items():
        assert read_safetensor(found[name]).tolist() == cast("Any", values.to(kind).float()).tolist()
