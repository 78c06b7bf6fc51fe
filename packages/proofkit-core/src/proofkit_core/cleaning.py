"""Cleans what people paste: invisible characters out, line ends made equal, instructions recognised as data."""

import re
import unicodedata
from functools import lru_cache
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

_OWN_MARK = re.compile(r"[ \t]*\(\s*h\s*\)")
_SOURCE_MARK = re.compile(r"\[\s*(S\d+)\s*\]")
_SAYS_NOTHING = frozenset(
    ("", "don t know", "dunno", "empty", "i don t know", "idk", "n a", "na", "nil", "no", "no idea", "none",
     "none really", "nope", "not applicable", "nothing", "nothing really", "null", "tba", "tbd", "to do", "todo", "xxx")
)  # fmt: skip
_NO_JOB = _SAYS_NOTHING | frozenset(
    ("any", "any job", "anything", "a job", "asd", "asdf", "asdfgh", "blah", "foo", "job", "not sure", "qwerty",
     "something", "test", "unknown", "unsure", "what job fits me", "whatever", "work")
)  # fmt: skip
_ENGLISH = frozenset(
    ("and", "are", "been", "by", "for", "from", "have", "i", "my", "not", "of", "our", "that", "the", "their", "they",
     "this", "to", "who", "with", "you", "your")
)  # fmt: skip
"""Common words that few other languages share."""
_ENOUGH_WORDS = 20
_ENGLISH_SHARE = 0.05
"""Notes in telegram style hold a tenth of such words; other languages hold a few that look the same."""


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


def without_marks(text: str) -> str:
    """Return a text without ProofKit's own marks, which only ProofKit may set: `(h)` goes, `[S1]` becomes `S1`."""
    while True:  # taking one mark out can close up another around it
        bare = _SOURCE_MARK.sub(r"\1", _OWN_MARK.sub("", text))
        if bare == text:
            return text
        text = bare.strip()


def says_nothing(text: str) -> bool:
    """Say whether an entry only fills a place, such as `none`, `n/a` or `...`."""
    return _bare_words(text) in _SAYS_NOTHING


def names_no_job(text: str) -> bool:
    """Say whether a role only fills a place, such as `idk`, `test` or `12`."""
    words = _bare_words(text)
    return words in _NO_JOB or not any(char.isalpha() for char in words)


def reads_as_english(text: str) -> bool:
    """Say whether a text seems to be English; a text of fewer than 20 words counts as such."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return len(words) < _ENOUGH_WORDS or sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words)


def _bare_words(text: str) -> str:
    """Return letters and digits, one space between words; emoji count as words, for they may mean something."""
    kept = "".join(char if char.isalnum() or unicodedata.category(char) == "So" else " " for char in text.casefold())
    return " ".join(kept.split())


@lru_cache(maxsize=4096)
def script_of(char: str) -> str:
    """Return the script that a letter belongs to, as the first word of its Unicode name, such as `LATIN`."""
    return unicodedata.name(char, "?").split(" ")[0]
