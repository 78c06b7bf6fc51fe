"""Small moves of English made with words that were given."""

import re
from collections.abc import Sequence

_SHORTENED = "".join(rf"(?<!\b{re.escape(form)})" for form in ("e.g.", "i.e.", "vs.", "Mr.", "Mrs.", "Ms.", "Dr."))
_SENTENCE_END = re.compile(rf"(?:(?<=[.!?…。！？])|(?<=[.!?…。！？][\"'”’)\]])){_SHORTENED}\s+")
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_KEEP_CAPITAL = re.compile(r"^(?:I\b|I'|[A-Z]{2,}|[A-Z][a-z]+day\b)")
_LOOSE_PIPE = re.compile(r"(?<!\\)\|")
_END_MARKS = ".!?…:;。！？"
_FULL_STOPS = " \t.;,:"


def sentences(text: str) -> list[str]:
    """Split text at sentence ends and line breaks; each piece is stripped and none is empty."""
    pieces: list[str] = []
    for line in text.splitlines():
        pieces.extend(piece.strip() for piece in _SENTENCE_END.split(line) if piece and piece.strip())
    return pieces


def bare(text: str) -> str:
    """Return text without surrounding white space, wrapping quotes and a closing full stop."""
    text = " ".join(text.split())
    inner = text[1:-1]
    # Quotes that open and close inside belong to single words and stay.
    if inner.strip() and _QUOTES.get(text[0]) == text[-1] and not {text[0], text[-1]} & set(inner):
        text = inner.strip()
    return text.rstrip(_FULL_STOPS) or text


def capitalised(text: str) -> str:
    """Return text with its first letter in upper case, unless its first word is a name such as `iPhone` or a link."""
    first = text.split(" ", 1)[0]
    if any(c.isupper() for c in first) or "://" in first or "@" in first:
        return text
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return text that can follow a comma: first letter in lower case unless it is `I`, an acronym or a weekday."""
    if _KEEP_CAPITAL.match(text) or any(c.isupper() for c in text.split(" ", 1)[0][1:]):
        return text
    return text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """Return text as one sentence: capital first, a mark at the end."""
    text = capitalised(bare(text) if not text.rstrip().endswith(("?", "!", "…")) else " ".join(text.split()))
    return text if text.rstrip("\"'”’").endswith(tuple(_END_MARKS)) else f"{text}."


def prose(text: str) -> str:
    """Return what a person typed as sentences, each with its capital and its end mark, words untouched."""
    return " ".join(sentence(piece) for piece in sentences(text))


def listed(items: Sequence[str]) -> str:
    """Join items as `a`, `a and b` or `a, b and c`."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def with_article(noun: str) -> str:
    """Return a noun phrase with `a` or `an`, by its first letter; good enough for the titles of sample types."""
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def cell(text: str) -> str:
    """Return text that stays one table cell: one line, its pipes escaped, no closing stop."""
    return _LOOSE_PIPE.sub(r"\|", capitalised(bare(text)))


def escaped(text: str) -> str:
    """Return a person's words so that Markdown shows them as typed and they cannot start a block."""
    text = re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", text)
    # In `1.` the mark is escaped: a backslash before a digit would be shown.
    return re.sub(r"^(\s*\d*)([-+.)])(?=\s)", r"\1\\\2", text)
