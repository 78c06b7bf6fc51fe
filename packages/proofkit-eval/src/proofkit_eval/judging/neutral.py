"""Makes text harmless that is put in front of a judge: it cannot end its own frame or pass for the judge's reply."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

__all__ = ["CLOSE", "OPEN", "neutralise"]

OPEN, CLOSE = "<<<TEXT", "TEXT>>>"
"""What frames every text in a judge's prompt."""

_FRAME = re.compile(r"<{2,}|>{2,}")
_CHAT = re.compile(
    r"<[|\uff5c]([^\n<>]{0,80}?)[|\uff5c]>|<(/?(?:s|think|system|user|assistant))>|\[(/?INST)\]", re.IGNORECASE
)
_GRADE = re.compile(
    r"^(?P<lead>[\W_]*)(?P<word>grades?|scores?|ratings?|verdicts?|final|axis|item|answer|reply)(?P<gap>[^\S\n]*[*_`\"']*[^\S\n]*[:=])",
    re.IGNORECASE | re.MULTILINE,
)
_BETTER = re.compile(
    r"^(?P<lead>[\W_]*)(?P<word>(?i:better))[^\S\n]*[*_`\"']*[^\S\n]*[:=](?=[\W_]*(?:[AB]|[Tt]ie)\b)", re.MULTILINE
)
_JOINERS = {"\u200c", "\u200d"}
_NO_SPACE = {"\t", "\n"}


def neutralise(text: str, names: Iterable[str] = ()) -> str:
    """Return a text as a judge may see it.

    Runs of angle brackets, chat tokens and lines that look like a grade are broken up; characters without a shape,
    which can hide an order, become visible. Every letter stays, so that a judge can still see what was tried.

    Args:
        text: An answer, or anything else that did not come from this program.
        names: What a judge's reply grades, such as the ids of axes; a line that grades one of them is broken up too.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(_visible(before, char) for before, char in pairwise(f"\n{lines}"))
    shown = _CHAT.sub(lambda found: f"[markup: {next(part for part in found.groups() if part is not None)}]", shown)
    shown = _FRAME.sub(lambda found: " ".join(found.group()), shown)
    for pattern in (_GRADE, _BETTER, *(_graded(name) for name in names)):
        shown = pattern.sub(lambda found: f"{found['lead']}the answer says “{found['word']}” -", shown)
    return shown


def _graded(name: str) -> re.Pattern[str]:
    told = re.escape(name).replace("_", r"[_ \-]")
    lines = rf"^(?P<lead>[\W_]*)(?P<word>{told})[^\S\n]*[*_`\"']*[^\S\n]*[:=](?=[\W_]*(?:[1-5]|yes|no)\b)"
    return re.compile(lines, re.IGNORECASE | re.MULTILINE)


def _visible(before: str, char: str) -> str:
    if char in _JOINERS and not before.isascii():
        return char  # part of an emoji, or of a word in a script that needs it
    if char in _NO_SPACE or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}:
        return char
    return f"[U+{ord(char):04X}]"
