"""Reads TOML into a record, and says plainly what is wrong with it."""

import difflib
import json
import reprlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import GenericAlias
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import InputError

__all__ = ["read_toml", "suggest", "validated"]

Record = TypeVar("Record", bound=BaseModel)

MOST_BYTES = 1_000_000
_SECRET_PLACES = ("key_", "database_url", "base_urls")
_PLAIN = {
    "missing": "is missing",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "path_type": "must be a path in quotes",
}


def read_toml(path: Path, what: str) -> dict[str, object]:
    """Return what a TOML file holds.

    Args:
        path: The file.
        what: What it is, for the message.

    Raises:
        InputError: It cannot be read, or is no TOML.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{what} at {str(path)!r} cannot be read: {error.strerror}. Expected a TOML file. Check the path."
        ) from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{what} at {str(path)!r} is longer than {MOST_BYTES:,} bytes. Expected a page of TOML.")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{what} at {str(path)!r} is no TOML: {error}. Correct that line.") from error


def suggest(name: str, known: Iterator[str] | Mapping[str, object] | tuple[str, ...]) -> str:
    """Return a sentence with the known name that comes closest, and all of them where none does."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else f"Expected one of {', '.join(sorted(names))}."


def validated(record: type[Record], data: Mapping[str, object], where: str) -> Record:
    """Return a record of what a file says.

    Args:
        record: The record's class.
        data: What the file holds.
        where: The file, for the message.

    Raises:
        InputError: A key is unknown, missing or holds something else than it should.
    """
    _refuse_unknown(record, data, where, "")
    try:
        # TOML has lists and texts where a strict record has tuples, paths and enums; JSON's rules know that.
        return record.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        raise InputError(f"{where}: {_told(error)}") from error


def _refuse_unknown(record: type[BaseModel], data: Mapping[str, object], where: str, place: str) -> None:
    known = record.model_fields
    for key, value in data.items():
        if key not in known:
            raise InputError(f"{where}: there is no setting {place + key!r}. {suggest(key, tuple(known))}")
        inner = _record_in(known[key].annotation)
        if inner is None:
            continue
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        for number, item in enumerate(items, start=1):
            if isinstance(item, dict):
                deeper = f"{place}{key}[{number}]." if isinstance(value, list) else f"{place}{key}."
                _refuse_unknown(inner, cast("dict[str, object]", item), where, deeper)


def _record_in(annotation: object) -> type[BaseModel] | None:
    """Return the record that a field holds, alone, optionally or in a tuple."""
    if isinstance(annotation, type) and not isinstance(annotation, GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _record_in(part))), None)


def _told(error: ValidationError) -> str:
    """Turn pydantic's first finding into a sentence; people count entries from 1."""
    found = error.errors()[0]
    if found["type"] == "value_error":
        return str(found.get("ctx", {}).get("error", found["msg"]))
    place = ""
    for part in found["loc"]:
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else str(part)
    message = found["msg"]
    plain = _PLAIN.get(found["type"], message[:1].lower() + message[1:])
    given: Any = found["input"]
    # What stands where a secret or an address belongs is not repeated: it may be the secret.
    hidden = found["type"] == "missing" or any(word in place for word in _SECRET_PLACES)
    got = "" if hidden else f", got {reprlib.repr(given)}"
    return f"{place!r} {plain}{got}. Correct it."
