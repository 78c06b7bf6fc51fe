"""Decides whether a model's draft may be used. Each check returns a fall back with its reason, or None."""

import re
import unicodedata

from proofkit_core.composer.wording import listed, sentences
from proofkit_core.faithfulness import anchors, words_kept
from proofkit_core.generation import Completion, FinishReason
from proofkit_core.packet import Fallback, FallbackReason

MIN_RECALL = 0.8
"""Share of the anchors of a person's points that a draft must keep."""
MIN_WORDS = 30
"""A section with fewer words says nothing."""
MAX_REPEATED_SHARE = 0.2
"""Share of a draft's runs of five words that may occur more than once."""
MIN_SCENARIO_ANCHORS = 2
"""A draft about this exercise shares at least so many distinctive words with it."""
_RUN = 5
_WORD = re.compile(r"\w+")


def check_finish(completion: Completion) -> Fallback | None:
    """Refuse a completion that did not come to its own end."""
    if completion.finish_reason is FinishReason.LENGTH:
        return Fallback(reason=FallbackReason.LENGTH, message="the draft ran on without coming to an end")
    if completion.finish_reason is FinishReason.DEADLINE:
        return Fallback(reason=FallbackReason.TIME, message="the draft took longer than the time limit")
    return None


def check_length(text: str, least: int = MIN_WORDS) -> Fallback | None:
    """Refuse a draft with hardly any words."""
    count = len(_WORD.findall(text))
    if count >= least:
        return None
    return Fallback(
        reason=FallbackReason.EMPTY,
        message="the draft was too short to say anything",
        detail=f"{count} words, at least {least} expected",
    )


def _script(char: str) -> str:
    return unicodedata.name(char, "?").split(" ")[0]


def check_script(text: str, typed: str) -> Fallback | None:
    """Refuse letters of a script that the person did not use."""
    known = {"LATIN"} | {_script(c) for c in typed if c.isalpha()}
    foreign = [c for c in text if c.isalpha() and ord(c) > 0x7F and _script(c) not in known]  # noqa: PLR2004
    if not foreign:
        return None
    return Fallback(
        reason=FallbackReason.WRONG_SCRIPT,
        message="the draft slipped into another alphabet",
        detail=f"{len(foreign)} letters such as {foreign[0]!r}",
    )


def check_repetition(text: str) -> Fallback | None:
    """Refuse a draft that goes round in circles."""
    lines = [s.casefold() for s in sentences(text) if len(s.split()) >= _RUN]
    words = [w.casefold() for w in _WORD.findall(text)]
    runs = [tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)]
    share = 1 - len(set(runs)) / len(runs) if runs else 0.0
    if len(set(lines)) == len(lines) and share <= MAX_REPEATED_SHARE:
        return None
    return Fallback(
        reason=FallbackReason.REPETITION,
        message="the draft repeated itself",
        detail=f"{share:.0%} of its runs of {_RUN} words stand twice or more",
    )


def check_points(text: str, typed: str) -> Fallback | None:
    """Refuse a draft that dropped what the person asked to see in it."""
    kept = words_kept(typed, text)
    if kept.recall >= MIN_RECALL:
        return None
    missing = listed([f"“{word}”" for word in kept.missing[:4]])
    return Fallback(
        reason=FallbackReason.DROPPED_POINTS,
        message=f"the draft left out what you typed, for example {missing}",
        detail=f"{kept.kept} of {kept.total} distinctive words kept",
    )


def check_topic(text: str, scenario: str) -> Fallback | None:
    """Refuse a draft that is not about this exercise."""
    expected = anchors(scenario)
    kept = words_kept(scenario, text)
    if kept.kept >= min(MIN_SCENARIO_ANCHORS, len(expected)):
        return None
    return Fallback(
        reason=FallbackReason.OFF_TOPIC,
        message="the draft was about something else",
        detail=f"{kept.kept} words shared with the exercise",
    )
