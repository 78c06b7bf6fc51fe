"""Turns the schema of a task into llama.cpp's grammar language, written byte for byte as `Contract.serialize` writes.

The converter that comes with llama.cpp's binding lets line breaks into strings and takes spaces nearly anywhere; the
app does neither, and what is verified must be asked as the app asks.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from proofkit_train.errors import ModelFileError

__all__ = ["grammar_of"]

_CHARACTER = r'char ::= [^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})'


def grammar_of(schema: Mapping[str, Any]) -> str:
    """Return the grammar of the JSON texts that fit a schema.

    Args:
        schema: A JSON schema of objects, arrays and strings, as the contract has them.

    Raises:
        ModelFileError: The schema has something else.
    """
    return f"root ::= {_rule(schema)}\n{_CHARACTER}\n"


def _rule(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if kind == "string":
        if "enum" in schema:
            return f"({' | '.join(_quoted(json.dumps(value, ensure_ascii=False)) for value in schema['enum'])})"
        return rf'"\"" char{{{schema.get("minLength", 0)},{schema.get("maxLength", "")}}} "\""'
    if kind == "array":
        item = _rule(schema["items"])
        least, most = int(schema.get("minItems", 0)), schema.get("maxItems", "")
        more = f'(", " {item}){{{max(0, least - 1)},{most - 1 if isinstance(most, int) else ""}}}'
        inner = f"{item} {more}" if least else f"({item} {more})?"
        return f'"[" {inner} "]"'
    if kind == "object":
        return f'"{{" {_properties(cast("Mapping[str, Mapping[str, Any]]", schema["properties"]))} "}}"'
    raise ModelFileError(
        f"The schema of a task has the type {kind!r}. Expected object, array or string. Report this with the "
        f"contract's version."
    )


def _properties(properties: Mapping[str, Mapping[str, Any]]) -> str:
    return ' ", " '.join(f"{_quoted(json.dumps(name) + ': ')} {_rule(inner)}" for name, inner in properties.items())


def _quoted(text: str) -> str:
    """Return a text as it stands in a grammar."""
    return json.dumps(text, ensure_ascii=False)
