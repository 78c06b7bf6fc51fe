"""The model answers the same whether its adapter was merged into it or is put on at load."""

import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np  # noqa: TID253 - a test may wait for it
import pytest
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import ModelUnavailableError
from proofkit_core.generation import GenerationRequest, ModelIdentity
from proofkit_prompts import load_contract
from proofkit_serve import EMBEDDED_MODEL, embedded_model_path, open_llama_cpp
from proofkit_serve.backends.llama.engine import open_engine
from proofkit_serve.backends.served import ServeAdapter, choose_served
from proofkit_serve.backends.weights import Adapter
from proofkit_serve.models import AdapterSpec

pytestmark = pytest.mark.model
Array = NDArray[np.float32]
CONTRACT = load_contract()
POST = CONTRACT.render("linkedin_post", {"target_role": "Bell founder", "company": "Larkmoor", "work_sample": "Plan"})
PROMPT = replace(POST, max_tokens=8)
OTHER = CONTRACT.render(
    "scenario", {"target_role": "Bell founder", "background": "Baker in a harbour town.", "work_sample": "Risk plan"}
)
KEYS = {
    "proofkit.contract.version": CONTRACT.version,
    "proofkit.contract.digest": CONTRACT.digest,
    "proofkit.task.linkedin_post": CONTRACT.task_digest("linkedin_post"),
    "proofkit.task.scenario": "1" * 64,
}
SHAPES = {
    "attn_q": (576, 576),
    "attn_k": (192, 576),
    "attn_v": (192, 576),
    "attn_output": (576, 576),
    "ffn_gate": (1536, 576),
    "ffn_up": (1536, 576),
    "ffn_down": (576, 1536),
}
"""Of a layer of the embedded model."""
LAYERS, RANK = 6, 8
LORA = {"general.type": "adapter", "adapter.type": "lora", "adapter.lora.alpha": 16.0}
CLOSE = 0.2
"""Most that the scores of the two ways may differ, as a share of what the adapter changes.

Both round, each at other places. A merge with a wrong scale or a wrong order of rows is far above it.
"""


class GgufWriter(Protocol):
    def __call__(
        self, path: Path, keys: Mapping[str, str | int | float | list[str]], tensors: Mapping[str, tuple[Array, str]]
    ) -> Path: ...


def drawn_adapter(write_gguf: GgufWriter, path: Path, keys: Mapping[str, str]) -> Path:
    """Write an adapter that changes every matrix of some layers by about a tenth."""
    draw = np.random.default_rng(0)
    tensors: dict[str, tuple[Array, str]] = {}
    for layer in range(LAYERS):
        for name, (rows, columns) in SHAPES.items():
            for end, shape in (("a", (RANK, columns)), ("b", (rows, RANK))):
                factor = draw.normal(0, 0.06, shape).astype(np.float32)
                tensors[f"blk.{layer}.{name}.weight.lora_{end}"] = (factor, "F16")
    return write_gguf(path, {**LORA, **keys}, tensors)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, write_gguf: GgufWriter) -> Path:
    return drawn_adapter(write_gguf, tmp_path_factory.mktemp("adapter") / "drawn.gguf", KEYS)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def scores(adapter: Path | None, how: ServeAdapter, cache: Path) -> Array:
    """Return the scores of every token at the last places of a prompt."""
    worn = Adapter(adapter, None) if adapter else None
    served = choose_served(embedded_model_path(), EMBEDDED_MODEL, worn, how, cache, None)
    engine = open_engine(served.model, adapter=served.adapter, context_tokens=512, threads=2)
    tokens = engine.tokenize("<|im_start|>user\nName three bells of a harbour town.<|im_end|>\n<|im_start|>assistant\n")
    found: list[Array] = []
    for start in range(0, len(tokens), 6):
        engine.evaluate(tokens[start : start + 6])
        found.append(engine.logits().copy())
    engine.close()
    return np.stack(found)


def apart(one: Array, other: Array) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))


def test_the_scores_of_a_merged_model_are_those_of_its_adapter_put_on(adapter: Path, cache: Path) -> None:
    bare = scores(None, "merged", cache)
    put_on = scores(adapter, "at load", cache)
    merged = scores(adapter, "merged", cache)
    assert apart(merged, put_on) < CLOSE * apart(bare, put_on)


def test_the_model_has_one_identity_and_one_handshake_in_both_ways(adapter: Path, cache: Path) -> None:
    ways: tuple[ServeAdapter, ...] = ("merged", "at load")
    identities: list[ModelIdentity] = []
    for how in ways:
        with open_llama_cpp(adapter=adapter, serve_adapter=how, cache=cache, context_tokens=256) as backend:
            identities.append(backend.identity)
            with pytest.raises(ModelUnavailableError, match="trained on the task scenario with digest 111111111111"):
                backend.generate(GenerationRequest(prompt=OTHER))
    assert identities[0] == identities[1]
    assert identities[0].base_digest == EMBEDDED_MODEL.sha256


def test_the_second_opening_merges_nothing(adapter: Path, cache: Path) -> None:
    found: list[list[tuple[str, int]]] = []
    for _ in range(2):
        with open_llama_cpp(adapter=adapter, cache=cache, context_tokens=256):
            found.append([(path.name, path.stat().st_ino) for path in cache.iterdir()])
    assert len(found[0]) == 1
    assert found[0] == found[1]


def test_an_adapter_of_another_contract_is_refused_before_anything_is_merged(
    tmp_path: Path, write_gguf: GgufWriter
) -> None:
    keys = {"proofkit.contract.version": "v0", "proofkit.contract.digest": "0" * 64}
    old = drawn_adapter(write_gguf, tmp_path / "old.gguf", keys)
    with pytest.raises(ModelUnavailableError, match="was trained on contract v0"):
        open_llama_cpp(adapter=old, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_without_a_place_for_the_merge_the_adapter_is_put_on_at_load(
    adapter: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with (
        caplog.at_level(logging.WARNING),
        open_llama_cpp(adapter=adapter, cache=tmp_path / "file", context_tokens=1024) as backend,
    ):
        assert backend.identity.name == "SmolLM2 135M Instruct with drawn"
        answered = backend.generate(GenerationRequest(prompt=PROMPT, time_limit_s=600))
    assert answered.completion_tokens > 0
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_an_adapter_that_comes_along_is_merged_under_its_own_name(adapter: Path, cache: Path, tmp_path: Path) -> None:
    wrong = AdapterSpec(id="tuned", name="Tuned", file="tuned.gguf", sha256="0" * 64)
    path = embedded_model_path()
    with pytest.raises(ModelUnavailableError, match="Reinstall the package 'proofkit-serve'"):
        choose_served(path, EMBEDDED_MODEL, Adapter(adapter, wrong), "merged", tmp_path, CONTRACT)
    assert list(tmp_path.iterdir()) == []
    served = choose_served(path, EMBEDDED_MODEL, Adapter(adapter, None), "merged", cache, CONTRACT)
    assert served.identity is not None
    right = wrong.model_copy(update={"sha256": served.identity.artifact_digest})
    again = choose_served(path, EMBEDDED_MODEL, Adapter(adapter, right), "merged", cache, CONTRACT)
    assert again.model == served.model
    assert again.identity is not None
    assert (again.identity.id, again.identity.name) == ("tuned", "Tuned")


def test_a_changed_base_is_refused_before_anything_is_merged(adapter: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.gguf"
    changed.write_bytes(embedded_model_path().read_bytes()[:-1] + b"x")
    with pytest.raises(ModelUnavailableError, match=EMBEDDED_MODEL.sha256):
        choose_served(changed, EMBEDDED_MODEL, Adapter(adapter, None), "merged", tmp_path / "cache", CONTRACT)
    assert not (tmp_path / "cache").exists()


def test_merging_prints_nothing(adapter: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom proofkit_serve import open_llama_cpp\n"
        "open_llama_cpp(adapter=Path(sys.argv[1]), cache=Path(sys.argv[2]), context_tokens=256).close()\n"
    )
    call = [sys.executable, "-c", code, str(adapter), str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list(tmp_path.iterdir())) == 1
