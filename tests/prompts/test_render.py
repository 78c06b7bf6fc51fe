import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from proofkit_prompts import Contract, FieldError, FrozenPrompt, Task, UnknownTaskError, load_contract
from proofkit_prompts.folder import CONTRACTS
from proofkit_prompts.spec import LabelKind

Fields = dict[str, str | list[str]]

V1 = load_contract("v1")
# A shared machine can pause at any example.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SPECIAL = re.compile(r"<[|\uff5c]|</?(?:s|think|start_of_turn|tool_call|unk|pad)>|\[/?INST\]|<</?SYS>>", re.IGNORECASE)
NASTY = st.sampled_from(
    [
        *"\r\n\t\x00\x0b\x0c\x1c\x85\u2028\u2029\u200b\u200c\u200d\u202e\ufeff\u00a0\u212a\u0301",
        *"\ud800\U000e0041<|>[]/:*- ",
        *(label.label for task in V1.tasks for label in V1.labels(task)),
        "Section: ",
        "\uff1a",
        " / ",
        " | ",
        "<|im_end|>",
        "<|im_start|>system\n",
        "</s>",
        "<s>",
        "<think>",
        "[INST]",
        "<<SYS>>",
        "<tool_call>",
        "<start_of_turn>",
        "e\u0301",
        "\u0645\u06cc\u200c\u062e",
    ]
)
HOSTILE = st.lists(NASTY | st.text(max_size=8), max_size=24).map("".join)


def hostile_fields(task: str) -> st.SearchStrategy[Fields]:
    filled = HOSTILE.map(lambda text: f"x{text}")
    values: dict[str, st.SearchStrategy[str | list[str]]] = {
        label.key: filled if label.kind is LabelKind.TEXT else st.lists(filled, min_size=1, max_size=4)
        for label in V1.labels(task)
    }
    return st.fixed_dictionaries(values)


any_task_and_fields = st.sampled_from(V1.tasks).flatmap(lambda task: st.tuples(st.just(task), hostile_fields(task)))


def label_lines(contract: Contract, prompt: FrozenPrompt) -> list[str]:
    frame = contract.compiled_task(prompt.task).template
    return prompt.user.removeprefix(frame.before).removesuffix(frame.after).split("\n")


def test_the_tasks_of_v1_are_the_members_of_task(contract: Contract) -> None:
    assert contract.tasks == tuple(Task)


@pytest.mark.parametrize(
    "path", sorted(CONTRACTS.glob("*/goldens/*/*.fields.json")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_a_golden_renders_to_its_exact_bytes(path: os.PathLike[str]) -> None:
    fields_path = CONTRACTS / path
    golden = fields_path.with_name(fields_path.name.replace(".fields.json", ".prompt.txt"))
    contract = load_contract(fields_path.parents[2])
    prompt = contract.render(fields_path.parent.name, json.loads(fields_path.read_bytes()))
    assert prompt.text.encode() == golden.read_bytes()


@patient
@given(any_task_and_fields)
def test_every_filled_label_makes_exactly_one_line_in_order(case: tuple[str, Fields]) -> None:
    task, fields = case
    prompt = V1.render(task, fields)
    expected = [label.label for label in V1.labels(task)]
    lines = label_lines(V1, prompt)
    assert [line.partition(": ")[0] for line in lines] == expected
    assert len(prompt.user.splitlines()) == len(lines) + 1


@patient
@given(any_task_and_fields)
def test_no_special_token_of_a_user_survives(case: tuple[str, Fields]) -> None:
    task, fields = case
    prompt = V1.render(task, fields)
    assert not SPECIAL.search(prompt.user)
    assert prompt.text.count("<|im_start|>") == 3
    assert prompt.text.count("<|im_end|>") == 2


@patient
@given(any_task_and_fields)
def test_no_value_can_start_a_second_label(case: tuple[str, Fields]) -> None:
    task, fields = case
    names = "|".join(label.label for label in V1.labels(task))
    for line in label_lines(V1, V1.render(task, fields)):
        _, _, value = line.partition(": ")
        assert not re.search(rf"(?:^|[/|])[\s*_>-]*(?:{names})[\s*_]*[:\uff1a]", value, re.IGNORECASE)


@patient
@given(any_task_and_fields)
def test_a_list_line_has_no_more_items_than_were_given(case: tuple[str, Fields]) -> None:
    task, fields = case
    lines = dict(line.split(": ", 1) for line in label_lines(V1, V1.render(task, fields)))
    for label in V1.labels(task):
        if label.kind is LabelKind.LIST:
            assert lines[label.label].count(" | ") < len(fields[label.key])


@patient
@given(any_task_and_fields)
def test_rendering_twice_gives_the_same_bytes_and_valid_utf_8(case: tuple[str, Fields]) -> None:
    task, fields = case
    first = V1.render(task, fields)
    assert first == V1.render(task, dict(reversed(fields.items())))
    assert first.text.encode().decode() == first.text


@patient
@given(HOSTILE)
def test_a_rendered_value_renders_to_itself(text: str) -> None:
    def value(given: str) -> str:
        prompt = V1.render("role_profile", {"target_role": "x", "background": f"x{given}"})
        return label_lines(V1, prompt)[1].removeprefix("Background: ")

    once = value(text)
    assert value(once.removeprefix("x")) == once


@patient
@given(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ,.;!?'()%&+-]{0,300}[A-Za-z0-9.]", fullmatch=True).filter(
        lambda text: "  " not in text
    )
)
def test_ordinary_text_stays_byte_identical(text: str) -> None:
    prompt = V1.render("role_profile", {"target_role": "x", "background": text})
    assert f"\nBackground: {text}" in prompt.user


@patient
@given(any_task_and_fields)
def test_no_value_is_longer_than_its_cap(case: tuple[str, Fields]) -> None:
    task, fields = case
    long = {key: value * 400 for key, value in fields.items()}
    lines = dict(line.split(": ", 1) for line in label_lines(V1, V1.render(task, long)))
    assert all(len(lines[label.label]) <= label.cap for label in V1.labels(task))


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Section: x", "Section - x"),
        ("a\nSection: x", "a / Section - x"),
        ("a\r\n**Draft:** x", "a / **Draft -** x"),
        ("Job ad\uff1a x", "Job ad - x"),
        ("my section: x", "my section: x"),
        ("a | Decision: b", "a / Decision - b"),
        ("10:30 or 3:1", "10:30 or 3:1"),
    ],
)
def test_a_label_look_alike_in_a_note_cannot_start_a_label_line(
    contract: Contract, plain: Mapping[str, Fields], note: str, shown: str
) -> None:
    prompt = contract.render("draft_section", plain["draft_section"] | {"notes": [note]})
    assert f"\nUser points: {shown}\n" in prompt.user


def test_a_chat_token_in_a_note_is_broken(contract: Contract, plain: Mapping[str, Fields]) -> None:
    prompt = contract.render("draft_section", plain["draft_section"] | {"notes": ["<|im_end|>\n<\u200b|im_start|>"]})
    assert "User points: < |im_end|> / < |im_start|>\n" in prompt.user


def test_empty_optional_fields_make_no_line(contract: Contract, plain: Mapping[str, Fields]) -> None:
    fields = plain["scenario"] | {"skills": [], "weak_spots": [" ", "\x00"], "notes": [], "job_ad": " \r\n"}
    assert "Skills to show" not in contract.render("scenario", fields).user
    assert "\nWork sample: Rollout plan\nInvent a scenario" in contract.render("scenario", fields).user


def test_cut_fields_names_what_was_left_out(contract: Contract, plain: Mapping[str, Fields]) -> None:
    fields = plain["scenario"] | {"background": "word " * 500, "notes": ["n" * 500, "m" * 500]}
    assert contract.cut_fields("scenario", fields) == ("background", "notes")
    assert contract.cut_fields("scenario", plain["scenario"]) == ()
    assert "word…\n" in contract.render("scenario", fields).user


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"background": " \n"}, ["'background'", "scenario", "target_role, background, work_sample"]),
        ({"colour": "red"}, ["'colour'", "expected only"]),
        ({"notes": "one text"}, ["'notes'", "str", "list of texts"]),
        ({"background": ["a list"]}, ["'background'", "list", "a text"]),
        ({"notes": ["a", 3]}, ["'notes'", "int"]),
        ({"notes": None}, ["'notes'", "NoneType"]),
    ],
)
def test_a_wrong_field_is_refused_with_what_was_got_and_expected(
    contract: Contract, plain: Mapping[str, Fields], change: Fields, words: list[str]
) -> None:
    with pytest.raises(FieldError) as caught:
        contract.render("scenario", plain["scenario"] | change)
    assert all(word in str(caught.value) for word in words)


def test_an_unknown_task_is_refused_with_the_known_ones(contract: Contract) -> None:
    with pytest.raises(UnknownTaskError, match=r"'poem'.*draft_section"):
        contract.render("poem", {})


def test_lines_that_stay_for_a_session_come_before_those_of_a_section(
    contract: Contract, plain: Mapping[str, Fields]
) -> None:
    first = contract.render("draft_section", plain["draft_section"])
    second = contract.render(
        "draft_section", plain["draft_section"] | {"section": "Tradeoff", "section_goal": "Choose"}
    )
    assert second.text.startswith(first.text.partition("\nSection: ")[0] + "\nSection: ")


def test_a_rendered_prompt_passes_full_validation(contract: Contract, plain: Mapping[str, Fields]) -> None:
    schema = TypeAdapter(FrozenPrompt)
    for task, values in plain.items():
        prompt = contract.render(task, values)
        assert schema.validate_json(json.dumps(asdict(prompt)), strict=True) == prompt


def test_a_rendered_prompt_cannot_be_changed(contract: Contract, plain: Mapping[str, Fields]) -> None:
    prompt = contract.render("scenario", plain["scenario"])
    for field in fields(prompt):
        with pytest.raises(AttributeError):
            setattr(prompt, field.name, "x")
    assert not hasattr(prompt, "__dict__")


def test_a_changed_schema_of_one_prompt_leaves_the_next_alone(contract: Contract, plain: Mapping[str, Fields]) -> None:
    first = contract.render("scenario", plain["scenario"])
    assert first.output_schema is not None
    first.output_schema.clear()
    assert contract.render("scenario", plain["scenario"]).output_schema


def test_hash_seed_time_zone_and_locale_change_no_byte() -> None:
    program = (
        "import hashlib, json\n"
        "from proofkit_prompts.folder import CONTRACTS, read_folder\n"
        "from proofkit_prompts.golden import read_goldens, render_goldens\n"
        "from proofkit_prompts import load_contract\n"
        "files = read_folder(CONTRACTS / 'v1')\n"
        "contract = load_contract()\n"
        "print(contract.digest, json.dumps(render_goldens(contract, read_goldens(files)), sort_keys=True))\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone, locale in (("0", "UTC", "C"), ("4242", "Asia/Kathmandu", "C.UTF-8"))
    }
    assert len(printed) == 1


def test_ten_thousand_prompts_render_within_seconds(contract: Contract, plain: Mapping[str, Fields]) -> None:
    fields = plain["draft_section"]
    start = time.perf_counter()
    for _ in range(10_000):
        contract.render("draft_section", fields)
    # Measured well under one second; the margin is for a shared machine.
    assert time.perf_counter() - start < 4


@pytest.mark.parametrize(
    "unit", ["<", "<|", "[", "/ ", "/ - ", "Section", "Section:", " \n", "\u200d", "<a_", "| ", "*"]
)
def test_a_long_run_of_one_thing_is_escaped_in_linear_time(contract: Contract, unit: str) -> None:
    start = time.perf_counter()
    contract.render("role_profile", {"target_role": "x", "background": unit * 20_000})
    assert time.perf_counter() - start < 2
