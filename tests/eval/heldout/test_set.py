"""The held-out set is what it says of itself: ten families of twelve, in clusters, with twins of one other word."""

import json
from collections import Counter
from pathlib import Path

import pytest

from proofkit_core.errors import DataError, InputError
from proofkit_core.faithfulness import words_kept
from proofkit_eval.heldout import HeldOutSet, load_set, read_set, set_digest
from proofkit_eval.heldout import reading as module
from proofkit_eval.heldout.reading import SetName, written_set
from proofkit_prompts import load_contract

FAMILIES = {"recommend", "doubt", "plan", "frame", "revise", "post", "bullets", "talk", "review", "setting"}


def test_the_set_holds_ten_families_of_twelve_prompts(held_out: HeldOutSet) -> None:
    families = Counter(prompt.family for prompt in held_out.prompts)
    assert families == dict.fromkeys(FAMILIES, 12)


def test_the_smoke_set_has_fifteen_prompts_of_every_family_and_other_people(held_out: HeldOutSet) -> None:
    smoke = load_set("smoke-v1")
    assert len(smoke.prompts) == 15
    assert {prompt.family for prompt in smoke.prompts} == FAMILIES
    assert not {prompt.persona for prompt in smoke.prompts} & {prompt.persona for prompt in held_out.prompts}


def test_a_cluster_is_a_person_and_a_work_sample_and_there_are_many(held_out: HeldOutSet) -> None:
    assert all(prompt.cluster == f"{prompt.persona}+{prompt.artifact}" for prompt in held_out.prompts)
    sizes = Counter(held_out.clusters)
    assert len(sizes) >= 50
    assert max(sizes.values()) <= 3


@pytest.mark.parametrize("name", ["held-out-v1", "smoke-v1"])
def test_every_prompt_renders_and_differs_from_every_other(name: SetName) -> None:
    contract = load_contract()
    prompts = load_set(name).prompts
    texts = [contract.render(prompt.task, prompt.fields).text for prompt in prompts]
    texts += [contract.render(prompt.task, prompt.swap.fields).text for prompt in prompts if prompt.swap]
    assert len(set(texts)) == len(texts)


def test_a_twin_differs_from_its_prompt_in_one_word_and_in_nothing_else(held_out: HeldOutSet) -> None:
    for prompt in held_out.prompts:
        if prompt.swap:
            old, new = prompt.swap.old, prompt.swap.new
            assert _replaced(prompt.swap.fields, new, old) == prompt.fields, prompt.id
            assert prompt.swap.fields != prompt.fields
            assert prompt.swap.typed.replace(new, old) == prompt.typed, prompt.id


def test_the_two_words_of_a_twin_are_told_apart(held_out: HeldOutSet) -> None:
    swaps = [prompt.swap for prompt in held_out.prompts if prompt.swap]
    assert len(swaps) >= 100
    for swap in swaps:
        assert words_kept(swap.old, "").total
        assert words_kept(swap.old, swap.new).missing
        assert words_kept(swap.new, swap.old).missing


def test_many_twins_change_a_word_that_a_good_answer_keeps(held_out: HeldOutSet) -> None:
    kept = [
        prompt
        for prompt in held_out.prompts
        if prompt.swap and any(prompt.swap.old in said for said in prompt.must_keep)
    ]
    assert len(kept) >= 30
    assert all(any(p.swap.new in said for said in p.swap.must_keep) for p in kept if p.swap)


def test_what_an_answer_keeps_and_the_rare_words_stand_in_the_prompt(held_out: HeldOutSet) -> None:
    contract = load_contract()
    for prompt in held_out.prompts:
        asked = contract.render(prompt.task, prompt.fields).user
        assert not words_kept("\n".join((*prompt.must_keep, *prompt.values)), asked).missing, prompt.id


def test_every_prompt_goes_through_json_and_back(held_out: HeldOutSet) -> None:
    assert set_digest(written_set(held_out.prompts)) == held_out.digest


def test_a_set_that_was_changed_under_its_name_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "smoke-v1.jsonl").write_bytes(written_set(load_set("smoke-v1").prompts[:-1]))
    (folder / "smoke-v1.sha256").write_text(load_set("smoke-v1").digest)

    def files(_package: str) -> Path:
        return tmp_path

    monkeypatch.setattr(module, "files", files)
    with pytest.raises(DataError, match="never changes under its name"):
        load_set("smoke-v1")


def test_a_set_of_ones_own_is_read_from_a_file(tmp_path: Path, held_out: HeldOutSet) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(written_set(held_out.prompts[:1]))
    found = read_set(path)
    assert (found.name, found.prompts) == ("mine", held_out.prompts[:1])


def test_a_malformed_prompt_is_told_with_its_line(tmp_path: Path, held_out: HeldOutSet) -> None:
    path = tmp_path / "mine.jsonl"
    value = json.loads(held_out.prompts[1].model_dump_json())
    del value["typed"]
    path.write_bytes(written_set(held_out.prompts[:1]) + json.dumps(value).encode())
    with pytest.raises(InputError, match="mine, line 2 is no prompt: typed: got nothing, expected a value"):
        read_set(path)


def test_a_prompt_that_stands_twice_is_told(tmp_path: Path, held_out: HeldOutSet) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(written_set((*held_out.prompts[:1], *held_out.prompts[:1])))
    with pytest.raises(InputError, match="stands twice"):
        read_set(path)


@pytest.mark.parametrize("content", [None, b"", b"\n\n"])
def test_a_set_without_prompts_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read|holds no prompts"):
        read_set(path)


def _replaced(fields: dict[str, str | tuple[str, ...]], old: str, new: str) -> dict[str, str | tuple[str, ...]]:
    return {
        name: value.replace(old, new) if isinstance(value, str) else tuple(line.replace(old, new) for line in value)
        for name, value in fields.items()
    }
