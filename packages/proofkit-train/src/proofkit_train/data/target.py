"""Writes a target: the pieces of a case, chosen and put together with what the person said."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from proofkit_core.samples.records import SectionRecord
from proofkit_train.data.case import Slots
from proofkit_train.data.world import Spoken, World

_ITEM = re.compile(r"^(?:- |\* |\| ?|\d+[.)] )")
_START = re.compile(r"(?:(?<=[.!?] )|(?<=^- ))(?=\{)")
_IF = re.compile(r"^(?P<id>[a-z][a-z0-9_-]*)\? ")


class _Piece(NamedTuple):
    text: str
    kind: str
    """`prose`, or the sign that starts a line of a list."""


_BREAK = _Piece("", "break")


def section_target(world: World, section: SectionRecord) -> str:
    """Return what a model should write for a section."""
    slots = world.case.section[section.id].slots
    notes, answers = world.notes_in(section), world.answers_in(section)
    said = {"@notes": notes, "@answers": answers}
    marked = {slot[0] for slot in slots}
    missing = [(marker,) for marker in said if marker not in marked]
    here = frozenset(note.id for note in notes)
    return passage_target(world, f"section.{section.id}", (*slots, *missing), said=said, present=here)


def passage_target(
    world: World, name: str, slots: Slots, *, said: dict[str, tuple[Spoken, ...]] | None = None, present: Iterable[str]
) -> str:
    """Return a text put together from its pieces.

    Args:
        world: What it is about.
        name: What the choices are drawn for.
        slots: The pieces with their alternatives.
        said: The points that stand for the markers `@notes` and `@answers`.
        present: Ids of the notes on which conditional pieces depend.
    """
    pieces: list[_Piece] = []
    for number, options in enumerate(slots):
        spoken = (said or {}).get(options[0])
        if spoken is not None:
            texts = [world.variation.pick(f"{name}.used.{item.id}", item.voice.used) for item in spoken]
        else:
            texts = list(_chosen(world, f"{name}.{number}", options, frozenset(present)))
        pieces += [_piece(_fill(world, text)) for text in texts if text.strip()]
    return _join(pieces)


def _chosen(world: World, name: str, options: Sequence[str], present: frozenset[str]) -> Iterator[str]:
    fitting = [option for option in options if (found := _IF.match(option)) is None or found["id"] in present]
    if fitting:
        yield _IF.sub("", world.variation.pick(name, fitting), count=1)


def _fill(world: World, text: str) -> str:
    """Fill a text; what stands for a `{key}` at the start of a sentence gets a capital."""
    parts = _START.split(text)
    filled = [world.fill(part) for part in parts]
    return "".join(
        part[:1].upper() + part[1:] if raw.startswith("{") else part for raw, part in zip(parts, filled, strict=True)
    )


def _piece(text: str) -> _Piece:
    if text == "@par":
        return _BREAK
    item = _ITEM.match(text)
    return _Piece(text.strip(), "prose" if item is None else "item" if item[0][0].isdigit() else item[0][0])


def _join(pieces: Sequence[_Piece]) -> str:
    text, last = "", _BREAK
    for piece in pieces:
        if piece is _BREAK:
            last = _BREAK
            continue
        if not text:
            text = piece.text
        elif piece.kind != last.kind:
            text += f"\n\n{piece.text}"
        else:
            text += f" {piece.text}" if piece.kind == "prose" else f"\n{piece.text}"
        last = piece
    return text
