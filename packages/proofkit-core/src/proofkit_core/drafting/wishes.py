"""Measures whether a rewritten text is what the person wished for, where that can be counted.

Only one wish can: that the text be shorter. Whether a text is clearer or more specific is for the person to say.
"""

import re

from proofkit_core.cleaning import without_marks
from proofkit_core.drafting.checks import MIN_WORDS
from proofkit_core.drafting.reading import Check
from proofkit_core.packet import Fallback, FallbackReason

SHORTER_SHARE = 0.9
"""Share of the words before that a shorter text may have at most.

Of the 26 examples of this wish that a model is trained on, 24 leave more words out, and half of them over a quarter.
"""
_WORD = re.compile(r"\S*\w\S*")
_TEXT = r"(?:it|this|that|(?:the|this)\s+(?:text|section|part)|everything)"
_DEGREE = r"(?:(?:a\s+(?:bit|little|lot)|much|even|somewhat|far)\s+)?"
_LESS = r"(?:shorter|briefer|more\s+concise|less\s+wordy)"
_SHORTER = re.compile(
    rf"(?:please,?\s+)?(?:(?:make|keep|get)\s+{_TEXT}\s+{_DEGREE}{_LESS}|{_DEGREE}{_LESS}|"
    rf"(?:shorten|cut|trim)\s+{_TEXT}(?:\s+(?:down|short))?|(?:use\s+)?fewer\s+words),?(?:\s+please)?\W*",
    re.IGNORECASE,
)
"""A wish for fewer words and nothing else. `Make it shorter and add a risk` is not counted: it wishes for more, too."""


def wants_fewer_words(action: str) -> bool:
    """Say whether a wish is that the text be shorter, and nothing else.

    Args:
        action: What to do, such as `Make it shorter`, or words of the person's own.
    """
    return bool(_SHORTER.fullmatch(" ".join(action.split())))


def wish_checks(action: str, before: str) -> tuple[Check, ...]:
    """Return what a new text is measured by beside the checks that all pass; nothing where the wish cannot be counted.

    Args:
        action: What to do with the text.
        before: The text as it is.
    """
    return (lambda text: check_shorter(text, before),) if wants_fewer_words(action) else ()


def check_shorter(text: str, before: str) -> Fallback | None:
    """Refuse a text that was to be shorter and is not, or hardly.

    Args:
        text: The new text.
        before: The text as it is.
    """
    now, was, most = _count(text), _count(before), _most(before)
    if now <= most:
        return None
    told = "hardly" if now < was else "not"
    return Fallback(
        reason=FallbackReason.WISH_MISSED,
        message=f"the new text was {told} shorter: {now} words instead of {was}",
        detail=f"at most {most} words expected",
    )


def impossible(action: str, before: str) -> Fallback | None:
    """Say why no new text could be what is wished for, so that no model need be asked.

    Args:
        action: What to do with the text.
        before: The text as it is.
    """
    if not wants_fewer_words(action) or _most(before) >= MIN_WORDS:
        return None
    return Fallback(
        reason=FallbackReason.WISH_MISSED,
        message=f"it has only {_count(before)} words, and a section needs {MIN_WORDS} to say something",
        detail=f"at most {_most(before)} words expected",
    )


def _count(text: str) -> int:
    """Return how many words a person would count; the marks of the exercise are none."""
    return len(_WORD.findall(without_marks(text)))


def _most(before: str) -> int:
    return int(SHORTER_SHARE * _count(before))
