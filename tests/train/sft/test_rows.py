"""Which rows a run uses, and their tokens."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_train.data.row import Row
from proofkit_train.errors import DataSetError, PreflightError
from proofkit_train.sft.preflight import count_rows
from proofkit_train.sft.recipe import Recipe
from proofkit_train.sft.rows import choose_rows, read_rows, rows_digest, tokenize_rows
from proofkit_train.tokens import NO_LABEL, tokenize_row

MakeRows = Callable[..., list[Row]]


class Letters:
    """A tokenizer of one token a letter; two letters `ab` become one token."""

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text.replace("ab", "!")]


END = ord("|")


@pytest.fixture
def plain() -> Recipe:
    return Recipe(name="one", base="embedded")


def test_only_the_completion_is_learned() -> None:
    row = tokenize_row(Letters(), "xy:", "zw|")
    assert row.labels == (NO_LABEL, NO_LABEL, NO_LABEL, ord("z"), ord("w"), END)
    assert row.trained == 3


def test_a_prompt_that_is_no_beginning_in_tokens_is_refused() -> None:
    with pytest.raises(DataSetError, match="split into other tokens"):
        tokenize_row(Letters(), "xa", "b|")


def test_the_choice_depends_on_seed_and_ids_and_not_on_the_order(rows_of: MakeRows, plain: Recipe) -> None:
    rows = rows_of(8)
    few = plain.model_copy(update={"rows": 7})
    chosen = choose_rows(rows, few)
    assert choose_rows(rows[::-1], few) == chosen
    assert len(chosen) == 7
    others = [choose_rows(rows, few.model_copy(update={"seed": seed})) for seed in range(1, 9)]
    assert any(other != chosen for other in others)


def test_rows_by_hand_are_taken_first(rows_of: MakeRows, plain: Recipe) -> None:
    rows = rows_of(8)
    by_hand = [row for row in rows if row.source == "hand"]
    chosen = choose_rows(rows, plain.model_copy(update={"rows": len(by_hand)}))
    assert {row.source for row in chosen} == {"hand"}


def test_a_task_can_be_limited(rows_of: MakeRows, plain: Recipe) -> None:
    assert len(choose_rows(rows_of(8), plain.model_copy(update={"task_rows": {"draft_section": 5}}))) == 5


def test_a_limit_of_an_unknown_task_is_refused(rows_of: MakeRows, plain: Recipe) -> None:
    with pytest.raises(DataSetError, match="limits the rows of 'draft'"):
        choose_rows(rows_of(2), plain.model_copy(update={"task_rows": {"draft": 5}}))


def test_a_row_without_its_end_token_is_refused(rows_of: MakeRows) -> None:
    with pytest.raises(PreflightError, match="the end token"):
        tokenize_rows(rows_of(1), Letters(), end_token=END, max_length=9999)


def test_rows_over_the_limit_are_counted_and_refused(rows_of: MakeRows, plain: Recipe) -> None:
    rows = rows_of(4)
    ended = [row.model_copy(update={"completion": f"{row.completion}|"}) for row in rows]
    longest = max(len(Letters().encode(row.prompt + row.completion)) for row in ended)
    found = tokenize_rows(ended, Letters(), end_token=END, max_length=longest - 1)
    assert len(found.rows) + len(found.lost) == len(rows)
    assert found.lost
    with pytest.raises(PreflightError, match=rf"Of 12 rows of the split 'train', {len(found.lost)} have over"):
        count_rows(found, plain, "train")
    counted = count_rows(found, plain.model_copy(update={"most_lost": 0.5}), "train")
    assert counted.lost == found.lost
    assert counted.trained_tokens == sum(row.trained for row in found.tokens)


def test_a_changed_row_changes_the_digest(rows_of: MakeRows) -> None:
    ended = [row.model_copy(update={"completion": f"{row.completion}|"}) for row in rows_of(2)]
    one = tokenize_rows(ended, Letters(), end_token=END, max_length=9999)
    other = tokenize_rows(
        [ended[0].model_copy(update={"completion": "else|"}), *ended[1:]], Letters(), end_token=END, max_length=9999
    )
    assert rows_digest(one.rows, one.tokens) != rows_digest(other.rows, other.tokens)


def test_a_data_set_of_another_contract_is_refused(
    rows_of: MakeRows, write_data: Callable[..., Path], tmp_path: Path, plain: Recipe
) -> None:
    folder = write_data(tmp_path / "data", [*rows_of(1), *rows_of(1, split="validation")])
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "contract_digest": "0" * 64}), encoding="utf-8")
    with pytest.raises(DataSetError, match="made with contract 000000000000"):
        read_rows(folder, plain)


def test_a_row_of_another_contract_is_refused(
    rows_of: MakeRows, write_data: Callable[..., Path], tmp_path: Path, plain: Recipe
) -> None:
    first, *others = rows_of(1)
    folder = write_data(tmp_path / "data", [first.model_copy(update={"contract": "0" * 64}), *others])
    with pytest.raises(DataSetError, match="made with contract 000000000000"):
        read_rows(folder, plain.model_copy(update={"validation_rows": 0}))


@pytest.mark.parametrize("name", ["manifest.json", "train.jsonl", "validation.jsonl"])
@pytest.mark.parametrize("content", [None, b"", b"{\n"])
def test_a_missing_empty_or_broken_file_is_refused(
    name: str,
    content: bytes | None,
    rows_of: MakeRows,
    write_data: Callable[..., Path],
    tmp_path: Path,
    plain: Recipe,
) -> None:
    folder = write_data(tmp_path / "data", [*rows_of(1), *rows_of(1, split="validation")])
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(DataSetError):
        read_rows(folder, plain)


def test_files_that_differ_from_the_manifest_are_refused(
    rows_of: MakeRows, write_data: Callable[..., Path], tmp_path: Path, plain: Recipe
) -> None:
    folder = write_data(tmp_path / "data", [*rows_of(2), *rows_of(1, split="validation")])
    lines = (folder / "train.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "train.jsonl").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(DataSetError, match="differ from its manifest"):
        read_rows(folder, plain)
