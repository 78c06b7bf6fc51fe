"""Reads a brief from a TOML or JSON file and says plainly what is wrong with it."""

import difflib
import json
import reprlib
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from proofkit_core.brief import UNTRUSTED_CAP, Brief
from proofkit_core.cleaning import clean_text, reads_as_instruction
from proofkit_core.errors import BriefError

MAX_FILE_BYTES = 400_000
"""A brief is a page or two; a larger file is something else."""
_KNOWN = tuple(Brief.model_fields)


class LoadedBrief(NamedTuple):
    """A brief and what was changed in it on the way in."""

    brief: Brief
    notices: tuple[str, ...]


def load_brief(path: Path) -> LoadedBrief:
    """Read, clean and check a brief.

    Args:
        path: A `.toml` or `.json` file.

    Raises:
        BriefError: The file is missing, too large, not text, not TOML or JSON, or breaks a rule.
    """
    return brief_from_data(_parse(_read_text(path), path))


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise BriefError(f"{path} is a folder. Expected a brief as a .toml or .json file; see examples/.")
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise BriefError(
                f"{path} is {size:,} bytes long; a brief takes at most {MAX_FILE_BYTES:,}. Shorten it, for example the "
                "job ad or the résumé."
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise BriefError(f"There is no file {path}. Check the name, or start from one in examples/.") from error
    except OSError as error:
        raise BriefError(f"{path} cannot be read ({error.strerror}). Check the file's permissions.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BriefError(
            f"{path} is not a text file (byte {error.start} is not UTF-8). Save the brief as UTF-8 text."
        ) from error
    if "\0" in text:
        raise BriefError(f"{path} is not a text file: it holds NUL characters. Save the brief as UTF-8 text.")
    return text


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = 'Texts stand in quotes, such as target_role = "Project manager".'
        raise BriefError(f"{path} is not valid TOML: {_lowered(str(error))}. {hint}") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BriefError(f"{path} is not valid JSON: {_lowered(error.msg)} (at {place}).") from error
    except RecursionError as error:
        raise BriefError(f"{path} is nested too deeply for a brief. Expected plain texts and lists.") from error
    except ValueError as error:  # a number of thousands of digits is no syntax error to either reader
        raise BriefError(f"{path} holds a number that is too long. Expected plain texts and lists.") from error
    if not isinstance(data, dict):
        raise BriefError(f"{path} holds a {type(data).__name__}. Expected the fields of a brief, such as target_role.")
    return data  # pyright: ignore[reportUnknownVariableType]


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def brief_from_data(data: dict[str, Any]) -> LoadedBrief:
    """Clean and check the fields of a brief that somebody has already parsed.

    Raises:
        BriefError: A field is unknown, missing, of the wrong type or too long.
    """
    for key in data:
        if key not in _KNOWN:
            near = difflib.get_close_matches(key, _KNOWN, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"The fields are {', '.join(_KNOWN)}."
            raise BriefError(f"The brief has a field {key!r} that ProofKit does not know. {hint}")
    notices: list[str] = []
    cleaned = {key: _clean_value(key, value, notices) for key, value in data.items()}
    try:
        brief = Brief.model_validate(cleaned)
    except ValidationError as error:
        raise BriefError(_told(error)) from error
    return LoadedBrief(_set_aside(brief, notices), tuple(notices))


def _clean_value(key: str, value: object, notices: list[str]) -> object:
    """Clean a text, or the texts of a list or table; what is nested deeper is no brief and refused as it is."""
    if isinstance(value, list):
        return [_clean_text(key, item, notices) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        named = ((clean_text(name).text, item) for name, item in cast("dict[str, object]", value).items())
        return {name: _clean_text(f"{key}.{name}", item, notices) for name, item in named}
    return _clean_text(key, value, notices)


def _clean_text(key: str, value: object, notices: list[str]) -> object:
    if not isinstance(value, str):
        return value
    if key in {"job_ad", "resume"} and len(value) > UNTRUSTED_CAP:
        notices.append(f"{key} was {len(value):,} characters long; only the first {UNTRUSTED_CAP:,} were used.")
        value = value[:UNTRUSTED_CAP]
    cleaned = clean_text(value, compatibility=key == "job_ad")
    if cleaned.removed:
        notices.append(f"{cleaned.removed} invisible characters were taken out of {key}.")
    return cleaned.text


def _set_aside(brief: Brief, notices: list[str]) -> Brief:
    """Keep texts that talk to the program out of the work sample, and say so; they are data, never commands."""
    kept: dict[str, Any] = {}
    for field in ("notes", "skills", "weak_spots"):
        lines: tuple[str, ...] = getattr(brief, field)
        notices.extend(
            f"An entry in {field} reads like an instruction to the program and was set aside: “{line}”."
            for line in lines
            if reads_as_instruction(line)
        )
        kept[field] = tuple(line for line in lines if not reads_as_instruction(line))
    kept["answers"] = {}
    for ref, answer in brief.answers.items():
        if reads_as_instruction(answer):
            notices.append(
                f"The answer {ref!r} reads like an instruction to the program and was set aside: “{answer}”."
            )
        else:
            kept["answers"][ref] = answer
    if reads_as_instruction(brief.job_ad):
        notices.append(
            "The job ad holds text that reads like instructions; it is only searched for words, never obeyed."
        )
    return brief.model_copy(update=kept)


_PLAIN = {
    "missing": "is missing; every brief needs it",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list of texts or one text with a line for each",
    "dict_type": "must be a table of texts, question by question",
}


def _told(error: ValidationError) -> str:
    """Turn pydantic's first finding into one plain sentence."""
    found = error.errors()[0]
    field = ".".join(str(part) for part in found["loc"])
    context = found.get("ctx", {})
    if found["type"] == "string_too_short":
        return f"{field} is empty or too short. Write at least {context['min_length']} characters."
    if found["type"] == "string_too_long":
        size = len(str(found["input"]))
        return f"{field} is {size:,} characters long; at most {context['max_length']:,} fit. Shorten it."
    if found["type"] == "too_long":
        return f"{field} has {context['actual_length']} entries; at most {context['max_length']} fit. Leave some out."
    plain = _PLAIN.get(found["type"], found["msg"])
    if found["type"] == "missing":
        return f"{field} {plain}."
    return f"{field} {plain}, got {reprlib.repr(found['input'])}."  # shortened: it may be of any size and depth
