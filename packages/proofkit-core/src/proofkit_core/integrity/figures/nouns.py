"""Finds the noun behind a number."""

from proofkit_core.integrity.figures.notation import figure_pattern, figure_words
from proofkit_core.integrity.figures.numerals import SMALL_NUMBERS


def noun_after(lower: str, place: int) -> tuple[str, int]:
    """Return the noun of the phrase behind a number, and where it ends.

    The phrase ends at the first word of a closed class; its noun is its first plural, else its first word.

    Args:
        lower: Folded text.
        place: Where the number ends.
    """
    match = figure_pattern("phrase").match(lower, place)
    stop = figure_words("stop") if match else frozenset[str]()
    comparative = figure_words("comparative") if match else frozenset[str]()
    first: tuple[str, int] | None = None
    for group in ("first", "second", "third"):
        word = match[group] if match else None
        if not match or not word or (word in stop and word not in comparative) or word in SMALL_NUMBERS:
            break
        if word in comparative:
            continue
        if is_plural(word):
            return word, match.end(group)
        first = first or (word, match.end(group))
    return first or ("", place)


def is_plural(word: str) -> bool:
    """Say whether a word looks like a plural noun."""
    return (word.endswith("s") and not word.endswith(("ss", "us", "is", "'s"))) or word in figure_words("plural")
