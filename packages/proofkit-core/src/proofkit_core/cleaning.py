"""Cleans what people paste: invisible characters out, line ends made equal, instructions recognised as data."""

import re
import unicodedata
from typing import NamedTuple

_JOINERS = {"\u200c", "\u200d"}
_KEEP = {"\n", "\t"}
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,60}\b(?:rules|instructions?|prompts?|the above|everything above|"
    r"all above|previous (?:text|lines?|messages?)|disclosures?)\b"
    r"|\bsystem prompt\b|\byou are now\b|\bas an ai\b|<\|[a-z_]+\|>\s*(?:system|assistant)"
    r"|\b(?:do not|don't|never)\s+(?:mention|say|disclose)\b[^.\n]{0,40}\b(?:fictional|simulated|practice piece)\b"
    r"|\b(?:say|write|claim|pretend|tell them)\s+(?:that\s+)?I\s+(?:have\s+)?"
    r"(?:worked|was employed|was hired|led|managed)\b",
    re.IGNORECASE,
)

_PRIVATE = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|\b(?:\+?\d[\s()-]?){9,}\b|\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z]\w+|\broom \d+\b|\bbed \d+\b"
)


class Cleaned(NamedTuple):
    """Text and how many characters were taken out of it."""

    text: str
    removed: int


def clean_text(text: str, *, compatibility: bool = False) -> Cleaned:
    """Remove what cannot be seen: NUL and control characters, bidirectional controls, zero-width and tag characters.

    Joiners stay between two letters beyond ASCII, where scripts and emoji need them.

    Args:
        text: As it was typed or pasted.
        compatibility: Fold look-alike forms (NFKC), for text that is only searched, such as a job ad.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = [char for i, char in enumerate(text) if _stays(char, text[i - 1 : i], text[i + 1 : i + 2])]
    cleaned = unicodedata.normalize("NFKC" if compatibility else "NFC", "".join(kept))
    return Cleaned(cleaned, len(text) - len(kept))


def _stays(char: str, before: str, after: str) -> bool:
    if char in _KEEP:
        return True
    if char in _JOINERS:
        return bool(before and after) and not before.isascii() and not after.isascii()
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def reads_as_instruction(text: str) -> bool:
    """Say whether a text talks to the program instead of about the work."""
    return bool(_INSTRUCTION.search(text))


def looks_private(text: str) -> bool:
    """Say whether a text holds what looks like somebody's contact data or a named person in care."""
    return bool(_PRIVATE.search(text))
