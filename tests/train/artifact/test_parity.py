"""Transformers and llama.cpp must score alike, whatever form the same weights have.

Tolerances, on scores of about ±7: 0.001 where both calculate in full precision, 0.1 where weights are stored in half,
0.3 for an adapter in 8 bits; a wrong order of rows gives differences of several units.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from proofkit_train.artifact.adapter import Adapter, read_adapter
from proofkit_train.artifact.adapter_file import write_adapter
from proofkit_train.artifact.gguf_writing import OutType
from proofkit_train.artifact.llama import open_llama, quantize
from proofkit_train.artifact.merging import write_model
from proofkit_train.artifact.parity import compare, make_reference
from proofkit_train.artifact.provenance import Provenance
from proofkit_train.artifact.survival import measure_adapter, measure_model
from proofkit_train.artifact.weights import BaseWeights, open_weights
from proofkit_train.base.model import load_model
from proofkit_train.base.source import BaseSource, resolve_base
from proofkit_train.base.tokenizer import open_tokenizer

pytest.importorskip("peft")
pytest.importorskip("llama_cpp")
MakeBase = Callable[[str], Path]
FAMILIES = ("llama", "qwen2")
ORIGIN = Provenance(
    contract_version="v1",
    contract_digest="a" * 64,
    task_digests={"scenario": "b" * 64},
    data_digest="c" * 64,
    recipe_digest="d" * 64,
    base_digest="e" * 64,
    base_name="tiny",
    run_digest="f" * 64,
    adapter_digest="0" * 64,
)


class Tuned(NamedTuple):
    """A tiny model with its adapter, in Transformers."""

    source: BaseSource
    base: BaseWeights
    adapter: Adapter
    prompt: str
    tokens: list[int]
    plain_scores: Any
    tuned_scores: Any


@pytest.fixture(scope="module", params=FAMILIES)
def tuned(
    request: pytest.FixtureRequest, tiny_base: MakeBase, tiny_adapter: MakeBase, golden_prompts: dict[str, str]
) -> Tuned:
    import torch
    from peft import PeftModel  # noqa: PLC0415

    source = resolve_base(str(tiny_base(request.param)))
    prompt = golden_prompts["draft_section/plain.prompt.txt"]
    tokens = open_tokenizer(source).encode(prompt)[:200]
    model = cast("Any", load_model(source))
    with torch.no_grad():
        plain = model(torch.tensor([tokens])).logits[0].numpy()
        model = cast("Any", PeftModel).from_pretrained(model, str(tiny_adapter(request.param)))
        changed = model(torch.tensor([tokens])).logits[0].numpy()
    return Tuned(
        source, open_weights(source), read_adapter(tiny_adapter(request.param)), prompt, tokens, plain, changed
    )


def furthest(tuned: Tuned, expected: Any, model: Path, adapter: Path | None = None) -> float:  # noqa: ANN401
    """Return the largest difference of a score, after checking that the prompt has the same tokens."""
    with open_llama(model, adapter=adapter, context_tokens=512, exact=True) as opened:
        assert opened.tokenize(tuned.prompt)[:200] == tuned.tokens
        return float(abs(opened.scores(tuned.tokens) - expected).max())


def test_the_adapter_changes_what_is_measured_here(tuned: Tuned) -> None:
    assert abs(tuned.plain_scores - tuned.tuned_scores).max() > 3


@pytest.mark.parametrize(("kind", "tolerance"), [("F32", 0.001), ("F16", 0.1)])
def test_a_converted_base_scores_as_in_transformers(
    tuned: Tuned, tmp_path: Path, kind: OutType, tolerance: float
) -> None:
    path = tmp_path / "base.gguf"
    write_model(path, tuned.source, tuned.base, None, None, name="tiny", kind=kind)
    assert furthest(tuned, tuned.plain_scores, path) < tolerance


@pytest.mark.parametrize(("kind", "tolerance"), [("F32", 0.001), ("F16", 0.1)])
def test_a_merged_model_scores_as_the_adapter_in_transformers(
    tuned: Tuned, tmp_path: Path, kind: OutType, tolerance: float
) -> None:
    path = tmp_path / "merged.gguf"
    write_model(path, tuned.source, tuned.base, tuned.adapter, ORIGIN, name="tiny", kind=kind)
    assert furthest(tuned, tuned.tuned_scores, path) < tolerance


@pytest.mark.parametrize(
    ("kind", "tolerance", "lost"), [("F32", 0.001, 1e-6), ("F16", 0.1, 0.001), ("Q8_0", 0.3, 0.02)]
)
def test_an_adapter_beside_its_base_scores_as_in_transformers(
    tuned: Tuned, tmp_path: Path, kind: OutType, tolerance: float, lost: float
) -> None:
    base, path = tmp_path / "base.gguf", tmp_path / "adapter.gguf"
    write_model(base, tuned.source, tuned.base, None, None, name="tiny", kind="F32")
    write_adapter(path, tuned.adapter, tuned.base, ORIGIN, name="tiny", kind=kind)
    assert furthest(tuned, tuned.tuned_scores, base, path) < tolerance
    assert measure_adapter(path, tuned.adapter, tuned.base).overall < lost


def test_coarser_weights_lose_more_of_what_was_learned(tuned: Tuned, tmp_path: Path) -> None:
    full, plain = tmp_path / "full.gguf", tmp_path / "plain.gguf"
    write_model(full, tuned.source, tuned.base, tuned.adapter, ORIGIN, name="tiny", kind="F32")
    write_model(plain, tuned.source, tuned.base, None, None, name="tiny", kind="F32")
    lost: list[float] = [measure_model(full, plain, tuned.adapter, tuned.base).overall]
    for kind in ("q8_0", "q5_1", "q4_1"):
        quantize(full, tmp_path / f"{kind}.gguf", kind)
        quantize(plain, tmp_path / f"{kind}-plain.gguf", kind)
        found = measure_model(tmp_path / f"{kind}.gguf", tmp_path / f"{kind}-plain.gguf", tuned.adapter, tuned.base)
        assert found.worst >= found.overall > 0
        assert found.worst_tensor in tuned.adapter.pairs
        lost.append(found.overall)
    assert lost[0] < 1e-4
    assert lost == sorted(lost)
    assert lost[-1] > 0.5


def test_the_comparison_tells_a_good_file_from_a_bad_one(tuned: Tuned, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.gguf", tmp_path / "bad.gguf"
    write_model(good, tuned.source, tuned.base, tuned.adapter, ORIGIN, name="tiny", kind="F32")
    write_model(bad, tuned.source, tuned.base, None, None, name="tiny", kind="F32")
    reference = make_reference(tuned.source, tuned.adapter.folder, [tuned.prompt])
    found = compare(reference, good)
    assert (found.tokens, found.mean_divergence < 0.001, found.same_best > 0.97) == (192, True, True)
    assert compare(reference, bad).mean_divergence > 0.2
