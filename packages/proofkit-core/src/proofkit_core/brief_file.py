"""Reads a brief from a TOML or JSON file and says plainly what is wrong with it."""

import difflib
import json
import reprlib
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from proofkit_core.brief import UNTRUSTED_CAP, Brief, as_lines
from proofkit_core.cleaning import (
    clean_text,
    names_no_job,
    reads_as_english,
    reads_as_instruction,
    says_nothing,
    without_marks,
)
from proofkit_core.errors import BriefError

MAX_FILE_BYTES = 400_000
"""A brief is a page or two; a larger file is something else."""
_KNOWN = tuple(Brief.model_fields)
_LISTS = ("skills", "weak_spots", "notes")
_NOT_ENGLISH = "ProofKit writes in English; your words stay as you typed them."


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
        data = json.loads(text, object_pairs_hook=_fields) if path.suffix.lower() == ".json" else tomllib.loads(text)
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


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice, as TOML does; plain JSON would quietly keep the last one."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise BriefError(f"The name {reprlib.repr(name)} stands twice in the brief. Keep one of the two.")
        fields[name] = value
    return fields


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
    _check_answers(data.get("answers"))
    notices: list[str] = []
    places: dict[str, list[int]] = {}
    cleaned = {key: _clean_value(key, value, notices, places) for key, value in data.items() if value is not None}
    try:
        brief = Brief.model_validate(cleaned)
    except ValidationError as error:
        raise BriefError(_told(error, places)) from error
    if names_no_job(brief.target_role):
        told = f"target_role is {brief.target_role!r}; expected the name of a job, such as 'Project manager'."
        raise BriefError(told)
    if not reads_as_english(" ".join((brief.background, *brief.notes))):
        notices.append(_NOT_ENGLISH)
    return LoadedBrief(_set_aside(brief, notices), tuple(notices))


def _check_answers(answers: object) -> None:
    """Refuse what TOML makes of a field below `[answers]` and of a name with a dot but without quotes."""
    if not isinstance(answers, dict):
        return
    for name, value in cast("dict[str, object]", answers).items():
        if name in _KNOWN:
            told = f"The field {name!r} stands under [answers]. Fields must stand above [answers]; move it up."
            raise BriefError(told)
        if isinstance(value, dict):
            inner = next(iter(cast("dict[str, object]", value)), "question")
            raise BriefError(
                f"answers holds a table {reprlib.repr(name)}, expected a text for each question. "
                f'Names with a dot need quotes, such as "{name[:40]}.{inner[:40]}" = "…".'
            )


def _clean_value(key: str, value: object, notices: list[str], places: dict[str, list[int]]) -> object:
    """Clean a text, or the texts of a list or table; what is nested deeper is no brief and refused as it is."""
    if isinstance(value, dict):
        named = {clean_text(name).text: item for name, item in cast("dict[str, object]", value).items()}
        return _clean_answers(key, named, notices) if key == "answers" else named
    if not isinstance(value, list):
        value = _clean_text(key, value, notices)
    if key in _LISTS and isinstance(value, str):
        value = list(cast("tuple[str, ...]", as_lines(value)))
    if isinstance(value, list):
        return _clean_list(key, cast("list[object]", value), notices, places)
    return value


def _clean_list(key: str, items: list[object], notices: list[str], places: dict[str, list[int]]) -> list[object]:
    """Clean the entries, and leave out those that say nothing or say the same again; `places` tells who stood where."""
    cleaned = _clean_all(key, items, notices)
    kept: list[object] = []
    empty: list[str] = []
    again: list[str] = []
    seen: set[str] = set()
    places[key] = []
    for number, item in enumerate(cleaned, start=1):
        if isinstance(item, str):
            same = " ".join(item.casefold().split())
            if says_nothing(item) or same in seen:
                (empty if says_nothing(item) else again).append(item)
                continue
            seen.add(same)
        kept.append(item)
        places[key].append(number)
    notices.extend(_left_out(key, empty, "said nothing"))
    notices.extend(_left_out(key, again, "stood there twice"))
    return kept


def _clean_answers(key: str, answers: dict[str, object], notices: list[str]) -> dict[str, object]:
    cleaned = dict(zip(answers, _clean_all(key, list(answers.values()), notices), strict=True))
    empty = [ref for ref, item in cleaned.items() if isinstance(item, str) and says_nothing(item)]
    notices.extend(_left_out(key, empty, "said nothing"))
    return {ref: item for ref, item in cleaned.items() if ref not in empty}


def _left_out(key: str, items: list[str], why: str) -> list[str]:
    if not items:
        return []
    named = ", ".join(f"“{item}”" for item in items if item.strip())
    count, were = ("1 entry", "was") if len(items) == 1 else (f"{len(items)} entries", "were")
    return [f"{count} in {key} {why} and {were} left out{': ' if named else ''}{named}."]


def _clean_all(key: str, items: list[object], notices: list[str]) -> list[object]:
    """Clean all texts of a field, with one notice of each kind for the whole field."""
    own: list[str] = []
    cleaned = [_clean_text(key, item, own) for item in items]
    notices.extend(dict.fromkeys(own))
    return cleaned


def _clean_text(key: str, value: object, notices: list[str]) -> object:
    if not isinstance(value, str):
        return value
    if key in {"job_ad", "resume"} and len(value) > UNTRUSTED_CAP:
        notices.append(f"{key} was {len(value):,} characters long; only the first {UNTRUSTED_CAP:,} were used.")
        value = value[:UNTRUSTED_CAP]
    cleaned = clean_text(value, compatibility=key == "job_ad")
    if cleaned.removed:
        told = "1 invisible character was" if cleaned.removed == 1 else f"{cleaned.removed} invisible characters were"
        notices.append(f"{told} taken out of {key}.")
    bare = cleaned.text if key == "job_ad" else without_marks(cleaned.text)
    if bare != cleaned.text:
        notices.append(f"ProofKit's own marks, (h) and the brackets of [S1], were taken out of {key}.")
    return bare


def _set_aside(brief: Brief, notices: list[str]) -> Brief:
    """Keep texts that talk to the program out of the work sample, and say so; they are data, never commands."""
    kept: dict[str, Any] = {}
    for field in _LISTS:
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


def _place(loc: tuple[int | str, ...], places: dict[str, list[int]]) -> str:
    field, *rest = loc
    if rest and isinstance(rest[0], int) and field in places:
        return f"{field}, entry {places[str(field)][rest[0]]}:"
    return ".".join(map(str, loc))


def _told(error: ValidationError, places: dict[str, list[int]]) -> str:
    """Turn pydantic's first finding into one plain sentence; people count entries from 1."""
    found = error.errors()[0]
    field = _place(found["loc"], places)
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
