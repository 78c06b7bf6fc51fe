"""Reads bodies by JSON's own rules: a list is a list, a number is no text, and records stay strict."""

import json
from typing import Any

from pydantic import BeforeValidator, TypeAdapter


def strict_json(wanted: Any) -> BeforeValidator:  # noqa: ANN401 - a record, or a union of them
    """Return what validates a parsed body as JSON.

    The framework validates Python values, where a strict record takes no list for a tuple and no text for an enum.

    Args:
        wanted: The type of the body.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(wanted)

    def read(value: object) -> object:
        return value if isinstance(value, bytes) else adapter.validate_json(json.dumps(value))

    return BeforeValidator(read)
