"""What the fault server writes where it does not fail: an answer that the app takes, made from the prompt alone."""

import json
import re
from typing import Any

from proofkit_serve.faults.asked import Asked

__all__ = ["good_answer", "wrong_answer"]

_LINE = re.compile(r"^(?P<label>[A-Z][A-Za-z ]+): (?P<value>.+)$", re.MULTILINE)
_BLOCK = re.compile(r"<(?P<key>[a-z_]+)>\n(?P<value>.*?)\n</(?P=key)>", re.DOTALL)
_WORDS = "A careful note about the matter at hand that names a reason and an owner for the next step"


def good_answer(asked: Asked) -> str:
    """Return a whole answer: of the right form, in the prompt's own words, with the prompt's tokens in it."""
    if asked.schema is not None:
        return json.dumps(_fill(asked.schema, " ".join(asked.tokens)), ensure_ascii=False, separators=(",", ":"))
    fields = _fields(asked.prompt)
    company, decision, own = fields.get("company"), fields.get("decision"), fields.get("notes", "None of them fits")
    if company and decision:
        text = (
            f"At {company} I would take the careful way. What weighs most here is this: {decision} "
            f"The facts that carry it are {fields.get('facts', 'known')}. My own points belong here too. {own}"
        )
    else:
        text = "The short answer is that each step needs an owner and a date, and a reason why"
    whole = text if text.endswith(".") else f"{text}."
    missing = [token for token in asked.tokens if token not in whole]
    return f"{whole} {' '.join(missing)}." if missing else whole


def wrong_answer(asked: Asked) -> str:
    """Return an answer of another form than the one that was asked for."""
    return json.dumps({"unexpected": [*asked.tokens, 1, None]})


def _fields(prompt: str) -> dict[str, str]:
    """Return the prompt's fields by key, from `Label: value` lines or from tagged blocks."""
    keys = {"Fictional company": "company", "Decision": "decision", "Scenario facts": "facts", "User points": "notes"}
    lines = {keys[m["label"]]: m["value"] for m in _LINE.finditer(prompt) if m["label"] in keys}
    blocks = {m["key"]: " ".join(m["value"].split()) for m in _BLOCK.finditer(prompt)}
    return {**blocks, **lines}


def _fill(schema: dict[str, Any], marks: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the smallest value of a schema whose texts say something."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: _fill(child, marks) for name, child in schema["properties"].items()}
    if schema["type"] == "array":
        return [_fill(schema["items"], marks) for _ in range(max(1, schema.get("minItems", 1)))]
    if schema["type"] != "string":
        return 1
    low, high = schema.get("minLength", 0), schema.get("maxLength", 80)
    text = f"{marks} {_WORDS}".strip()
    text = text if len(text) <= high else text[:high].rpartition(" ")[0] or text[:high]
    return text.ljust(low, ".")
