"""A merged model holds the base plus the adapter's change, and all else as the base has it."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol, cast

import gguf
import numpy as np  # noqa: TID253 - a test may wait for it
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_core.errors import ModelUnavailableError
from proofkit_serve.backends.merging import Ingredients, merged_model

Array = NDArray[np.float32]
QUERY, DOWN, NORM, EMBEDDING = (
    "blk.0.attn_q.weight",
    "blk.0.ffn_down.weight",
    "blk.0.attn_norm.weight",
    "token_embd.weight",
)
LORA = {"general.type": "adapter", "adapter.type": "lora", "adapter.lora.alpha": 12.0}
WORDS = ["hello", "wörld", ""]
BASE_KEYS: Mapping[str, str | int | float | list[str]] = {
    "general.name": "Tiny",
    "general.file_type": 3,
    "tokenizer.ggml.tokens": WORDS,
    "tokenizer.chat_template": "{% for m in messages %}…{% endfor %}",
    "proofkit.contract.digest": "of the base",
    "proofkit.data.digest": "of the base",
}
STEP = 0.5 / 127 + 2**-11
"""Of the largest weight of a block: half a step of Q8_0, and what half precision may take from the step itself."""


class GgufWriter(Protocol):
    def __call__(
        self,
        path: Path,
        keys: Mapping[str, str | int | float | list[str]],
        tensors: Mapping[str, tuple[Array, str]],
    ) -> Path: ...


def drawn(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(0, 0.5, shape).astype(np.float32)


def merged(folder: Path, base: Path, adapter: Path) -> gguf.GGUFReader:
    """Merge two files and read the result with the reader of the package `gguf`."""
    path = folder / "merged.gguf"
    path.write_bytes(b"".join(merged_model(Ingredients(base, "b" * 64, adapter, "a" * 64))))
    return gguf.GGUFReader(path)


def weights_of(reader: gguf.GGUFReader, name: str) -> Array:
    tensor = next(tensor for tensor in reader.tensors if tensor.name == name)
    return cast("Array", gguf.dequantize(tensor.data, tensor.tensor_type))


def kinds_of(reader: gguf.GGUFReader) -> dict[str, str]:
    return {tensor.name: tensor.tensor_type.name for tensor in reader.tensors}


def text_of(reader: gguf.GGUFReader, key: str) -> str:
    field = reader.get_field(key)
    assert field is not None, key
    return cast("str", field.contents())


@pytest.fixture
def base(tmp_path: Path, write_gguf: GgufWriter) -> Path:
    tensors = {
        QUERY: (drawn(1, 64, 64), "Q4_1"),
        DOWN: (drawn(2, 64, 48), "F16"),
        NORM: (drawn(3, 64), "F32"),
        EMBEDDING: (drawn(4, 96, 64), "Q8_0"),
    }
    return write_gguf(tmp_path / "base.gguf", BASE_KEYS, tensors)


@pytest.fixture
def adapter(tmp_path: Path, write_gguf: GgufWriter) -> Path:
    tensors = {
        f"{QUERY}.lora_a": (drawn(5, 4, 64), "F16"),
        f"{QUERY}.lora_b": (drawn(6, 64, 4), "F16"),
        f"{DOWN}.lora_a": (drawn(7, 4, 48), "F32"),
        f"{DOWN}.lora_b": (drawn(8, 64, 4), "F32"),
    }
    return write_gguf(tmp_path / "adapter.gguf", LORA | {"proofkit.contract.digest": "of the adapter"}, tensors)


class Case(NamedTuple):
    rows: int
    columns: int
    rank: int
    alpha: float
    stored: str
    factors: str
    seed: int


CASES = st.builds(
    Case,
    rows=st.sampled_from([1, 3, 40]),
    columns=st.sampled_from([32, 96]),
    rank=st.sampled_from([1, 8, 32]),
    alpha=st.sampled_from([0.0, 0.5, 16.0, 64.0]),
    stored=st.sampled_from(["F32", "F16", "Q8_0", "Q4_1", "Q4_0", "Q5_1"]),
    factors=st.sampled_from(["F32", "F16", "Q8_0"]),
    seed=st.integers(0, 1000),
)


@settings(max_examples=40, deadline=None)
@given(case=CASES)
def test_a_merged_matrix_is_the_base_plus_the_scaled_product_of_the_factors(write_gguf: GgufWriter, case: Case) -> None:
    rows, columns, rank, alpha, stored, factors, seed = case
    upper = "F16" if factors == "Q8_0" and rank % 32 else factors
    with TemporaryDirectory() as name:
        folder = Path(name)
        base = write_gguf(folder / "base.gguf", {}, {QUERY: (drawn(seed, rows, columns), stored)})
        pair = {
            f"{QUERY}.lora_a": (drawn(seed + 1, rank, columns), factors),
            f"{QUERY}.lora_b": (drawn(seed + 2, rows, rank), upper),
        }
        adapter = write_gguf(folder / "adapter.gguf", LORA | {"adapter.lora.alpha": alpha}, pair)
        before, change = gguf.GGUFReader(base), gguf.GGUFReader(adapter)
        product = weights_of(change, f"{QUERY}.lora_b") @ weights_of(change, f"{QUERY}.lora_a")
        # llama.cpp takes an adapter that names no alpha, or 0, as it is.
        expected = weights_of(before, QUERY) + product * (alpha / rank if alpha else 1.0)
        found = merged(folder, base, adapter)
        assert kinds_of(found) == {QUERY: "Q8_0"}
        largest = np.abs(expected.reshape(-1, 32)).max(axis=1, keepdims=True)
        error = np.abs(weights_of(found, QUERY) - expected).reshape(-1, 32)
        assert (error <= largest * STEP + 1e-5).all()


def test_a_row_that_q8_0_cannot_store_becomes_half_precision(tmp_path: Path, base: Path, adapter: Path) -> None:
    change = drawn(8, 64, 4) @ drawn(7, 4, 48) * np.float32(12.0 / 4)
    expected = weights_of(gguf.GGUFReader(base), DOWN) + change
    found = merged(tmp_path, base, adapter)
    assert kinds_of(found)[DOWN] == "F16"
    np.testing.assert_allclose(weights_of(found, DOWN), expected, rtol=2**-10, atol=1e-5)


def test_what_the_adapter_leaves_alone_stays_byte_for_byte(tmp_path: Path, base: Path, adapter: Path) -> None:
    before = {tensor.name: tensor for tensor in gguf.GGUFReader(base).tensors}
    after = {tensor.name: tensor for tensor in merged(tmp_path, base, adapter).tensors}
    assert list(after) == list(before)
    for name in (NORM, EMBEDDING):
        assert after[name].tensor_type is before[name].tensor_type
        assert after[name].data.tobytes() == before[name].data.tobytes()


def test_the_bases_metadata_is_kept_and_the_adapter_says_what_was_trained(
    tmp_path: Path, base: Path, adapter: Path
) -> None:
    found = merged(tmp_path, base, adapter)
    for key in ("general.architecture", "general.name", "tokenizer.ggml.tokens", "tokenizer.chat_template"):
        assert text_of(found, key) == text_of(gguf.GGUFReader(base), key)
    own = {key: text_of(found, key) for key in found.fields if key.startswith("proofkit.")}
    assert own == {
        "proofkit.contract.digest": "of the adapter",
        "proofkit.merged.base": "b" * 64,
        "proofkit.merged.adapter": "a" * 64,
    }
    assert not [key for key in found.fields if key.startswith("adapter.")]


def test_the_file_says_how_most_of_it_is_stored(
    tmp_path: Path, write_gguf: GgufWriter, adapter: Path, base: Path
) -> None:
    assert merged(tmp_path, base, adapter).fields["general.file_type"].contents() == 7
    many = {f"blk.{n}.ffn_up.weight": (drawn(n, 64, 64), "Q4_1") for n in range(4)}
    pair = {f"{QUERY}.lora_a": (drawn(5, 4, 64), "F16"), f"{QUERY}.lora_b": (drawn(6, 64, 4), "F16")}
    base = write_gguf(tmp_path / "many.gguf", BASE_KEYS, {QUERY: (drawn(1, 64, 64), "Q4_1"), **many})
    found = merged(tmp_path, base, write_gguf(tmp_path / "one.gguf", LORA, pair))
    assert found.fields["general.file_type"].contents() == 3


@pytest.mark.parametrize(
    ("name", "down", "up"),
    [(QUERY, (4, 32), (64, 4)), (QUERY, (4, 64), (64, 5)), (NORM, (4, 64), (64, 4)), ("blk.9.x", (4, 64), (64, 4))],
)
def test_an_adapter_of_other_weights_is_refused(
    tmp_path: Path, write_gguf: GgufWriter, base: Path, name: str, down: tuple[int, int], up: tuple[int, int]
) -> None:
    pair = {f"{name}.lora_a": (drawn(1, *down), "F16"), f"{name}.lora_b": (drawn(2, *up), "F16")}
    path = write_gguf(tmp_path / "wide.gguf", LORA, pair)
    with pytest.raises(ModelUnavailableError, match=rf"refused the adapter.*changes '{name}'"):
        merged(tmp_path, base, path)


def test_an_adapter_with_half_a_pair_is_refused(tmp_path: Path, write_gguf: GgufWriter, base: Path) -> None:
    path = write_gguf(tmp_path / "half.gguf", LORA, {f"{QUERY}.lora_a": (drawn(1, 4, 64), "F16")})
    with pytest.raises(ModelUnavailableError, match="has 1 tensors"):
        merged(tmp_path, base, path)


def test_a_model_is_no_adapter(tmp_path: Path, base: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="refused the adapter"):
        merged(tmp_path, base, base)


def test_an_adapter_that_only_llama_cpp_understands_is_sent_there(
    tmp_path: Path, write_gguf: GgufWriter, base: Path
) -> None:
    pair = {f"{EMBEDDING}.lora_a": (drawn(1, 4, 64), "F16"), f"{EMBEDDING}.lora_b": (drawn(2, 96, 4), "F16")}
    with pytest.raises(ModelUnavailableError, match="at load"):
        merged(tmp_path, base, write_gguf(tmp_path / "embedding.gguf", LORA, pair))


@settings(max_examples=60, deadline=None)
@given(keep=st.floats(0, 1, exclude_max=True), first=st.booleans())
def test_a_file_cut_off_anywhere_is_refused(write_gguf: GgufWriter, keep: float, *, first: bool) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        weights = {QUERY: (drawn(1, 64, 64), "Q4_1"), NORM: (drawn(3, 64), "F32")}
        pair = {f"{QUERY}.lora_a": (drawn(5, 4, 64), "F16"), f"{QUERY}.lora_b": (drawn(6, 64, 4), "F16")}
        base = write_gguf(folder / "base.gguf", BASE_KEYS, weights)
        adapter = write_gguf(folder / "adapter.gguf", LORA, pair)
        cut = base if first else adapter
        cut.write_bytes(cut.read_bytes()[: int(cut.stat().st_size * keep)])
        with pytest.raises(ModelUnavailableError, match="Expected a"):
            merged(folder, base, adapter)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 600), value=st.integers(0, 255))
def test_a_damaged_header_is_refused_or_harmless(write_gguf: GgufWriter, place: int, value: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        pair = {f"{QUERY}.lora_a": (drawn(5, 4, 64), "F16"), f"{QUERY}.lora_b": (drawn(6, 64, 4), "F16")}
        base = write_gguf(folder / "base.gguf", BASE_KEYS, {QUERY: (drawn(1, 64, 64), "Q4_1")})
        adapter = write_gguf(folder / "adapter.gguf", LORA, pair)
        data = bytearray(base.read_bytes())
        data[place] = value
        base.write_bytes(data)
        try:
            b"".join(merged_model(Ingredients(base, "b" * 64, adapter, "a" * 64)))
        except ModelUnavailableError:
            return
