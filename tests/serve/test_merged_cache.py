"""A merge is made once and found again, and nothing that goes wrong with the cache keeps the model from answering."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np  # noqa: TID253 - a test may wait for it
import pytest
from numpy.typing import NDArray  # noqa: TID253 - the same

from proofkit_serve.backends.merged_cache import MOST_KEPT, default_cache, find_merged, make_merged
from proofkit_serve.backends.merging import Ingredients

Array = NDArray[np.float32]
QUERY = "blk.0.attn_q.weight"
LORA = {"general.type": "adapter", "adapter.type": "lora", "adapter.lora.alpha": 8.0}
SIDES = (("a", (4, 1024)), ("b", (1024, 4)))
"""The two factors of a matrix of 1024 rows and columns."""


class GgufWriter(Protocol):
    def __call__(
        self, path: Path, keys: Mapping[str, str | int | float | list[str]], tensors: Mapping[str, tuple[Array, str]]
    ) -> Path: ...


def drawn(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(0, 0.5, shape).astype(np.float32)


@pytest.fixture
def pair(tmp_path: Path, write_gguf: GgufWriter) -> Ingredients:
    base = write_gguf(tmp_path / "base.gguf", {}, {QUERY: (drawn(1, 64, 64), "Q4_1")})
    factors = {f"{QUERY}.lora_a": (drawn(5, 4, 64), "F16"), f"{QUERY}.lora_b": (drawn(6, 64, 4), "F16")}
    adapter = write_gguf(tmp_path / "adapter.gguf", LORA, factors)
    return Ingredients(base, "b" * 64, adapter, "a" * 64)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models"


def made(pair: Ingredients, cache: Path) -> Path:
    path = make_merged(pair, cache)
    assert path is not None
    return path


def set_age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def in_another_process(code: str, pair: Ingredients, cache: Path) -> subprocess.Popen[str]:
    start = (
        "import sys, time\nfrom pathlib import Path\n"
        "from proofkit_serve.backends.merged_cache import find_merged, make_merged\n"
        "from proofkit_serve.backends.merging import Ingredients\n"
        "base, base_digest, adapter, adapter_digest, cache = sys.argv[1:]\n"
        "pair, cache = Ingredients(Path(base), base_digest, Path(adapter), adapter_digest), Path(cache)\n"
    )
    arguments = [*map(str, pair), str(cache)]
    return subprocess.Popen(
        [sys.executable, "-c", start + code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_merged_models_lie_in_the_users_folder_for_caches() -> None:
    assert default_cache().parts[-2:] == ("proofkit", "models") or sys.platform == "win32"


def test_what_was_merged_is_found_again(pair: Ingredients, cache: Path) -> None:
    assert find_merged(pair, cache) is None
    path = made(pair, cache)
    assert find_merged(pair, cache) == path
    assert list(cache.iterdir()) == [path]


def test_another_base_or_adapter_is_another_model(pair: Ingredients, cache: Path) -> None:
    made(pair, cache)
    assert find_merged(pair._replace(base_digest="c" * 64), cache) is None
    assert find_merged(pair._replace(adapter_digest="c" * 64), cache) is None


@pytest.mark.parametrize("damage", ["a byte", "cut off", "empty"])
def test_a_damaged_file_is_removed_and_made_anew(pair: Ingredients, cache: Path, damage: str) -> None:
    path = made(pair, cache)
    whole = path.read_bytes()
    changed = {"a byte": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], "cut off": whole[:-40], "empty": b""}[damage]
    path.write_bytes(changed)
    assert find_merged(pair, cache) is None
    assert list(cache.iterdir()) == []
    assert made(pair, cache).read_bytes() == whole


def test_what_a_stopped_program_left_goes_and_what_another_is_writing_stays(pair: Ingredients, cache: Path) -> None:
    cache.mkdir(parents=True)
    left, fresh = cache / ".merged-old.partial", cache / ".merged-new.partial"
    for path in (left, fresh):
        path.write_bytes(b"GGUF")
    set_age(left, 3600)
    path = made(pair, cache)
    assert set(cache.iterdir()) == {path, fresh}


def test_the_models_that_were_opened_last_are_kept_and_other_files_are_left_alone(
    pair: Ingredients, cache: Path
) -> None:
    cache.mkdir(parents=True)
    other = [cache / "my-model.gguf", cache / "merged-mine.gguf"]
    for path in other:
        path.write_bytes(b"GGUF")
        os.utime(path, (0, 0))
    given = [pair._replace(adapter_digest=str(number) * 64) for number in range(MOST_KEPT)]
    for age, one in enumerate(given):
        set_age(made(one, cache), 1000 - age)
    assert find_merged(given[0], cache) is not None  # opened now, so the second one is the oldest
    made(pair, cache)
    found = [find_merged(one, cache) is not None for one in (pair, *given)]
    assert found == [True, True, False, *[True] * (MOST_KEPT - 2)]
    assert all(path.exists() for path in other)


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(
    pair: Ingredients, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert find_merged(pair, tmp_path / "file" / "models") is None
    assert make_merged(pair, tmp_path / "file" / "models") is None
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "Not a directory" in record.getMessage()
    assert "put on at load instead" in record.getMessage()
    assert "name another folder as `cache`" in record.getMessage()


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files with a call that Windows lacks")
def test_a_full_disk_is_told_and_nothing_is_left(pair: Ingredients, cache: Path) -> None:
    # A limit on the size of files fails in the same place as a full disk, in the middle of a write.
    code = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\nprint(make_merged(pair, cache))"
    process = in_another_process(code, pair, cache)
    out, errors = process.communicate(timeout=120)
    assert out == "None\n", errors
    assert "File too large" in errors  # a program that configures no logging still shows warnings
    assert list(cache.iterdir()) == []


def test_programs_that_merge_at_once_do_each_other_no_harm(pair: Ingredients, cache: Path) -> None:
    code = (
        "for _ in range(20):\n"
        "    path = make_merged(pair, cache)\n"
        "    assert path is not None and find_merged(pair, cache) == path, path\n"
    )
    processes = [in_another_process(code, pair, cache) for _ in range(2)]
    ends = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], ends
    path = find_merged(pair, cache)
    assert list(cache.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_merge_leaves_nothing_under_a_final_name(
    pair: Ingredients, cache: Path, tmp_path: Path, write_gguf: GgufWriter
) -> None:
    layers = {f"blk.{number}.attn_q.weight": (drawn(number, 1024, 1024), "Q8_0") for number in range(24)}
    factors = {f"{name}.lora_{end}": (np.zeros(shape, np.float32), "F32") for name in layers for end, shape in SIDES}
    base = write_gguf(tmp_path / "large.gguf", {}, layers)
    adapter = write_gguf(tmp_path / "wide.gguf", LORA, factors)
    given = pair._replace(base=base, adapter=adapter)
    process = in_another_process("make_merged(pair, cache)", given, cache)
    deadline = time.monotonic() + 120
    while not any(path.stat().st_size for path in cache.glob(".merged-*")) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.communicate(timeout=60)
    (left,) = cache.iterdir()
    assert left.name.endswith(".partial")
    assert left.stat().st_size < base.stat().st_size  # it was in the middle of it
    assert find_merged(given, cache) is None
    os.utime(left, (0, 0))
    path = made(given, cache)
    assert list(cache.iterdir()) == [path]
