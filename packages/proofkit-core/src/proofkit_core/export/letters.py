"""Compares texts of different formats by their letters and digits alone, so that marks and layout do not matter."""

import re

_NO_LETTERS = re.compile(r"\[S\d+\]|https?://[^\s)]+|(?<=[^\s])\s+\"[^\"\n]*\"(?=\))|!\[[^\]\n]*\]\([^)\s]*\)")
"""Citations, addresses, titles of links and pictures: formats show them in different ways."""


def letters_with_places(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, and the place of each.

    Args:
        text: Plain text, or Markdown whose marks are not shown.
    """
    skipped = [found.span() for found in _NO_LETTERS.finditer(text)]
    places = [n for n, char in enumerate(text) if char.isalnum()]
    if skipped:
        places = [n for n in places if not any(start <= n < end for start, end in skipped)]
    return "".join(text[n] for n in places), places


def letters_in(text: str) -> str:
    """Return the letters and digits of a text."""
    return letters_with_places(text)[0]
