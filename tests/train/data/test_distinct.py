"""Rows of one data set stay apart from each other, and splits from each other."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from proofkit_prompts import load_contract
from proofkit_train.base.source import resolve_base
from proofkit_train.base.tokenizer import open_tokenizer
from proofkit_train.data.build import GROWN, BuildPlan, build_rows
from proofkit_train.data.distinct import keep_distinct, paragraphs
from proofkit_train.data.files import (
    MANIFEST,
    encode_rows,
    make_manifest,
    read_manifest,
    read_split,
    rows_digest,
    split_files,
    write_data_set,
)
from proofkit_train.data.parquet import write_parquet
from proofkit_train.data.pieces import make_pieces
from proofkit_train.data.reading import load_cases
from proofkit_train.data.row import Rejected, Row
from proofkit_train.data.tokenized import write_tokens
from proofkit_train.data.variation import Variation
from proofkit_train.data.world import open_world
from proofkit_train.errors import DataSetError

PLAN = BuildPlan(variations=2)
CASES = load_cases()[:3]
FullDisk = Callable[[int], AbstractContextManager[None]]
BUILT = build_rows(PLAN, cases=CASES)


def test_no_paragraph_stands_in_two_rows() -> None:
    seen: dict[str, str] = {}
    for row in BUILT.rows:
        for paragraph in paragraphs(row):
            assert seen.setdefault(paragraph, row.id) == row.id


def test_the_second_row_with_a_paragraph_is_refused_and_says_whose_it_is() -> None:
    row = BUILT.rows[0]
    again = row.model_copy(update={"id": "again"})
    first, second = keep_distinct([row, again])
    assert isinstance(first, Row)
    assert isinstance(second, Rejected)
    assert row.id in second.detail


def test_what_is_not_tried_would_have_been_turned_down() -> None:
    case, contract = CASES[0], load_contract()
    worlds = [open_world(case, Variation(case.id, number, PLAN.seed)) for number in range(PLAN.variations + 1)]
    made = [piece for world in worlds for piece in make_pieces(world, contract)]
    tried = [piece for piece in made if isinstance(piece, Row) and piece.variation <= GROWN[piece.task]]
    kept = [piece.id for piece in keep_distinct(tried) if isinstance(piece, Row)]
    assert kept == [row.id for row in build_rows(PLAN, cases=[case]).rows]


def test_the_number_of_workers_makes_no_difference() -> None:
    assert encode_rows(build_rows(PLAN, cases=CASES, workers=2).rows) == encode_rows(BUILT.rows)


def test_another_seed_makes_other_rows() -> None:
    other = build_rows(BuildPlan(variations=1, seed=7), cases=CASES[:1])
    assert {row.prompt for row in other.rows} - {row.prompt for row in BUILT.rows}


@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "77", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
    ],
)
def test_hash_seed_time_zone_and_locale_make_no_difference(settings: dict[str, str]) -> None:
    code = (
        "from proofkit_train.data.build import *; from proofkit_train.data.files import *;"
        "rows = build_rows(BuildPlan(variations=1), cases=load_cases()[:1]).rows; print(rows_digest(split_files(rows)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    here = build_rows(BuildPlan(variations=1), cases=CASES[:1])
    assert done.stdout.strip() == rows_digest(split_files(here.rows))


def _write(folder: Path) -> None:
    contents = split_files(BUILT.rows)
    write_data_set(
        folder, contents, make_manifest(BUILT.rows, contents, plan=PLAN, contract=load_contract(), refused={})
    )


def test_a_data_set_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    _write(tmp_path / "set")
    manifest = read_manifest(tmp_path / "set")
    read = [row for split in manifest.counts if manifest.counts[split] for row in read_split(tmp_path / "set", split)]
    assert sorted(row.id for row in read) == sorted(row.id for row in BUILT.rows)
    assert read[0] == next(row for row in BUILT.rows if row.id == read[0].id)


def test_a_line_is_in_the_prompt_completion_shape(tmp_path: Path) -> None:
    _write(tmp_path / "set")
    line = json.loads((tmp_path / "set" / "train.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert line["prompt"].startswith("<|im_start|>system\n")
    assert line["prompt"].endswith("<|im_start|>assistant\n")
    assert line["completion"].endswith("<|im_end|>")


def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataSetError, match="holds other files"):
        _write(tmp_path)
    assert (tmp_path / "diary.txt").read_text(encoding="utf-8") == "mine"


def _emptied(_: str) -> str:
    return ""


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _renamed(text: str) -> str:
    return text.replace('"task"', '"chore"', 1)


@pytest.mark.parametrize(("damage", "said"), [(_emptied, "holds no rows"), (_cut, "line"), (_renamed, "line 1")])
def test_a_damaged_file_is_named_with_its_line(tmp_path: Path, damage: Callable[[str], str], said: str) -> None:
    _write(tmp_path / "set")
    path = tmp_path / "set" / "train.jsonl"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DataSetError, match=said):
        read_split(tmp_path / "set", "train")


def test_a_missing_data_set_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="proofkit-train data build"):
        read_manifest(tmp_path)


def test_no_half_data_set_is_left_where_the_disk_is_full(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "from proofkit_train.cli import main;"
        f"sys.exit(main(['data', 'build', '--out', {str(tmp_path / 'set')!r}, '--variations', '0', '--workers', '1']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_a_former_data_set_as_it_was(tmp_path: Path, full_disk: FullDisk) -> None:
    _write(tmp_path / "set")
    before = {path.name: path.read_bytes() for path in (tmp_path / "set").iterdir()}
    with full_disk(20_000), pytest.raises(DataSetError, match="could not be written"):
        _write(tmp_path / "set")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    assert {path.name: path.read_bytes() for path in (tmp_path / "set").iterdir()} == before


def test_the_manifest_lies_beside_the_rows(tmp_path: Path) -> None:
    _write(tmp_path / "set")
    assert {path.name for path in (tmp_path / "set").iterdir()} == {*split_files(BUILT.rows), MANIFEST}


def test_tokens_read_back_to_the_prompt_and_completion(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="comes with the group `train`")
    _write(tmp_path / "set")
    tokenizer = open_tokenizer(resolve_base("embedded"))
    folder = write_tokens(tmp_path / "set", BUILT.rows, "embedded")
    train = [row for row in BUILT.rows if row.split == "train"]
    lines = (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(train)
    for line, row in list(zip(lines, train, strict=True))[::10]:
        tokens = json.loads(line)
        assert tokenizer.decode(tokens["input_ids"]) == row.prompt + row.completion
        learned = [token for token, label in zip(tokens["input_ids"], tokens["labels"], strict=True) if label != -100]
        assert tokenizer.decode(learned) == row.completion
        assert tokens["labels"][-1] == tokenizer.end_token_id


def test_a_full_disk_leaves_no_half_tokens(tmp_path: Path, full_disk: FullDisk) -> None:
    pytest.importorskip("tokenizers", reason="comes with the group `train`")
    with full_disk(20_000), pytest.raises(DataSetError, match=r"tokens could not be written.*Free space"):
        write_tokens(tmp_path, BUILT.rows, "embedded")
    assert list(tmp_path.iterdir()) == []


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    _write(tmp_path / "set")
    write_parquet(tmp_path / "set", BUILT.rows)
    table = parquet.read_table(tmp_path / "set" / "train.parquet").to_pylist()
    assert [row["id"] for row in table] == [row.id for row in BUILT.rows if row.split == "train"]


def test_a_full_disk_leaves_no_half_parquet(tmp_path: Path, full_disk: FullDisk) -> None:
    pytest.importorskip("pyarrow.parquet")
    with full_disk(20_000), pytest.raises(DataSetError, match=r"could not be written.*Free space"):
        write_parquet(tmp_path, BUILT.rows)
    assert list(tmp_path.iterdir()) == []
