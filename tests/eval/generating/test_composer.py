"""The composer answers what the app would fall back to, and nothing where the app does without."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from proofkit_core.faithfulness import words_kept
from proofkit_eval.generating import composer, generate, template_text
from proofkit_eval.logs import read_log
from proofkit_eval.records import Generation, Prompt
from proofkit_prompts import Contract

WITH_TEXT = {"draft_section", "coauthor_section", "linkedin_post", "resume_bullets", "talking_points"}


def test_the_template_writes_for_the_tasks_that_it_stands_in_for(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Callable[[], datetime]
) -> None:
    log = tmp_path / "log.jsonl"
    generate(prompts, [composer(contract)], log, contract=contract, now=now)
    rows = [row for row in read_log(log, Generation).values() if not row.swap]
    assert {row.prompt_id for row in rows} == {prompt.id for prompt in prompts if prompt.task in WITH_TEXT}
    assert all(len(row.text.split()) > 20 for row in rows if row.finish_reason == "stop")


def test_a_person_whom_the_rules_refuse_gets_no_text_and_that_is_written_down(
    tmp_path: Path, prompts: tuple[Prompt, ...], contract: Contract, now: Callable[[], datetime]
) -> None:
    prompt = next(each for each in prompts if each.task == "draft_section")
    claim = f"Our client {prompt.company} praised us and I won an award in real life."
    brief = prompt.brief.model_copy(update={"notes": (claim,)})
    refused = prompt.model_copy(update={"brief": brief, "swap": None})
    log = tmp_path / "log.jsonl"
    generate([refused], [composer(contract)], log, contract=contract, now=now)
    [row] = read_log(log, Generation).values()
    assert (row.text, row.finish_reason) == ("", "refused")


def test_lists_come_in_the_shape_of_a_completion(prompts: tuple[Prompt, ...], contract: Contract) -> None:
    for task, name in (("resume_bullets", "bullets"), ("talking_points", "points")):
        prompt = next(each for each in prompts if each.task == task)
        assert len(json.loads(template_text(prompt, contract) or "{}")[name]) >= 2


def test_a_section_keeps_every_word_of_the_person_and_follows_the_twin(
    prompts: tuple[Prompt, ...], contract: Contract
) -> None:
    followed = 0
    for prompt in prompts:
        if prompt.carrier != "section" or prompt.task not in WITH_TEXT:
            continue
        text = template_text(prompt, contract) or ""
        assert not words_kept("\n".join(prompt.must_keep), text).missing, prompt.id
        if prompt.swap and any(prompt.swap.old in said for said in prompt.must_keep):
            assert not words_kept(prompt.swap.new, template_text(prompt, contract, swap=True) or "").missing, prompt.id
            followed += 1
    assert followed > 0


def test_the_composer_is_known_by_the_digest_of_the_core(contract: Contract) -> None:
    one, other = composer(contract), composer(contract)
    assert one.ref == other.ref
    assert len(one.ref.artifact_digest) == 64
