"""Reads JSON: its strings, and what their escapes stand for."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from proofkit_core.integrity.reading.offsets import OffsetMap, Span, Tracing

_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?')
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Decoded(NamedTuple):
    """Some ranges of a JSON text with their escapes resolved."""

    text: str
    spans: tuple[Span, ...]
    """The same ranges in the resolved text."""
    offsets: OffsetMap


def is_json(text: str) -> bool:
    """Say whether a text is a JSON object or array."""
    if text.lstrip()[:1] not in {"{", "["}:
        return False
    import json  # noqa: PLC0415 - few texts are JSON, and every command would pay for it

    try:
        # Numbers are not read, and Python refuses to turn one of thousands of digits into an `int`.
        json.loads(text, parse_int=str, parse_float=str)
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def string_spans(text: str) -> Iterator[Span]:
    """Yield the ranges of the strings of a JSON text that are not keys, without their quotation marks."""
    for match in _STRING.finditer(text):
        if match[1] and not match[2]:
            yield match.span(1)


def decode(text: str, spans: Sequence[Span]) -> Decoded:
    """Return ranges of JSON strings with their escapes resolved, and the way back.

    Args:
        text: The JSON text.
        spans: Ranges inside its strings, none cutting an escape in two.
    """
    tracing = Tracing()
    inner: list[Span] = []
    for start, end in spans:
        first = tracing.size
        place = start
        for match in _ESCAPE.finditer(text, start, end):
            tracing.put(text[place : match.start()], place, match.start())
            tracing.put(_unescaped(match.group()), *match.span())
            place = match.end()
        tracing.put(text[place:end], place, end)
        inner.append((first, tracing.size))
        tracing.put("\n", end, end)
    return Decoded(tracing.text(), tuple(inner), tracing.map())


def _unescaped(escape: str) -> str:
    if escape[1] != "u":
        return _SHORT.get(escape[1], escape[1])
    units = [int(unit, 16) for unit in escape.split("\\u")[1:]]
    if len(units) == 1:
        return chr(units[0])
    return chr(0x10000 + ((units[0] - 0xD800) << 10) + units[1] - 0xDC00)
