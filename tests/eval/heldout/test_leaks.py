"""Training met nothing of the held-out prompts, and the check that says so finds what is planted."""

import json
from collections import Counter
from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_eval.heldout import HeldOutSet, TrainingRow, find_leaks, load_set, read_training_rows
from proofkit_eval.records import Prompt
from proofkit_prompts import load_contract

CLEAN = TrainingRow(id="row", role="beekeeper", case="a-case", prompt="Some other prompt.", completion="Some answer.")


def material_rows() -> list[TrainingRow]:
    """Return all that any training row can be made of, a row for each hand-written case."""
    pytest.importorskip("proofkit_train")
    from proofkit_train.data.reading import iter_texts, load_cases  # noqa: PLC0415
    from proofkit_train.data.split import TRAIN, VALIDATION, held_out, split_of  # noqa: PLC0415

    rows: list[TrainingRow] = []
    for case in load_cases():
        if split_of(case, held_out()) in {TRAIN, VALIDATION}:
            said = [voice.said for item in (*case.note, *case.answer) for voice in item.voice]
            values = [word for options in case.vary.values() for word in options]
            text = "\n".join(iter_texts(case))
            rows.append(TrainingRow(case.id, case.role, case.id, text, "", tuple(said), tuple(values)))
    return rows


def test_no_training_case_holds_anything_of_the_held_out_prompts(held_out: HeldOutSet) -> None:
    rows = material_rows()
    assert len(rows) > 100
    assert find_leaks(held_out.prompts, rows) == ()


def test_of_the_smoke_set_training_knows_the_roles_and_nothing_else() -> None:
    leaks = find_leaks(load_set("smoke-v1").prompts, material_rows())
    assert Counter(leak.kind for leak in leaks) == {"role": 15}


def planted(prompt: Prompt, kind: str) -> TrainingRow:
    said = prompt.brief.background.split()
    return {
        "prompt": CLEAN._replace(prompt=load_contract().render(prompt.task, prompt.fields).text),
        "role": CLEAN._replace(role=prompt.scene.role_id),
        "persona": CLEAN._replace(case=prompt.persona.partition("/")[0]),
        "text": CLEAN._replace(completion=f"It says {' '.join(said[:9]).upper()}!"),
        "value": CLEAN._replace(values=(prompt.values[0].upper(),)),
    }[kind]


@pytest.mark.parametrize("kind", ["prompt", "role", "persona", "text", "value"])
def test_a_planted_leak_is_found(held_out: HeldOutSet, kind: str) -> None:
    prompt = next(prompt for prompt in held_out.prompts if prompt.values)
    leaks = find_leaks([prompt], [CLEAN, planted(prompt, kind)])
    assert kind in {leak.kind for leak in leaks}
    assert {leak.prompt_id for leak in leaks} == {prompt.id}


def test_a_clean_row_is_no_leak(held_out: HeldOutSet) -> None:
    assert find_leaks(held_out.prompts, [CLEAN]) == ()


def test_the_prompt_of_a_twin_is_a_leak_too(held_out: HeldOutSet) -> None:
    prompt = next(prompt for prompt in held_out.prompts if prompt.swap)
    assert prompt.swap is not None
    row = CLEAN._replace(prompt=load_contract().render(prompt.task, prompt.swap.fields).text)
    assert "prompt" in {leak.kind for leak in find_leaks([prompt], [row])}


def test_a_short_note_that_stands_there_whole_is_a_leak(held_out: HeldOutSet) -> None:
    note = "mind the second goose"
    prompt = held_out.prompts[0]
    prompt = prompt.model_copy(update={"brief": prompt.brief.model_copy(update={"notes": (note,)})})
    leaks = find_leaks([prompt], [CLEAN._replace(completion=f"Somebody said: {note}")])
    assert [leak.kind for leak in leaks] == ["text"]


def test_a_word_that_somebody_says_in_training_is_a_leak(held_out: HeldOutSet) -> None:
    prompt = next(prompt for prompt in held_out.prompts if prompt.values and not prompt.values[0].isdigit())
    leaks = find_leaks([prompt], [CLEAN._replace(said=(f"ask {prompt.values[0]} first",))])
    assert [leak.kind for leak in leaks] == ["value"]


def test_rows_of_the_builder_are_read(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    row = {"id": "r", "role": "x", "case": "c", "prompt": "p", "completion": "c", "must_keep": ["a"], "anchors": ["b"]}
    path.write_text(f"{json.dumps(row)}\n", encoding="utf-8")
    assert list(read_training_rows(path)) == [TrainingRow("r", "x", "c", "p", "c", ("a",), ("b",))]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "r"}'])
def test_a_broken_training_row_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"train\.jsonl, line 1: "):
        list(read_training_rows(path))
