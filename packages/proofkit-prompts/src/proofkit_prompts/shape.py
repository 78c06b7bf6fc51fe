"""The shape that the data of a TOML or JSON file must have, and the records made from it.

A check takes a value and the place where it is, and returns what the record keeps. Checks are strict: no number is read
from a text, and no unknown key is passed over.
"""

import json
import re
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar, cast

from proofkit_prompts.errors import ContractError


class Record(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_T = TypeVar("_T")
_Record = TypeVar("_Record", bound=Record)
_Choice = TypeVar("_Choice", bound=StrEnum)

Check = Callable[[object, str], _T]
"""A check: a value and its place, such as `task.0.name`, to what the record keeps."""


class _MisfitError(Exception):
    """A value does not fit; `read_toml` and `read_json` tell the caller."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place


def read_toml(text: str, path: str, check: Check[_T]) -> _T:
    """Return what a TOML file holds.

    Args:
        text: The file's text.
        path: The file, for messages.
        check: The shape of the whole file.

    Raises:
        ContractError: Not TOML, or of another shape.
    """
    import tomllib  # noqa: PLC0415 - dear to import, and only reading data needs it

    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"Got no valid TOML in {path} ({error}). Restore the file.") from error
    return _fit(value, path, check, "Correct the file.")


def read_json(raw: bytes, path: str, check: Check[_T]) -> _T:
    """Return what a JSON file holds.

    Args:
        raw: The file's bytes.
        path: The file, for messages.
        check: The shape of the whole file.

    Raises:
        ContractError: Not JSON, or of another shape.
    """
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ContractError(
            f"Got a wrong value at the top in {path}: Invalid JSON: {error}. Restore the file."
        ) from error
    return _fit(value, path, check, "Restore the file.")


def text(pattern: str = "") -> Check[str]:
    """Return the check for a text.

    Args:
        pattern: What the whole text must match; empty for anything.
    """

    def check(value: object, place: str) -> str:
        if not isinstance(value, str):
            raise _MisfitError(place, "Input should be a valid string")
        if pattern and not re.fullmatch(pattern, value):
            raise _MisfitError(place, f"String should match pattern '^{pattern}$'")
        return value

    return check


def whole(value: object, place: str) -> int:
    """Check a whole number."""
    # JSON and TOML know true from 1; Python takes a boolean for a number.
    if not isinstance(value, int) or isinstance(value, bool):
        raise _MisfitError(place, "Input should be a valid integer")
    return value


def positive(value: object, place: str) -> int:
    """Check a whole number above zero."""
    number = whole(value, place)
    if number <= 0:
        raise _MisfitError(place, "Input should be greater than 0")
    return number


def flag(value: object, place: str) -> bool:
    """Check a boolean."""
    if not isinstance(value, bool):
        raise _MisfitError(place, "Input should be a valid boolean")
    return value


def choice(kind: type[_Choice]) -> Check[_Choice]:
    """Return the check for one of the texts of an enumeration."""

    def check(value: object, place: str) -> _Choice:
        for member in kind:
            if value == member.value:
                return member
        raise _MisfitError(place, f"Input should be {' or '.join(repr(member.value) for member in kind)}")

    return check


def many(item: Check[_T], *, least: int = 0) -> Check[tuple[_T, ...]]:
    """Return the check for a list.

    Args:
        item: The shape of each item.
        least: How many items there must be.
    """

    def check(value: object, place: str) -> tuple[_T, ...]:
        if not isinstance(value, list):
            raise _MisfitError(place, "Input should be a valid array")
        found = cast("list[object]", value)
        if len(found) < least:
            items = "item" if least == 1 else "items"
            raise _MisfitError(place, f"Tuple should have at least {least} {items} after validation, not {len(found)}")
        return tuple(item(inner, _inside(place, str(index))) for index, inner in enumerate(found))

    return check


def mapping(item: Check[_T]) -> Check[dict[str, _T]]:
    """Return the check for an object with keys of any name and values of one shape."""

    def check(value: object, place: str) -> dict[str, _T]:
        return {name: item(inner, _inside(place, name)) for name, inner in _object(value, place).items()}

    return check


def record(make: type[_Record], **checks: Check[Any]) -> Check[_Record]:
    """Return the check for an object that becomes a dataclass; what has a default there may be absent.

    Args:
        make: The dataclass.
        checks: The shape of each of its fields, by name.
    """
    required = {field.name for field in fields(make) if field.default is field.default_factory is MISSING}

    def check(value: object, place: str) -> _Record:
        found = _object(value, place)
        kept: dict[str, Any] = {}
        for name, inner in checks.items():
            if name in found:
                kept[name] = inner(found[name], _inside(place, name))
            elif name in required:
                raise _MisfitError(_inside(place, name), "Field required")
        for name in found:
            if name not in checks:
                raise _MisfitError(_inside(place, name), "Extra inputs are not permitted")
        return make(**kept)

    return check


def _fit(value: object, path: str, check: Check[_T], remedy: str) -> _T:
    try:
        return check(value, "")
    except _MisfitError as error:
        place = error.place or "the top"
        raise ContractError(f"Got a wrong value at {place} in {path}: {error}. {remedy}") from error


def _object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _MisfitError(place, "Input should be an object")
    return cast("dict[str, object]", value)


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
