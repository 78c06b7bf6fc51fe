import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofkit_train.base.gguf_file import read_gguf, read_tensor
from proofkit_train.errors import ModelFileError

WriteGguf = Callable[[Path], Path]


@pytest.fixture(scope="module")
def small_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every type of value and several types of tensors, written by the package `gguf`."""
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter, quantize  # noqa: PLC0415

    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_string("text", "naïve 猫")
    writer.add_uint32("count", 7)
    writer.add_int8("small", -3)
    writer.add_float32("share", 0.5)
    writer.add_bool("flag", val=True)
    writer.add_uint64("long", 2**40)
    writer.add_array("texts", ["a", "", "ü"])
    writer.add_array("numbers", [1, -2, 3])
    draw = np.random.default_rng(5)
    for name in ("F32", "F16", "Q8_0", "Q4_1"):
        kind = GGMLQuantizationType[name]
        weights = draw.normal(size=(4, 64)).astype(np.float32)
        packed = quantize(weights, kind)
        writer.add_tensor(f"{name}.weight", packed, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_header_reads_as_the_package_gguf_reads_it(small_gguf: Path) -> None:
    from gguf import GGUFReader  # noqa: PLC0415

    ours, theirs = read_gguf(small_gguf), GGUFReader(small_gguf)
    expected = {key: field.contents() for key, field in theirs.fields.items() if not key.startswith("GGUF.")}
    assert {key: entry.value for key, entry in ours.entries.items()} == expected
    assert [(t.name, t.type, t.offset, t.size) for t in ours.tensors] == [
        (t.name, t.tensor_type.name, t.data_offset, t.n_bytes) for t in theirs.tensors
    ]
    assert [tensor.shape for tensor in ours.tensors] == [(4, 64)] * 4


def test_tensors_are_dequantised_as_the_package_gguf_does(small_gguf: Path) -> None:
    import numpy as np
    from gguf import GGUFReader, dequantize  # noqa: PLC0415

    ours, theirs = read_gguf(small_gguf), GGUFReader(small_gguf)
    for mine, other in zip(ours.tensors, theirs.tensors, strict=True):
        expected = dequantize(cast("Any", other.data), other.tensor_type).reshape(4, 64)
        np.testing.assert_array_equal(read_tensor(ours, mine), expected.astype(np.float32))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_refused(small_gguf: Path, tmp_path: Path, share: float) -> None:
    whole = small_gguf.read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[: int(len(whole) * share)])
    # The writer pads the last tensor; without the padding the file is still whole.
    if int(len(whole) * share) >= max(t.offset + t.size for t in read_gguf(small_gguf).tensors):
        return
    with pytest.raises(ModelFileError, match=r"(damaged or cut off|is no GGUF file).*Expected"):
        read_gguf(cut)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(place=st.integers(0, 600), value=st.binary(min_size=1, max_size=8))
def test_a_damaged_header_is_refused_or_read_but_never_crashes(
    small_gguf: Path, tmp_path: Path, place: int, value: bytes
) -> None:
    data = bytearray(small_gguf.read_bytes())
    data[place : place + len(value)] = value
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(data)
    try:
        read_gguf(broken)
    except ModelFileError as error:
        assert "Expected" in str(error)  # noqa: PT017 - what may be raised is the claim


@pytest.mark.parametrize("count", [2**63, 2**40, 2_000_000])
def test_a_count_beyond_reason_is_refused_at_once(small_gguf: Path, tmp_path: Path, count: int) -> None:
    data = bytearray(small_gguf.read_bytes())
    data[8:16] = struct.pack("<Q", count)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(data)
    with pytest.raises(ModelFileError, match="claims"):
        read_gguf(broken)


def test_what_is_no_gguf_file_is_refused_with_its_name(tmp_path: Path) -> None:
    other = tmp_path / "model.gguf"
    other.write_bytes(b"PK\x03\x04 a zip file")
    with pytest.raises(ModelFileError, match=r"model\.gguf.*is no GGUF file"):
        read_gguf(other)
    with pytest.raises(ModelFileError, match="No such file"):
        read_gguf(tmp_path / "missing.gguf")
