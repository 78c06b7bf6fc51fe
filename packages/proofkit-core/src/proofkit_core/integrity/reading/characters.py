"""The plain form of characters: compatibility letters, digits of any script, signs, look-alikes of letters."""

import re
import unicodedata
from functools import lru_cache

_SIGNS = {
    ord(char): plain
    for chars, plain in (
        ("\u2018\u2019\u201b\u2032", "'"),
        ("\u201c\u201d\u201e\u201f", '"'),
        ("\u2212\u2010\u2011\ufe63\uff0d", "-"),
        ("\u066a", "%"),
        ("\u066b", "."),
        ("\u066c", ","),
        ("\u115f\u1160\u2800\u3164\uffa0", " "),
        # What the folded view itself uses as signs must not be typed into it.
        ("\ue000\ue001\ufffc", ""),
    )
    for char in chars
}
"""Quotation marks, minus, Arabic number signs and letters that show nothing, in their plain form."""
_MARKS = re.compile(
    r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef]"
)
"""Combining marks of the alphabets, and variation selectors."""
_INVISIBLE = frozenset({"Cf", "Cc", "Cs"})


@lru_cache(maxsize=4096)
def plain_char(char: str) -> str:
    """Return the plain form of one character; empty for one that cannot be seen."""
    char = char.translate(_SIGNS)
    if char.isspace():
        return " "
    if char.isascii():
        return char if char.isprintable() else ""
    decimal = unicodedata.decimal(char, None)
    if decimal is not None:
        return str(decimal)
    if unicodedata.category(char) in _INVISIBLE or _MARKS.match(char):
        return ""
    if unicodedata.category(char) == "No" and unicodedata.decomposition(char).startswith("<super>"):
        return " "
    plain = "".join(map(_without_marks, unicodedata.normalize("NFKC", char)))
    return _MARKS.sub("", plain).translate(_SIGNS)


def _without_marks(char: str) -> str:
    """Return the letter under its accents: é becomes e, a Korean syllable stays whole."""
    parts = unicodedata.normalize("NFD", char)
    return parts[0] if len(parts) == 1 or not _MARKS.sub("", parts[1:]) else char


def fraction(char: str) -> str:
    """Return a vulgar fraction such as ½ as a decimal number; empty for another character."""
    if unicodedata.category(char) != "No" or unicodedata.digit(char, None):
        return ""
    value = unicodedata.numeric(char, None)
    return f"{value:.3f}".rstrip("0") if value is not None and 0 < value < 1 else ""


_LOOKALIKES = {
    "a": "\u0430\u03b1\u0251", "b": "\u042c\u044c", "c": "\u0441\u03f2", "d": "\u0501", "e": "\u0435\u0454\u04bd",
    "g": "\u0261\u0581", "h": "\u04bb\u0570", "i": "\u0456\u03b9\u0131\u04cf", "j": "\u0458\u03f3", "k": "\u043a\u03ba",
    "l": "\u04c0", "n": "\u0578\u03b7", "o": "\u043e\u03bf\u03c3\u0585", "p": "\u0440\u03c1", "q": "\u051b\u0566",
    "s": "\u0455", "u": "\u03c5\u057d", "v": "\u03bd\u0475", "w": "\u051d\u0461\u03c9", "x": "\u0445\u03c7",
    "y": "\u0443\u04af\u03b3", "A": "\u0410\u0391\u13aa", "B": "\u0412\u0392\u13f4", "C": "\u0421\u03f9\u13df",
    "D": "\u13a0", "E": "\u0415\u0395\u13ac", "G": "\u050c\u13c0", "H": "\u041d\u0397\u13bb", "I": "\u0406\u0399",
    "J": "\u0408\u13ab", "K": "\u041a\u039a\u13e6", "L": "\u13de", "M": "\u041c\u039c\u13b7", "N": "\u039d",
    "O": "\u041e\u039f\u0555", "P": "\u0420\u03a1\u13e2", "Q": "\u051a", "R": "\u13a1", "S": "\u0405\u054f\u13da",
    "T": "\u0422\u03a4\u13a2", "U": "\u054d", "V": "\u0474\u13d9", "W": "\u051c\u13b3", "X": "\u0425\u03a7",
    "Y": "\u04ae\u03a5", "Z": "\u0396\u13c3",
}  # fmt: skip
"""Letters of Cyrillic, Greek, Armenian, Cherokee and phonetic Latin that are drawn like a Latin one.

The idea is that of the confusables of the Unicode standard (UTS 39): two texts that look the same have one skeleton.
The choice is our own and small: what common fonts draw alike.
"""
_NEAR_LOOKALIKES = {
    "b": "\u0432\u03b2",
    "e": "\u03b5",
    "h": "\u043d",
    "m": "\u043c",
    "r": "\u0433",
    "t": "\u0442\u03c4",
}
"""Letters that pass for a Latin one only in the middle of Latin letters."""
_SMALL_CAPITALS = dict(
    zip(
        "abcdefghijklmnoprstuvwyz",
        "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731"
        "\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22",
        strict=True,
    )
)
"""Latin letters, drawn small: no other script uses them, so they are always read as what they look like."""
_FRAMED = {start + i: chr(ord("A") + i) for start in (0x1F150, 0x1F170) for i in range(26)}
"""White capitals on black circles and squares, which have no compatibility form."""
_ALWAYS = {ord(char): letter for letter, char in _SMALL_CAPITALS.items()} | _FRAMED
_CLEAR = {ord(char): letter for letter, chars in _LOOKALIKES.items() for char in chars}
_ALL = _CLEAR | {ord(char): letter for letter, chars in _NEAR_LOOKALIKES.items() for char in chars}
_ANY = re.compile(f"[{''.join(map(chr, (*_ALWAYS, *_ALL)))}]")
_WORD = re.compile(r"[^\W\d_]+")


def skeleton(text: str) -> str:
    """Return a text of the same length with look-alikes of Latin letters read as those letters.

    Only in a word that mixes them with Latin letters, and in a word wholly of look-alikes between Latin words: a
    Russian or Greek word in its own sentence stays what it is.

    Args:
        text: Text whose characters are in their plain form.
    """
    if text.isascii() or not _ANY.search(text):
        return text
    text = text.translate(_ALWAYS)
    words = list(_WORD.finditer(text))
    latin = [_is_latin(match.group()) for match in words]
    before = _nearest(latin)
    after = _nearest(latin[::-1])[::-1]
    pieces: list[str] = []
    place = 0
    for match, is_latin, left, right in zip(words, latin, before, after, strict=True):
        if is_latin or (is_latin is None and left is not False and right is not False and (left or right)):
            pieces += [text[place : match.start()], match.group().translate(_ALL)]
            place = match.end()
    return "".join([*pieces, text[place:]])


def _is_latin(word: str) -> bool | None:
    """Say whether a word has a Latin letter; None for one wholly of look-alikes."""
    if word.isascii() or any(char.isascii() for char in word):
        return True
    return None if word.translate(_CLEAR).isascii() else False


def _nearest(latin: list[bool | None]) -> list[bool | None]:
    """Return for each word what the nearest word before it is that is not wholly of look-alikes."""
    found: list[bool | None] = []
    last: bool | None = None
    for is_latin in latin:
        found.append(last)
        last = last if is_latin is None else is_latin
    return found
