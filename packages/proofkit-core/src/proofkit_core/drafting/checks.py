"""Decides whether a model's draft may be used. Each check returns a fall back with its reason, or None."""

import re
from functools import lru_cache

from proofkit_core.cleaning import script_of
from proofkit_core.faithfulness import distinctive_stems, words_kept
from proofkit_core.generation import Completion, FinishReason
from proofkit_core.packet import Fallback, FallbackReason
from proofkit_core.wording import listed, sentences

NOTE_RECALL = 1.0
"""Share of the anchors of a person's notes that a draft must keep: they were promised to be in it, in their words."""
MIN_RECALL = 0.8
"""The same for their answers, which a draft may put more briefly."""
MIN_WORDS = 30
"""A section with fewer words says nothing."""
MAX_REPEATED_SHARE = 0.2
"""Share of a draft's runs of five words that may occur more than once."""
MIN_SCENARIO_ANCHORS = 2
"""A draft about this exercise shares at least so many distinctive words with it."""
MIN_GROUNDED_SHARE = 0.4
"""Share of a draft's statements that must have a distinctive word in common with the brief or the exercise.

Measured on texts written by hand: good ones explain in words of their own, and few of them stay under it.
"""
MIN_GROUNDED_POINTS = 0.7
"""The same for what travels in single lines, such as bullets and talking points: each of them stands alone."""
_STATEMENT_WORDS = 5
_RUN = 5
_ENDS = (".", "!", "?", "…", ")", "”", '"', ":", "|", "**")
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_NO_BULLET = re.compile(
    r"^(?:simulated project[^:]*:\s*)?(?:the|this|these|it|i|a|an|my|we|you|your|there)\b", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\[S\d+\]|\d+(?:[.,:]\d+)*")


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


def check_script(text: str, typed: str) -> Fallback | None:
    """Refuse letters of a script that the person did not use."""
    if text.isascii():
        return None
    known = {"LATIN"} | {script_of(c) for c in set(typed) if c.isalpha()}
    foreign = [c for c in text if c.isalpha() and ord(c) > 0x7F and script_of(c) not in known]  # noqa: PLR2004
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


def check_points(text: str, typed: str, least: float = MIN_RECALL) -> Fallback | None:
    """Refuse a draft that dropped what the person asked to see in it."""
    kept = words_kept(typed, text)
    if kept.recall >= least:
        return None
    missing = listed([f"“{word}”" for word in kept.missing[:4]])
    return Fallback(
        reason=FallbackReason.DROPPED_POINTS,
        message=f"the draft left out what you typed, for example {missing}",
        detail=f"{kept.kept} of {kept.total} distinctive words kept",
    )


def check_topic(text: str, scenario: str) -> Fallback | None:
    """Refuse a draft that is not about this exercise."""
    expected = _known(scenario)
    kept = words_kept(scenario, text)
    if kept.kept >= min(MIN_SCENARIO_ANCHORS, len(expected)):
        return None
    return Fallback(
        reason=FallbackReason.OFF_TOPIC,
        message="the draft was about something else",
        detail=f"{kept.kept} words shared with the exercise",
    )


def check_grounded(text: str, sources: str, least: float = MIN_GROUNDED_SHARE) -> Fallback | None:
    """Refuse a draft whose statements have nothing to do with what the person typed or the exercise says."""
    known = _known(sources)
    statements = [line for line in sentences(text) if len(_WORD.findall(line)) >= _STATEMENT_WORDS]
    loose = [line for line in statements if not known & distinctive_stems(line)]
    if not statements or 1 - len(loose) / len(statements) >= least:
        return None
    return Fallback(
        reason=FallbackReason.OFF_TOPIC,
        message="the draft was about something else",
        detail=f"{len(loose)} of {len(statements)} statements share no word with the brief, such as {loose[0]!r}",
    )


def _known(sources: str) -> frozenset[str]:
    """Return the comparison forms of the distinctive words of a text."""
    return frozenset[str]().union(*map(_known_of_line, sources.splitlines()))


@lru_cache(maxsize=256)
def _known_of_line(line: str) -> frozenset[str]:
    """Return the same for a line; most lines are sources of many drafts."""
    return distinctive_stems(line)


def figures_lost(text: str, draft: str) -> list[str]:
    """Return the numbers and citations of a draft that a rewritten one does not hold.

    Args:
        text: The new text.
        draft: The text before.
    """
    kept = frozenset(_FIGURE.findall(text))
    return [figure for figure in dict.fromkeys(_FIGURE.findall(draft)) if figure not in kept]


def check_figures_kept(text: str, draft: str) -> Fallback | None:
    """Refuse a rewritten draft that lost a number or a citation.

    Args:
        text: The new text.
        draft: The text before.
    """
    lost = figures_lost(text, draft)
    if not lost:
        return None
    return Fallback(
        reason=FallbackReason.DROPPED_POINTS,
        message=f"a number or a source is missing in the new text: {listed(lost[:4])}",
        detail=f"{len(lost)} numbers or citations lost",
    )


def check_whole(text: str) -> Fallback | None:
    """Refuse a draft that breaks off in mid-sentence or holds stray brackets."""
    broken = next((line for line in text.splitlines() if line.strip() and not _is_whole(line.strip())), None)
    if broken is None:
        return None
    return Fallback(
        reason=FallbackReason.BAD_FORMAT, message="the draft broke off in mid-sentence", detail=f"{broken[-60:]!r}"
    )


def check_brackets(text: str) -> Fallback | None:
    """Refuse remarks with stray brackets."""
    broken = next((line for line in text.splitlines() if not _is_balanced(line)), None)
    if broken is None:
        return None
    return Fallback(
        reason=FallbackReason.BAD_FORMAT, message="the draft broke off in mid-sentence", detail=f"{broken[-60:]!r}"
    )


def _is_balanced(line: str) -> bool:
    return all(line.count(opening) == line.count(closing) for opening, closing in _PAIRS)


def _is_whole(line: str) -> bool:
    if not _is_balanced(line):
        return False
    is_item = line.startswith(("-", "*", "|", "#")) or line[:1].isdigit()
    return is_item or line.endswith(_ENDS)


def check_bullets(text: str) -> Fallback | None:
    """Refuse résumé bullets that are talk about bullets: each starts with what was done."""
    talk = next((line for line in text.splitlines() if _NO_BULLET.match(line.strip(" -*"))), None)
    if talk is None:
        return None
    return Fallback(
        reason=FallbackReason.BAD_FORMAT, message="the draft did not read like résumé bullets", detail=f"{talk[:60]!r}"
    )


def check_questions(text: str) -> Fallback | None:
    """Refuse talking points, question and answer in turn, in which a question does not ask."""
    odd = [q for q in text.splitlines()[::2] if not q.rstrip().endswith("?")]
    if not odd:
        return None
    return Fallback(
        reason=FallbackReason.BAD_FORMAT, message="the draft did not hold questions and answers", detail=f"{odd[0]!r}"
    )
