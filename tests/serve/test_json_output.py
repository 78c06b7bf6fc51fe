import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import validate

from proofkit_core.errors import GenerationError
from proofkit_core.generation import Decoding, FinishReason, GenerationRequest
from proofkit_prompts import FrozenPrompt, load_contract
from proofkit_serve import LlamaCppBackend

pytestmark = pytest.mark.model
PATIENT_S = 600.0
"""However busy the machine is."""
MakePrompt = Callable[..., FrozenPrompt]


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SHORT = {"type": "string", "minLength": 1, "maxLength": 24}
SCHEMAS = {
    "flat": _closed({"title": SHORT, "ready": {"type": "boolean"}, "hours": {"type": "integer"}}),
    "choice": _closed({"kind": {"enum": ["plan", "memo", "audit"]}, "reason": SHORT}),
    "nested": _closed(
        {
            "zone": SHORT,
            "sections": {
                "type": "array",
                "minItems": 2,
                "maxItems": 3,
                "items": _closed(
                    {"heading": SHORT, "points": {"type": "array", "minItems": 1, "maxItems": 2, "items": SHORT}}
                ),
            },
            "author": SHORT,
        }
    ),
    "list": {"type": "array", "minItems": 3, "maxItems": 3, "items": SHORT},
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize(
    "decoding",
    [Decoding(), Decoding(temperature=1.2, seed=4, repeat_penalty=1.2)],
    ids=["likeliest", "drawn"],
)
def test_json_keeps_to_its_schema(
    backend: LlamaCppBackend, make_prompt: MakePrompt, name: str, decoding: Decoding
) -> None:
    schema = SCHEMAS[name]
    prompt = make_prompt("Plan an audit of a small charity's files.", schema=schema, max_tokens=400)
    completion = backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt, decoding=decoding))
    assert completion.finish_reason is FinishReason.STOP
    validate(json.loads(completion.text), schema)


def test_properties_come_in_the_schemas_order(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    prompt = make_prompt("Describe a plan.", schema=SCHEMAS["nested"], max_tokens=400)
    value = json.loads(backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt)).text)
    assert list(value) == ["zone", "sections", "author"]


def test_json_is_written_as_the_contract_writes_it_for_training(backend: LlamaCppBackend) -> None:
    contract = load_contract()
    fields = {
        "target_role": "Project manager (entry level)",
        "background": "Night porter in a harbour hotel, five years.",
        "work_sample": "Rollout plan",
    }
    prompt = contract.render("scenario", fields)
    completion = backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt))
    assert completion.finish_reason is FinishReason.STOP
    value = contract.parse("scenario", completion.text)
    assert isinstance(value, dict)
    assert contract.serialize("scenario", value) == completion.text


def test_json_pieces_join_to_the_text(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    pieces: list[str] = []
    prompt = make_prompt("Describe a plan.", schema=SCHEMAS["flat"], max_tokens=200)
    completion = backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt), on_text=pieces.append)
    assert "".join(pieces) == completion.text


def test_json_cut_at_its_cap_does_not_count_as_whole(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    prompt = make_prompt("Describe a plan.", schema=SCHEMAS["nested"], max_tokens=9)
    completion = backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=prompt))
    assert completion.finish_reason is FinishReason.LENGTH
    assert completion.completion_tokens == 9


def test_a_schema_that_cannot_be_enforced_is_refused(backend: LlamaCppBackend, make_prompt: MakePrompt) -> None:
    schema = _closed({"a": {"type": "string", "pattern": "(?=a)b"}})
    with pytest.raises(GenerationError, match="cannot be enforced"):
        backend.generate(GenerationRequest(time_limit_s=PATIENT_S, prompt=make_prompt("x", schema=schema)))
