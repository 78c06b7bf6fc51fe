"""The part of JSON Schema that output schemas may use, and a validator for it.

Objects list all their properties as required and allow no other, and every text and list has a finite size, so that
constrained generation always ends.
"""

from typing import Any, NamedTuple, cast

from proofkit_prompts.errors import ContractError

_KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems", "maxItems"},
    "string": {"type", "minLength", "maxLength"},
}
_CHOICE = {"type", "enum"}


class Mismatch(NamedTuple):
    """The first place where a value breaks its schema."""

    path: str
    reason: str


def check_schema(schema: object, path: str) -> None:
    """Refuse a schema outside the supported part.

    Args:
        schema: The schema, from JSON.
        path: The file or the place in it, for messages.

    Raises:
        ContractError: An unknown keyword, an open object or an unbounded size.
    """
    if not isinstance(schema, dict):
        raise ContractError(f"Got {type(schema).__name__} as the schema at {path}; expected an object. Correct it.")
    node = cast("dict[str, Any]", schema)
    kind = node.get("type")
    expected = _CHOICE if "enum" in node else _KEYWORDS.get(str(kind), set())
    if set(node) != expected:
        raise ContractError(
            f"Got the keywords {', '.join(sorted(node))} at {path}; expected exactly "
            f"{', '.join(sorted(expected)) or 'those of an object, array or string'}. Correct the schema."
        )
    if kind == "object":
        if node["additionalProperties"] is not False or node["required"] != list(node["properties"]):
            raise ContractError(
                f"Got an open object at {path}; expected additionalProperties false and every property required, in "
                "the order of the properties. Correct the schema."
            )
        for name, child in node["properties"].items():
            check_schema(child, f"{path}.{name}")
    elif kind == "array":
        check_schema(node["items"], f"{path}[]")


def find_mismatch(value: object, schema: dict[str, Any], path: str = "") -> Mismatch | None:
    """Return the first place where a value breaks its schema, or None.

    Args:
        value: The value, from JSON.
        schema: A schema that `check_schema` accepts.
        path: Where the value is, for messages; empty for the whole.
    """
    if "enum" in schema:
        choices = ", ".join(repr(choice) for choice in schema["enum"])
        return None if value in schema["enum"] else Mismatch(path, f"got {value!r}, expected one of {choices}")
    if schema["type"] == "object":
        return _object_mismatch(value, schema, path)
    if schema["type"] == "array":
        return _array_mismatch(value, schema, path)
    return _string_mismatch(value, schema, path)


def in_schema_order(value: Any, schema: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return a valid value with its properties in the order of the schema."""
    if schema["type"] == "object":
        return {name: in_schema_order(value[name], child) for name, child in schema["properties"].items()}
    if schema["type"] == "array":
        return [in_schema_order(item, schema["items"]) for item in value]
    return value


def _object_mismatch(value: object, schema: dict[str, Any], path: str) -> Mismatch | None:
    if not isinstance(value, dict):
        return Mismatch(path, f"got {_kind(value)}, expected an object")
    found = cast("dict[str, object]", value)
    properties: dict[str, dict[str, Any]] = schema["properties"]
    for name in properties:
        if name not in found:
            return Mismatch(path, f"got no {name!r}")
    for name in found:
        if name not in properties:
            return Mismatch(path, f"got the unknown property {name!r}, expected only {', '.join(properties)}")
    inner = (find_mismatch(found[name], child, f"{path}.{name}".lstrip(".")) for name, child in properties.items())
    return next((mismatch for mismatch in inner if mismatch), None)


def _array_mismatch(value: object, schema: dict[str, Any], path: str) -> Mismatch | None:
    if not isinstance(value, list):
        return Mismatch(path, f"got {_kind(value)}, expected a list")
    items = cast("list[object]", value)
    low, high = schema["minItems"], schema["maxItems"]
    if not low <= len(items) <= high:
        wanted = f"{low}" if low == high else f"{low} to {high}"
        return Mismatch(path, f"got {len(items)} items, expected {wanted}")
    inner = (find_mismatch(item, schema["items"], f"{path}[{index}]") for index, item in enumerate(items))
    return next((mismatch for mismatch in inner if mismatch), None)


def _string_mismatch(value: object, schema: dict[str, Any], path: str) -> Mismatch | None:
    if not isinstance(value, str):
        return Mismatch(path, f"got {_kind(value)}, expected a text")
    low, high = schema["minLength"], schema["maxLength"]
    if not low <= len(value) <= high:
        return Mismatch(path, f"got {len(value)} characters, expected {low} to {high}")
    return None if value.strip() else Mismatch(path, "got blanks only, expected a text")


def _kind(value: object) -> str:
    for kind, name in ((dict, "an object"), (list, "a list"), (str, "a text"), (bool, "a boolean"), (int, "a number")):
        if isinstance(value, kind):
            return name
    return "a number" if isinstance(value, float) else "null"
