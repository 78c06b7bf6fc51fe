"""Finds the strings of a JSON text, each with its path and the place of each of its characters."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\],:]')
_CHARACTER = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)|([^\\])", re.DOTALL)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HIGH, _LOW, _AFTER = 0xD800, 0xDC00, 0xE000


class JsonString(NamedTuple):
    """A string that is a value, not a key."""

    path: str
    """Such as `sample.sections[2].markdown`."""
    text: str
    start: int
    places: tuple[int, ...]
    """Where each character, and the closing quotation mark, stands; empty where no character is escaped."""


class _Level:
    """An object or a list that is open."""

    def __init__(self, *, is_object: bool) -> None:
        self.is_object = is_object
        self.wants_key = is_object
        self.key = ""
        self.index = 0

    def step(self) -> str:
        return self.key if self.is_object else f"[{self.index}]"


def read_json_strings(text: str) -> Iterator[JsonString]:
    """Yield the strings of a valid JSON text in order.

    Args:
        text: It has been parsed before, so that its form is known to be right.
    """
    levels: list[_Level] = []
    for token in _TOKEN.finditer(text):
        mark = token.group()[0]
        if mark == '"':
            level = levels[-1] if levels else None
            if level is not None and level.wants_key:
                level.key, level.wants_key = decode_string(token[1], 0)[0], False
            else:
                decoded, places = decode_string(token[1], token.start(1))
                yield JsonString(_path(levels), decoded, token.start(1), places)
        else:
            _walk(levels, mark)


def _walk(levels: list[_Level], mark: str) -> None:
    if mark in "{[":
        levels.append(_Level(is_object=mark == "{"))
    elif mark in "}]":
        levels.pop()
    elif mark == ",":
        levels[-1].index += 1
        levels[-1].wants_key = levels[-1].is_object


def _path(levels: list[_Level]) -> str:
    return "".join(f".{level.step()}" if level.is_object else level.step() for level in levels).removeprefix(".")


def decode_string(raw: str, start: int) -> tuple[str, tuple[int, ...]]:
    """Return what a string says, and where each of its characters stands.

    Half a character, which no text can hold, is replaced by the sign for that.

    Args:
        raw: The string without its quotation marks.
        start: Where it begins.
    """
    if "\\" not in raw:
        return raw, ()
    chars: list[str] = []
    places: list[int] = []
    for found in _CHARACTER.finditer(raw):
        code = int(found[1], 16) if found[1] else 0
        if _LOW <= code < _AFTER and chars and _HIGH <= ord(chars[-1]) < _LOW:
            chars[-1] = chr(0x10000 + ((ord(chars[-1]) - _HIGH) << 10) + (code - _LOW))
            continue
        chars.append(chr(code) if found[1] else _SHORT.get(found[2], found[2]) if found[2] else found[3])
        places.append(start + found.start())
    whole = [char if not _HIGH <= ord(char) < _AFTER else "\N{REPLACEMENT CHARACTER}" for char in chars]
    return "".join(whole), (*places, start + len(raw))


def encode_string(text: str, *, is_ascii: bool) -> str:
    """Return text as it stands inside the quotation marks of a JSON string.

    Args:
        text: What to write.
        is_ascii: The file around it holds no other characters, so none is brought in.
    """
    return json.dumps(text, ensure_ascii=is_ascii)[1:-1]
