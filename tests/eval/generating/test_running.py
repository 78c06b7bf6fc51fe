"""A run asks what is not there yet, writes it down at once, and goes on where it was stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError, InputError
from proofkit_eval.generating import Answer, Asked, Shard, coverage, generate, shard_path
from proofkit_eval.logs import index_log, merge_logs, read_log
from proofkit_eval.records import Generation, Prompt
from proofkit_prompts import Contract

Now = Callable[[], datetime]
Answering = Callable[..., Any]

RUN = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from proofkit_core.generation import PromptKind
from proofkit_eval.generating import Answer, Contestant, generate
from proofkit_eval.heldout import load_set
from proofkit_eval.records import ModelRef
from proofkit_prompts import load_contract

def answer(asked):
    time.sleep(0.01)
    return Answer("An answer.", "stop", 10, 5, 0.1)

ref = ModelRef(id="told", name="told", artifact_digest="1" * 64, family="any", backend="told", prompt_set="frozen-v1")
contestant = Contestant(ref=ref, kind=PromptKind.FROZEN, decoding={"temperature": 0.0}, answer=answer)
generate(load_set("smoke-v1").prompts, [contestant], Path(sys.argv[1]), contract=load_contract(),
         now=lambda: datetime.now(UTC), told=lambda sentence: print(sentence, flush=True))
"""


def asked_in_all(prompts: tuple[Prompt, ...]) -> int:
    return sum(2 if prompt.swap else 1 for prompt in prompts)


def test_every_prompt_and_every_twin_is_asked_once(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    told, log = answering(), tmp_path / "generations.jsonl"
    report = generate(prompts, [told.contestant], log, contract=contract, now=now)
    assert report.made == asked_in_all(prompts)
    rows = read_log(log, Generation)
    assert {(row.prompt_id, row.swap) for row in rows.values()} == {
        (prompt.id, swap) for prompt in prompts for swap in ((False, True) if prompt.swap else (False,))
    }
    assert all(
        row.task_digest == contract.task_digest(asked.prompt.task)
        for row, asked in zip(rows.values(), told.asked, strict=True)
    )


def test_a_second_run_asks_nothing(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    log = tmp_path / "generations.jsonl"
    generate(prompts, [answering().contestant], log, contract=contract, now=now)
    before, again = log.read_bytes(), answering()
    report = generate(prompts, [again.contestant], log, contract=contract, now=now)
    assert (report.made, report.already_there, again.asked) == (0, asked_in_all(prompts), [])
    assert log.read_bytes() == before


def test_a_model_published_again_under_its_name_is_asked_everything(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    log = tmp_path / "generations.jsonl"
    generate(prompts, [answering("model", "1" * 64).contestant], log, contract=contract, now=now)
    report = generate(prompts, [answering("model", "2" * 64).contestant], log, contract=contract, now=now)
    assert (report.made, report.already_there) == (asked_in_all(prompts), 0)
    digests = [row.model.artifact_digest[0] for row in read_log(log, Generation).values()]
    assert digests == ["1"] * asked_in_all(prompts) + ["2"] * asked_in_all(prompts)


def test_a_killed_run_loses_at_most_the_answer_in_flight_and_goes_on(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    log = tmp_path / "generations.jsonl"
    with subprocess.Popen([sys.executable, "-c", RUN, str(log)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        seen = [run.stdout.readline() for _ in range(7)]
        run.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        seen += run.stdout.readlines()
    there = len(index_log(log))
    assert len(seen) - 1 <= there <= len(seen) + 1
    again = answering()
    report = generate(prompts, [again.contestant], log, contract=contract, now=now)
    assert report.already_there == there
    assert len(again.asked) == asked_in_all(prompts) - there
    assert len(read_log(log, Generation)) == asked_in_all(prompts)


def test_a_failure_is_no_row_and_is_asked_again(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    told, log = answering(), tmp_path / "generations.jsonl"

    def moody(asked: Asked) -> Answer | None:
        if asked.prompt.id == prompts[2].id:
            raise GenerationError("The server is away.", kind=FailureKind.CONNECT)
        return told.answer(asked)

    report = generate(prompts, [replace(told.contestant, answer=moody)], log, contract=contract, now=now)
    assert {failure.prompt_id for failure in report.failures} == {prompts[2].id}
    assert report.made == asked_in_all(prompts) - len(report.failures)
    after = generate(prompts, [told.contestant], log, contract=contract, now=now)
    assert (after.made, after.failures) == (len(report.failures), ())


def test_a_model_that_fails_all_the_time_is_left_alone_and_the_next_one_is_asked(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    def away(_asked: Asked) -> Answer | None:
        raise GenerationError("The server is away.", kind=FailureKind.CONNECT)

    sentences: list[str] = []
    contestants = [replace(answering("away", "3" * 64).contestant, answer=away), answering().contestant]
    report = generate(prompts, contestants, tmp_path / "log.jsonl", contract=contract, now=now, told=sentences.append)
    assert (len(report.failures), report.left, report.made) == (5, asked_in_all(prompts) - 5, asked_in_all(prompts))
    assert any("failed 5 times in a row" in sentence for sentence in sentences)


def test_a_stopped_run_keeps_what_was_made(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    told = answering()

    def until_stopped(asked: Asked) -> Answer | None:
        if len(told.asked) == 3:
            raise GenerationCancelledError("Stopped.")
        return told.answer(asked)

    with pytest.raises(GenerationCancelledError):
        generate(
            prompts,
            [replace(told.contestant, answer=until_stopped)],
            tmp_path / "log.jsonl",
            contract=contract,
            now=now,
        )
    assert len(index_log(tmp_path / "log.jsonl")) == 3


def test_shards_share_the_work_and_merge_to_the_whole(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    log = tmp_path / "generations.jsonl"
    shards = [Shard.read(f"{number}/4") for number in range(1, 5)]
    paths = [shard_path(log, shard) for shard in shards]
    for shard, path in zip(shards, paths, strict=True):
        generate(prompts, [answering().contestant], path, contract=contract, now=now, shard=shard)
    merged = merge_logs(paths, log, Generation)
    assert (merged.rows, merged.repeats) == (asked_in_all(prompts), 0)
    assert generate(prompts, [answering().contestant], log, contract=contract, now=now).made == 0


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "1/0", "a/b", "1/2/3", "-1/2"])
def test_a_shard_that_is_none_is_told(text: str) -> None:
    with pytest.raises(InputError, match="such as 2/4"):
        Shard.read(text)


def test_a_model_that_writes_nothing_for_some_prompts_has_lower_coverage(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    told, log = answering(), tmp_path / "log.jsonl"

    def answer(asked: Asked) -> Answer | None:
        return None if asked.prompt.family == "review" else told.answer(asked)

    silent = replace(told.contestant, answer=answer)
    report = generate(prompts, [silent], log, contract=contract, now=now)
    rows = list(read_log(log, Generation).values())
    assert report.not_written > 0
    [found] = coverage(prompts, [(silent.ref, rows)])
    assert found.missing == tuple(prompt.id for prompt in prompts if prompt.family == "review")
    assert (found.answered, found.asked) == (len(prompts) - len(found.missing), len(prompts))


def test_a_log_with_a_broken_row_is_told_before_anybody_is_asked(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Now, answering: Answering
) -> None:
    log, told = tmp_path / "log.jsonl", answering()
    log.write_text('{"key": "a"}\n{"key": \n', encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        generate(prompts, [told.contestant], log, contract=contract, now=now)
    assert told.asked == []
