"""Answers from a file count as those of a model, where they are answers to these very prompts."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.errors import InputError
from proofkit_core.generation import PromptKind
from proofkit_eval.generating import from_file, generate, hand_written, write_batch
from proofkit_eval.heldout import load_set
from proofkit_eval.logs import read_log
from proofkit_eval.records import Generation, ModelRef, Prompt
from proofkit_prompts import Contract, OutputParseError

Now = Callable[[], datetime]
REF = ModelRef(
    id="hosted", name="Hosted", artifact_digest="hosted-2026-10", family="any", backend="file", prompt_set="general-1"
)


def lines(path: Path, *values: object) -> Path:
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")
    return path


def answered(request: dict[str, Any], text: str) -> dict[str, Any]:
    """Return the line of a batch's results for one of its requests."""
    said = {"message": {"role": "assistant", "content": text}} if "messages" in request["body"] else {"text": text}
    body = {
        "choices": [{"index": 0, "finish_reason": "stop", **said}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4},
    }
    return {"custom_id": request["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}


@pytest.mark.parametrize("kind", [PromptKind.FROZEN, PromptKind.EDITABLE])
def test_a_batch_goes_out_and_comes_back(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, kind: PromptKind
) -> None:
    batch = tmp_path / "batch.jsonl"
    count = write_batch(prompts, batch, model="m", kind=kind, contract=contract, decoding={"temperature": 0.0})
    requests = [json.loads(line) for line in batch.read_text(encoding="utf-8").splitlines()]
    assert len(requests) == count == len({request["custom_id"] for request in requests})
    results = lines(tmp_path / "results.jsonl", *(answered(request, f"A{n}") for n, request in enumerate(requests)))
    report = generate(prompts, [from_file(results, REF, kind=kind)], tmp_path / "log.jsonl", contract=contract, now=now)
    rows = list(read_log(tmp_path / "log.jsonl", Generation).values())
    assert (report.made, report.not_written) == (count, 0)
    assert [row.text for row in rows] == [f"A{n}" for n in range(count)]
    assert {(row.prompt_tokens, row.completion_tokens, row.finish_reason) for row in rows} == {(9, 4, "stop")}


def test_a_batch_of_frozen_prompts_holds_their_exact_bytes(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract
) -> None:
    batch = tmp_path / "batch.jsonl"
    write_batch(
        prompts[:1], batch, model="m", kind=PromptKind.FROZEN, contract=contract, decoding={"repeat_penalty": 1.1}
    )
    request = json.loads(batch.read_text(encoding="utf-8").splitlines()[0])
    assert request["body"]["prompt"] == contract.render(prompts[0].task, prompts[0].fields).text
    assert request["body"]["repetition_penalty"] == 1.1


def test_answers_to_other_words_under_the_same_id_are_refused(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now
) -> None:
    row = {"prompt_id": prompts[0].id, "text": "An answer.", "prompt_digest": "0" * 64}
    contestant = from_file(lines(tmp_path / "answers.jsonl", row), REF)
    with pytest.raises(InputError, match="Expected answers to these very words"):
        generate(prompts, [contestant], tmp_path / "log.jsonl", contract=contract, now=now)


def test_a_prompt_without_an_answer_is_missing_and_an_empty_one_is_there(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now
) -> None:
    path = lines(tmp_path / "answers.jsonl", {"prompt_id": prompts[0].id, "text": " ", "finish_reason": "stop"})
    report = generate(prompts, [from_file(path, REF)], tmp_path / "log.jsonl", contract=contract, now=now)
    [row] = read_log(tmp_path / "log.jsonl", Generation).values()
    assert (report.made, row.finish_reason) == (1, "empty")
    assert report.not_written == sum(2 if prompt.swap else 1 for prompt in prompts) - 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2"),
        ('{"prompt_id": "x"}', "line 2: text"),
        ('{"prompt_id": "x", "text": "y", "score": 5}', "line 2: score"),
        ('{"custom_id": "x"}', "line 2: the custom_id"),
        ('{"custom_id": "x#prompt#0", "error": {"message": "overloaded"}}', "line 2: no answer: .*overloaded"),
        ('{"prompt_id": "a", "text": "another answer"}', "line 2: it answers 'a' in another way than line 1"),
    ],
)
def test_a_broken_answer_is_told_with_its_line(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(f'{{"prompt_id": "a", "text": "an answer"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(InputError, match=why):
        from_file(path, REF)


def test_an_answer_that_stands_twice_in_the_same_words_is_one(tmp_path: Path) -> None:
    row = {"prompt_id": "a", "text": "an answer"}
    from_file(lines(tmp_path / "answers.jsonl", row, row), REF)


def test_the_answers_written_by_hand_cover_the_set_in_the_form_of_the_contract(
    tmp_path: Path, contract: Contract, now: Now
) -> None:
    held_out, log = load_set(), tmp_path / "log.jsonl"
    report = generate(held_out.prompts, [hand_written()], log, contract=contract, now=now)
    assert report.made == len(held_out.prompts)
    tasks = {prompt.id: prompt.task for prompt in held_out.prompts}
    broken: list[str] = []
    for row in read_log(log, Generation).values():
        try:
            contract.parse(tasks[row.prompt_id], row.text)
        except OutputParseError as error:
            broken.append(f"{row.prompt_id}: {error}")
    assert broken == []
