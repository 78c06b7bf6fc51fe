"""Cuts a text into words and numbers, each with the names under which it is compared."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from proofkit_core.faithfulness.forms import base_forms, without_tail
from proofkit_core.faithfulness.numbers import (
    GROUPS,
    NTH,
    PARTS,
    SCALES,
    digit_values,
    nth_key,
    number_keys,
    share_keys,
)

_SIGNS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0963\u0966-\u0dff"
    "\u0e31-\u0e3a\u0e47-\u0e4e\u1000-\u109f\u1780-\u17d3"
)
"""Vowel signs and accents: letters of a word, though not to `re`."""
_CHAR = rf"(?:[^\W_]|[{_SIGNS}])"
_NTH = frozenset({"st", "nd", "rd", "th"})
_MEASURES = "am|pm|kg|g|mg|km|cm|mm|ml|l|lbs|lb|oz|hrs|hr|h|mins|min|s|sec|w|p"
_UNIT = "|".join((*SCALES, *sorted(_NTH), _MEASURES))
_VULGAR = "¼-¾⅐-⅞"
_SLASHED = r"[1-7]/[2-8](?![\d/])"
_TOKEN = re.compile(
    rf"""
      (?P<code>(?!\d{{1,3}}(?:\.\d{{3}})+(?![.\d])) \d+(?:\.\d+){{2,}} | \d{{1,2}}:\d\d ) (?!{_CHAR})
    | (?<![\d/]) (?P<fraction>[{_VULGAR}] | {_SLASHED}) (?!{_CHAR})
    | (?P<digits>
          \d{{1,3}} (?P<by>[ \u00a0\u202f\u2009,.'’\u066c]) \d{{3}} (?:(?P=by)\d{{3}})* (?!\d) (?:[.,]\d+)?
        | \d{{1,2}} (?:,\d\d)+ ,\d{{3}}
        | \d+ (?:[.,\u066b]\d+)?
      ) (?P<part>[ \u00a0]?[{_VULGAR}] | [ \u00a0]{_SLASHED})? (?P<unit>{_UNIT})? (?!{_CHAR})
    | (?P<share>[%\uff05\u066a] | \bper[ -]?cent (?:age[ ]points?)? (?!{_CHAR}))
    | (?P<word>{_CHAR}+ (?:['’\u02bc]{_CHAR}+)*)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HYPHENS = "-\u2010\u2011"
_JOINING = frozenset(_HYPHENS)
_BETWEEN = re.compile(rf"[{_HYPHENS} *_`\"“”‘’']*")
_ESCAPE = re.compile(r"\\([^\w\s])")
_BROKEN_WORD = re.compile(rf"(?<=\w)([{_HYPHENS}])[^\S\n]*\n\s*(?=\w)")
_PARAGRAPH = re.compile(r"\n\s*\n")
SHARE = "%"
"""Stands for `%`, `percent` and `per cent`."""


class Token(NamedTuple):
    """A word or number with the names under which it is compared."""

    typed: str
    folded: str
    """Comparison form of a word; empty for a number."""
    keys: frozenset[str]
    start: int
    end: int
    hyphenated: bool
    """A hyphen joins it to the token before."""
    follows: bool
    """Nothing but a space, a hyphen or a mark of emphasis stands between it and the token before."""
    values: frozenset[float] = frozenset()
    """What a number may stand for."""
    goes_on: bool = False
    """Digits that a word may go on with: `1.2 million`."""
    is_share: bool = False
    """A number of percent."""


def plain_view(text: str) -> str:
    """Return a text without Markdown escapes, soft hyphens and line breaks inside a paragraph.

    Args:
        text: Markdown, or plain.
    """
    text = _ESCAPE.sub(r"\1", unicodedata.normalize("NFC", text))
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    paragraphs = _PARAGRAPH.split(_BROKEN_WORD.sub(r"\1", text))
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def scan(view: str) -> Iterator[Token]:
    """Yield the words and digits of a text as they stand there.

    Args:
        view: A text as `plain_view` leaves it.
    """
    end = -1
    for match in _TOKEN.finditer(view):
        gap = view[end : match.start()] if end >= 0 else "."
        joined, follows = gap in _JOINING, gap == " " or bool(_BETWEEN.fullmatch(gap))
        start, end = match.span()
        if match.lastgroup == "word":
            folded = fold_word(match.group())
            yield Token(match.group(), folded, _keys_of_word(folded), start, end, joined, follows)
        elif match["digits"] or match["fraction"]:
            values = _values_of(match)
            keys = number_keys(values) | _more_keys(match, values)
            yield Token(match.group(), "", keys, start, end, joined, follows, values, goes_on=match["unit"] is None)
        elif match["share"]:
            yield Token(match.group(), SHARE, frozenset({SHARE}), start, end, joined, follows)
        else:
            folded = fold_word(match.group())
            yield Token(match.group(), folded, frozenset({folded}), start, end, joined, follows)


@lru_cache(maxsize=16384)
def fold_word(word: str) -> str:
    """Return a word in comparison form, without a possessive; number words stay words."""
    return without_tail(unicodedata.normalize("NFKC", word).casefold().replace("’", "'").replace("\u02bc", "'"))


@lru_cache(maxsize=16384)
def _keys_of_word(folded: str) -> frozenset[str]:
    keys = base_forms(folded)
    if folded in PARTS:
        values = frozenset({PARTS[folded]})
        return keys | number_keys(values) | share_keys(values)
    if folded in NTH:
        return keys | {nth_key(NTH[folded])}
    return keys | number_keys({GROUPS[folded]}) if folded in GROUPS else keys


def _more_keys(match: re.Match[str], values: frozenset[float]) -> frozenset[str]:
    """Return what a fraction and a date's day are also compared under."""
    if match["fraction"]:
        return share_keys(values)
    is_nth = match["unit"] and match["unit"].lower() in _NTH
    return frozenset(map(nth_key, values)) if is_nth else frozenset()


def _values_of(match: re.Match[str]) -> frozenset[float]:
    if match["fraction"]:
        return digit_values(match["fraction"])
    values = digit_values(match["digits"] + (match["part"] or ""))
    unit = (match["unit"] or "").lower()
    if unit not in SCALES:
        return values
    scaled = frozenset(value * SCALES[unit] for value in values)
    # A lone m may also be metres.
    return scaled | values if unit == "m" else scaled
