"""Reads what a judge replied. The last grade of each kind counts; what cannot be read is said to be unread."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from proofkit_eval.judging.rubric import LOWEST, TOP

__all__ = ["Reply", "read_better", "read_reply", "read_yes_no"]

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)|\A.*?</think>", re.DOTALL | re.IGNORECASE)
_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_UNTOLD = {"n/a", "na", "none", "null", "unknown", "unclear"}
_LEAD = r"^[ \t>*_`#\-•\"']*"
_AFTER_NAME = r"[ \t*_`\"']*[:=][ \t*_`\"']*"
_NUMBER = r"(?P<value>[-+]?\d+(?:[.,]\d+)?)[ \t*_`\"']*(?:(?:/|out of|of)[ \t]*(?P<top>\d+))?[ \t*_`\"'.,;]*$"
_WORD = r"(?P<value>[A-Za-z/]+)\b"
_BETTER = re.compile(rf"{_LEAD}better{_AFTER_NAME}(?P<value>A|B|tie)\b", re.IGNORECASE | re.MULTILINE)
_ANSWER = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


class Reply(NamedTuple):
    """What was read."""

    axes: dict[str, int] | None
    """All axes, or None."""
    items: dict[str, bool | None]
    reason: str
    """Why the axes are None; empty where they are told."""


def read_reply(text: str, axes: Iterable[str], items: Iterable[str]) -> Reply:
    """Read grades and yes/no answers.

    Args:
        text: The whole reply; thinking aloud between `<think>` marks is dropped.
        axes: Ids of the axes that it must grade, every one.
        items: Ids of the items that were asked.
    """
    said = _THOUGHT.sub("", text)
    data = _last_object(said)
    grades: dict[str, int] = {}
    wrong: list[str] = []
    for axis in axes:
        grade = _grade(_found(said, axis, _NUMBER, data))
        if grade is None:
            wrong.append(axis)
        else:
            grades[axis] = grade
    answers = {item: _told(_found(said, item, _WORD, data)) for item in items}
    if not wrong:
        return Reply(grades or None, answers, "")
    if not said.strip():
        return Reply(None, answers, "the reply has no text beyond thinking aloud")
    return Reply(None, answers, f"no whole grade from {LOWEST} to {TOP} for {', '.join(wrong)} in {_short(said)!r}")


def read_yes_no(text: str) -> bool | None:
    """Return what a reply to one question says, or None where it says neither or both."""
    said = _THOUGHT.sub("", text)
    answer = _last_object(said).get("answer")
    if answer is not None:
        return _told(str(answer))
    words = {word.casefold() for word in _ANSWER.findall(said)}
    return _YES[words.pop()] if len(words) == 1 else None


def read_better(text: str) -> str | None:
    """Return `A`, `B` or `tie` from the last line that says so, or None."""
    found = [match["value"] for match in _BETTER.finditer(_THOUGHT.sub("", text))]
    if not found:
        return None
    return "tie" if found[-1].casefold() == "tie" else found[-1].upper()


def _found(said: str, name: str, value: str, data: Mapping[str, object]) -> str | None:
    """Return the last value of a name, from its lines or else from the last JSON object."""
    told = re.escape(name).replace("_", r"[_ \-]")
    lines = list(re.finditer(rf"{_LEAD}{told}{_AFTER_NAME}{value}", said, re.IGNORECASE | re.MULTILINE))
    if not lines:
        return str(data[name]) if name in data else None
    top = lines[-1].groupdict().get("top")
    return lines[-1]["value"] if top in {None, str(TOP)} else f"{lines[-1]['value']} of {top}"


def _grade(value: str | None) -> int | None:
    """Return a whole grade; 3.5, 0, 6 and 7 of 10 are none, because no rule of rounding was agreed on."""
    if value is None:
        return None
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        return None
    return int(number) if number in range(LOWEST, TOP + 1) else None


def _told(value: str | None) -> bool | None:
    if value is None or value.casefold() in _UNTOLD:
        return None
    return _YES.get(value.casefold())


def _last_object(said: str) -> dict[str, object]:
    """Return the last JSON object in a text, without what it nests."""
    decoder = json.JSONDecoder()
    found: dict[str, object] = {}
    place = said.find("{")
    while place != -1:
        try:
            value, end = decoder.raw_decode(said, place)
        except (json.JSONDecodeError, RecursionError):
            place = said.find("{", place + 1)
            continue
        if isinstance(value, dict):
            found = cast("dict[str, object]", value)
        place = said.find("{", end)
    return found


def _short(text: str, most: int = 80) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"…{flat[-most:]}"
