"""Compares texts of different formats by their letters and digits alone, so that marks and layout do not matter."""

import re

_PICTURE = re.compile(r"!\[(?P<words>[^\]\n]*)\]\((?P<address>[^)\s]*)[^)\n]*\)")
_NO_LETTERS = re.compile(r"\[S\d+\]|https?://[^\s)]+|(?<=\S)\s+\"[^\"\n]*\"(?=\))")
"""Citations, addresses and titles of links: formats show them in different ways."""


def letters_with_places(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, and the place of each.

    Args:
        text: Plain text, or Markdown whose marks are not shown; a picture is shown by its words, else by its address.
    """
    skipped = [found.span() for found in _NO_LETTERS.finditer(text)]
    skipped += [picture.span("address") for picture in _PICTURE.finditer(text) if picture["words"]]
    places = [n for n, char in enumerate(text) if char.isalnum()]
    if skipped:
        places = [n for n in places if not any(start <= n < end for start, end in skipped)]
    return "".join(text[n] for n in places), places


def letters_in(text: str) -> str:
    """Return the letters and digits of a text."""
    return letters_with_places(text)[0]
