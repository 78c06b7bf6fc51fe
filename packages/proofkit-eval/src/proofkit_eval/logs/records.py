"""Reads a file that holds one record, and says in words what is wrong with one that cannot be read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from proofkit_core.errors import InputError

__all__ = ["fault_of", "read_record"]

_SHOWN = 40
_SHOULD = "Input should be "
_Record = TypeVar("_Record", bound=BaseModel)


def read_record(path: Path, kind: type[_Record], *, name: str, then: str) -> _Record:
    """Return the record that a JSON file holds.

    Args:
        path: The file.
        kind: The record.
        name: What it is, for the sentence that tells of a broken one.
        then: What to do about a broken one, as sentences.

    Raises:
        InputError: It cannot be read; which line or field is told, what was got and what was expected.
    """
    try:
        return kind.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = error.strerror or type(error).__name__
    except UnicodeDecodeError as error:
        why = f"the byte at place {error.start} is no UTF-8; expected a JSON text"
    except ValidationError as error:
        why = fault_of(error)
    raise InputError(f"The {name} {str(path)!r} cannot be read: {why}. {then}")


def fault_of(error: ValidationError) -> str:
    """Return the first fault in words: the field, what was got and what was expected; and how many more there are.

    Args:
        error: Why a record was refused.
    """
    found = error.errors(include_url=False)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return _told(found[0]) + more


def _told(fault: Mapping[str, Any]) -> str:
    field, message = ".".join(str(part) for part in fault["loc"]), fault["msg"]
    match fault["type"]:
        case "json_invalid":
            return f"it is no JSON: {message.removeprefix('Invalid JSON: ')}"
        case "missing":
            return f"{field}: got nothing, expected a value"
        case "extra_forbidden":
            return f"{field}: got a field that is not known here, expected none of that name"
        case _:
            what = message.removeprefix(_SHOULD).removeprefix("Value error, ")
            expected = f"got {_shown(fault['input'])}, expected {what}" if message.startswith(_SHOULD) else what
            return f"{field}: {expected}" if field else expected


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
