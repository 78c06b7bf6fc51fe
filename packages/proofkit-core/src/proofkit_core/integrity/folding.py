"""The folded view: text in one plain form for matching, with the way back to the original.

Only matching looks at the folded view; edits are made on the original. Folding makes case of digits, look-alike forms,
invisible characters, Markdown emphasis, line wrapping and kinds of space irrelevant.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MASK = "\ufffc"
"""Stands for an address: nothing in it is matched or edited."""
COMPANY = "\ue000"
"""Stands for each letter of the fictional company's name."""
PERSON = "\ue001"
"""Stands for each letter of the person's own name."""

_ADDRESS = r"(?:https?://|www\.)[^\s<>|\"')\]]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,64}"
_TAG = r"</?(?:a|b|br|code|div|em|hr|i|li|mark|ol|p|s|small|span|strong|sub|sup|u|ul)(?:\s+[\w-]+=\"[^\"<>]*\")*\s*/?>"
_SPECIAL = re.compile(
    rf"(?P<address>{_ADDRESS})|(?P<tag>{_TAG})"
    r"|(?P<link>\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,200}\")?\))|(?P<entity>&#?\w{1,12};)"
    r"|(?P<cite>\[S\d+\])|(?P<escape>\\[!-/:-@\[-`{-~])|(?P<code>`+)|(?P<space>[^\S ]\s*| \s+)"
    r"|(?P<mark>[*_~\[\]])|(?P<other>[^\x00-\x7f])"
)
_PLAIN = {
    ord(char): plain
    for chars, plain in (
        ("\u2018\u2019\u201b\u2032", "'"),
        ("\u201c\u201d\u201e\u201f", '"'),
        ("\u2212", "-"),
        ("\u066a", "%"),
        ("\u066b", "."),
        ("\u066c", ","),
    )
    for char in chars
}
"""Quotation marks, minus and Arabic number signs in their plain form."""
_HYPHENS = frozenset("\u2010\u2011\ufe63\uff0d")


@dataclass(frozen=True, slots=True)
class Folded:
    """A passage in plain form."""

    text: str
    """Case kept."""
    lower: str
    """The same length as `text`."""
    starts: Sequence[int]
    """Place of each folded character in the original."""
    ends: Sequence[int]
    """Place right after it."""
    protected: tuple[tuple[int, int], ...]
    """Folded ranges that may be read but never edited: inline code."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original range of a folded one; an empty one stands right behind the character before it."""
        if start >= end:
            place = self.ends[start - 1] if start else self.starts[0]
            return place, place
        return self.starts[start], self.ends[end - 1]

    def is_protected(self, start: int, end: int) -> bool:
        """Say whether a folded range touches inline code."""
        return any(start < high and low < end for low, high in self.protected)


class _Folding:
    """Collects the folded characters of one passage."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.size = 0
        self.code_starts: list[int] = []

    def run(self, text: str, start: int, end: int) -> None:
        self.pieces.append(text[start:end])
        self.starts.extend(range(start, end))
        self.ends.extend(range(start + 1, end + 1))
        self.size += end - start

    def put(self, chars: str, start: int, end: int) -> None:
        self.pieces.append(chars)
        self.starts.extend([start] * len(chars))
        self.ends.extend([end] * len(chars))
        self.size += len(chars)


def fold_passage(text: str, spans: Sequence[tuple[int, int]], company: str = "", people: Sequence[str] = ()) -> Folded:
    """Return the folded view of some ranges of a text, joined by single spaces.

    Args:
        text: The original.
        spans: Ranges of the original that make up one passage.
        company: Name whose letters are replaced by `COMPANY`, in full or by its first word.
        people: Names whose letters are replaced by `PERSON`, in the same way.
    """
    folding = _Folding()
    for start, end in spans:
        if folding.size and end > start:
            folding.put(" ", folding.ends[-1], start)
        _fold_range(folding, text, start, end)
    whole = "".join(folding.pieces)
    lower = whole.lower()
    if len(lower) != len(whole):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in whole)
    ticks = folding.code_starts
    protected = tuple(zip(ticks[::2], ticks[1::2], strict=False))
    lower = _hide_name(lower, company, COMPANY)
    for name in people:
        lower = _hide_name(lower, name, PERSON)
    return Folded(whole, lower, folding.starts, folding.ends, protected)


def _hide_name(lower: str, full_name: str, sign: str) -> str:
    """Return lower-case text with a name replaced, letter by letter, so that places stay the same."""
    name = fold_plain(full_name)
    first = name.split(" ", 1)[0]
    if not first or first not in lower:
        return lower
    pattern = rf"\b{re.escape(first)}(?:{re.escape(name[len(first) :])})?(?!\w)"
    return re.sub(pattern, lambda m: sign * len(m.group()), lower)


@lru_cache(maxsize=64)
def fold_plain(text: str) -> str:
    """Return a short text in lower-case folded form, without the way back."""
    return fold_passage(text, [(0, len(text))]).lower.strip() if text else ""


def _fold_range(folding: _Folding, text: str, start: int, end: int) -> None:
    place = start
    for match in _SPECIAL.finditer(text, start, end):
        if match.start() > place:
            folding.run(text, place, match.start())
        place = match.end()
        _fold_special(folding, text, match, end)
    if end > place:
        folding.run(text, place, end)


def _fold_special(folding: _Folding, text: str, match: re.Match[str], limit: int) -> None:
    start, end = match.span()
    kind = match.lastgroup
    if kind == "address":
        folding.put(MASK, start, end)
    elif kind == "entity":
        folding.put(_folded_char(html.unescape(match.group())[:1]), start, end)
    elif kind == "cite":
        folding.run(text, start, end)
    elif kind == "escape":
        folding.put(match.group()[1], start, end)
    elif kind == "code":
        folding.code_starts.append(folding.size)
    elif kind == "space":
        folding.put(" ", start, end)
    elif kind == "mark":
        if _stands_alone(text, start, limit):
            folding.run(text, start, end)
    elif kind == "other":
        folding.put(_folded_other(text, start), start, end)


def _stands_alone(text: str, place: int, limit: int) -> bool:
    """Say whether `*` or `_` is a character of the text and not emphasis."""
    before, after = text[place - 1 : place], text[place + 1 : min(place + 2, limit)]
    if text[place] == "*":
        return before.isspace() and after.isspace()
    return text[place] == "_" and before.isalnum() and after.isalnum()


def _folded_other(text: str, place: int) -> str:
    char = text[place]
    # A vulgar fraction after a digit is part of that number: 2½ is 2.5, not 21 over 2.
    if unicodedata.category(char) == "No" and not unicodedata.digit(char, None):
        value = unicodedata.numeric(char, None)
        if value is not None and 0 < value < 1:
            tail = f"{value:.3f}".rstrip("0")
            return tail[1:] if text[place - 1 : place].isdigit() else tail
    return _folded_char(char)


def _folded_char(char: str) -> str:
    plain = char.translate(_PLAIN)
    if plain.isascii():
        return plain
    if char in _HYPHENS:
        return "-"
    decimal = unicodedata.decimal(char, None)
    if decimal is not None:
        return str(decimal)
    category = unicodedata.category(char)
    if category in {"Cf", "Cc"} or "\u0300" <= char <= "\u036f" or "\ufe00" <= char <= "\ufe0f":
        return ""
    if category == "No" and unicodedata.decomposition(char).startswith("<super>"):
        return " "
    return "".join(c for c in unicodedata.normalize("NFKD", char) if not "\u0300" <= c <= "\u036f")
