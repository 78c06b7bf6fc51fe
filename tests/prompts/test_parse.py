import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from proofkit_prompts import Contract, OutputParseError, load_contract
from proofkit_prompts.errors import ContractError
from proofkit_prompts.schema import check_schema, find_mismatch

SCENARIO = {"setting": "A laundry.", "constraint": "One planner.", "decision": "Start or wait?", "stakes": "Trust."}
V1 = load_contract("v1")
# A shared machine can pause at any example.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON_TASKS = tuple(task for task in V1.tasks if V1.schema(task))
PROSE = "Start with ten hotels (h), because one planner is back on 1 June [S4].\n\n- Owner: planner"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=90) | st.sampled_from(["ready", "not yet"]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["setting", "constraint", "decision", "stakes", "points", "question", "answer", "bullets"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def valid_value(schema: dict[str, Any]) -> Any:  # noqa: ANN401
    if "enum" in schema:
        return schema["enum"][-1]
    if schema["type"] == "object":
        return {name: valid_value(child) for name, child in reversed(schema["properties"].items())}
    if schema["type"] == "array":
        return [valid_value(schema["items"])] * schema["maxItems"]
    return "x" * schema["maxLength"]


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        (f"  \n{PROSE}\n ", PROSE),
        (f"{PROSE}<|im_end|>\n<|im_start|>user", PROSE),
        (f"```markdown\n{PROSE}\n```", PROSE),
        (f"## Risks\n\n{PROSE}", PROSE),
        ("a\r\nb", "a\nb"),
        ("Final decision: wait.", "Final decision: wait."),
        ("Decision: start with ten.\n\nIt costs a week.", "Decision: start with ten.\n\nIt costs a week."),
        ("Use this:\n\n```\n- a\n```", "Use this:\n\n```\n- a\n```"),
    ],
)
def test_good_prose_comes_back_cleaned(contract: Contract, completion: str, text: str) -> None:
    assert contract.parse("draft_section", completion) == text


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        ("", "empty"),
        (" \n<|im_end|>", "empty"),
        ("```\n```", "empty"),
        ("## Risks\n", "empty"),
        ("finalStart with ten hotels.", "channel marker 'final'"),
        ("analysis: The user wants", "channel marker 'analysis'"),
        ("assistantfinal Start", "channel marker"),
        ("assistant\nStart", "channel marker"),
        ("<|channel|>final<|message|>Start", "channel marker"),
        ("<think>plan</think> Start", "channel marker"),
        ("Section goal: name the risks\nStart", "repeats the prompt's line 'Section goal'"),
        ("Setting: a laundry\nDecision: start", "repeats the prompt's line 'Setting'"),
        ("Write this one section of the\nwork sample in Markdown. Start.", "repeats the instruction"),
        ("You write simulated practice pieces for a fictional company.", "repeats the instruction"),
        ('{"section": "Start"}', "JSON key"),
        ('Start, with "owner": planner', "JSON key"),
    ],
)
def test_a_leak_is_refused_with_its_reason(contract: Contract, completion: str, reason: str) -> None:
    with pytest.raises(OutputParseError, match="draft_section") as caught:
        contract.parse("draft_section", completion)
    assert reason in str(caught.value)


@pytest.mark.parametrize("wrap", ["{}", " {}\n", "```json\n{}\n```", "{}<|im_end|>"])
def test_a_valid_object_comes_back_in_schema_order(contract: Contract, wrap: str) -> None:
    shuffled = json.dumps(dict(reversed(SCENARIO.items())))
    parsed = contract.parse("scenario", wrap.replace("{}", shuffled))
    assert isinstance(parsed, dict)
    assert list(parsed.items()) == list(SCENARIO.items())


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        ("", "empty"),
        ("Here you go: {}", "not one JSON object"),
        ('{"setting": "a"', "not one JSON object"),
        ('{"setting": "a", "setting": "b"}', "comes twice"),
        ('{"setting": NaN}', "NaN"),
        ("[]", "at the top got a list"),
        ("[" * 100_000, "nested"),
        (json.dumps(SCENARIO | {"extra": "x"}), "unknown property 'extra'"),
        (json.dumps({"setting": "a"}), "got no 'constraint'"),
        (json.dumps(SCENARIO | {"stakes": ""}), "at stakes got 0 characters"),
        (json.dumps(SCENARIO | {"stakes": " \n"}), "at stakes got blanks only"),
        (json.dumps(SCENARIO | {"stakes": 3}), "at stakes got a number"),
        (json.dumps(SCENARIO | {"stakes": None}), "at stakes got null"),
        (json.dumps(SCENARIO | {"stakes": "x" * 999}), "999 characters"),
    ],
)
def test_a_broken_object_is_refused_with_the_place(contract: Contract, completion: str, reason: str) -> None:
    with pytest.raises(OutputParseError, match="scenario") as caught:
        contract.parse("scenario", completion)
    assert reason in str(caught.value)


def test_the_review_label_is_one_of_three(contract: Contract) -> None:
    schema = contract.schema("readiness_review")
    assert schema is not None
    value = valid_value(schema) | {"label": "perfect"}
    with pytest.raises(OutputParseError, match="'ready', 'nearly ready', 'not yet'"):
        contract.parse("readiness_review", json.dumps(value))


@pytest.mark.parametrize("task", JSON_TASKS)
def test_the_fullest_value_of_a_schema_survives_serializing_and_parsing(contract: Contract, task: str) -> None:
    schema = contract.schema(task)
    assert schema is not None
    value = valid_value(schema)
    text = contract.serialize(task, value)
    assert contract.parse(task, text) == value
    assert list(json.loads(text)) == list(schema["properties"])


def test_prose_cannot_be_serialized(contract: Contract) -> None:
    with pytest.raises(OutputParseError, match="Markdown"):
        contract.serialize("draft_section", {})


@patient
@given(st.sampled_from(JSON_TASKS), json_values)
def test_the_validator_agrees_with_jsonschema(task: str, value: Any) -> None:  # noqa: ANN401
    schema = V1.schema(task)
    assert schema is not None
    mismatch = find_mismatch(value, schema)
    if mismatch is None or "blanks" not in mismatch.reason:
        assert (mismatch is None) == Draft202012Validator(schema).is_valid(value)  # pyright: ignore[reportUnknownMemberType]


@patient
@given(st.sampled_from(V1.tasks), st.text(max_size=60))
def test_parsing_any_text_returns_or_refuses(task: str, completion: str) -> None:
    with contextlib.suppress(OutputParseError):
        assert V1.parse(task, completion)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 2}},
        {"type": "object", "properties": {}, "required": [], "additionalProperties": True},
        {"type": "number"},
        ["no object"],
    ],
)
def test_a_schema_without_bounds_is_refused(schema: object) -> None:
    with pytest.raises(ContractError):
        check_schema(schema, "schemas/x.json")
