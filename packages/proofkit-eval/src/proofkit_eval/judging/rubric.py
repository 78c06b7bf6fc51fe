"""The rubric: a text file that people read and judges are asked with, and its digest."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel

from proofkit_core.errors import DataError, InputError
from proofkit_core.provenance import digest_bytes

__all__ = ["LOWEST", "TOP", "Axis", "Item", "Rubric", "load_rubric", "parse_rubric", "score_of"]

LOWEST, TOP = 1, 5
_BUNDLED = "data/rubric-1.txt"
_TITLE = re.compile(r"# rubric (?P<id>[a-z0-9-]+)")
_PART = re.compile(r"## (?P<kind>axis|item) (?P<id>[a-z][a-z0-9_]*)")
_ANCHOR = re.compile(r"(?P<grade>[1-5]): (?P<text>.+)")
_ONLY = "only: "


class Axis(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One thing graded from 1 to 5."""

    id: str
    question: str
    anchors: tuple[str, ...]
    """What each grade means, from 1 to 5."""


class Item(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One yes/no question; a yes is always good."""

    id: str
    question: str
    tasks: tuple[str, ...] = ()
    """The only tasks it is asked of; empty for all."""


class Rubric(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What judges are asked to look at."""

    id: str
    introduction: str
    axes: tuple[Axis, ...]
    items: tuple[Item, ...]
    digest: str
    """SHA-256 (hex) of the file's bytes: any change of wording makes another rubric."""

    @property
    def axis_ids(self) -> tuple[str, ...]:
        """Return the ids of the axes, in the file's order."""
        return tuple(axis.id for axis in self.axes)

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Return the ids of the items, in the file's order."""
        return tuple(item.id for item in self.items)

    def items_of(self, task: str) -> tuple[Item, ...]:
        """Return the items that apply to a task."""
        return tuple(item for item in self.items if not item.tasks or task in item.tasks)


def load_rubric(path: Path | None = None) -> Rubric:
    """Return a rubric.

    Args:
        path: A rubric file; None for the one that comes along.

    Raises:
        InputError: The file cannot be read or breaks the form.
        DataError: The one that comes along breaks the form.
    """
    if path is None:
        try:
            return parse_rubric(files("proofkit_eval.judging").joinpath(_BUNDLED).read_bytes(), _BUNDLED)
        except InputError as error:
            raise DataError(f"The rubric of this package breaks its own form. {error}") from error
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The rubric {str(path)!r} cannot be read: {error.strerror}. Expected a text file; name another, or leave "
            "it out for the one that comes along."
        ) from error
    return parse_rubric(raw, str(path))


def parse_rubric(raw: bytes, name: str) -> Rubric:
    """Read a rubric.

    Args:
        raw: The file's bytes.
        name: What to call it in errors.

    Raises:
        InputError: It breaks the form; the message names the line.
    """
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise _broken(name, 1, f"got a byte that is not UTF-8 at {error.start}, expected text") from error
    title = _TITLE.fullmatch(lines[0].strip()) if lines else None
    if title is None:
        raise _broken(name, 1, f"got {lines[0] if lines else ''!r}, expected `# rubric NAME`")
    heads = [number for number, line in enumerate(lines) if line.startswith("## ")]
    ends = [*heads[1:], len(lines)]
    axes: list[Axis] = []
    items: list[Item] = []
    for start, end in zip(heads, ends, strict=True):
        head = _PART.fullmatch(lines[start].strip())
        if head is None:
            raise _broken(name, start + 1, f"got {lines[start]!r}, expected `## axis NAME` or `## item NAME`")
        body = [line.strip() for line in lines[start + 1 : end] if line.strip()]
        if head["kind"] == "axis":
            axes.append(_axis(head["id"], body, name, start + 1))
        else:
            items.append(_item(head["id"], body, name, start + 1))
    _check_ids(name, [*axes, *items])
    opening = _joined(lines[1 : heads[0] if heads else len(lines)])
    return Rubric(id=title["id"], introduction=opening, axes=tuple(axes), items=tuple(items), digest=digest_bytes(raw))


def _axis(axis_id: str, body: list[str], name: str, line: int) -> Axis:
    found = [(int(match["grade"]), match["text"]) for text in body if (match := _ANCHOR.fullmatch(text))]
    if [grade for grade, _text in found] != list(range(LOWEST, TOP + 1)):
        raise _broken(
            name, line, f"axis {axis_id!r} has grades {[each for each, _ in found]}, expected 1 to 5 in order"
        )
    question = _joined(text for text in body if not _ANCHOR.fullmatch(text))
    if not question:
        raise _broken(name, line, f"axis {axis_id!r} asks nothing, expected a question above its grades")
    return Axis(id=axis_id, question=question, anchors=tuple(text for _grade, text in found))


def _item(item_id: str, body: list[str], name: str, line: int) -> Item:
    only = [text.removeprefix(_ONLY).split() for text in body if text.startswith(_ONLY)]
    question = _joined(text for text in body if not text.startswith(_ONLY))
    if not question.endswith("?"):
        raise _broken(name, line, f"item {item_id!r} is {question!r}, expected one question that ends with `?`")
    return Item(id=item_id, question=question, tasks=tuple(task for tasks in only for task in tasks))


def _check_ids(name: str, parts: list[Axis | Item]) -> None:
    ids = [part.id for part in parts]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice or not ids:
        told = f"{', '.join(twice)} twice" if twice else "no axis and no item"
        raise _broken(name, 1, f"it has {told}, expected axes and items with names of their own")


def _joined(lines: Iterable[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


def _broken(name: str, line: int, what: str) -> InputError:
    return InputError(f"The rubric {name!r}, line {line}: {what}. Put that line right; nothing was judged.")


def score_of(axes: Mapping[str, int] | None, items: Mapping[str, bool | None]) -> float | None:
    """Return a verdict as one figure from 1 to 5, or None where nothing was told.

    The mean of the axes; without axes, 1 + 4 times the share of yes among the items that were told.
    """
    if axes:
        return sum(axes.values()) / len(axes)
    told = [answer for answer in items.values() if answer is not None]
    return LOWEST + (TOP - LOWEST) * sum(told) / len(told) if told else None
