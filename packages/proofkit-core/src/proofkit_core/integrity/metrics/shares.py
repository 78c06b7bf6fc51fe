"""Decides which shares and ratios are metrics: a third of the callers, one in five, 4:1."""

import re

from proofkit_core.integrity.figures.notation import figure_words
from proofkit_core.integrity.figures.nouns import is_plural
from proofkit_core.integrity.metrics.around import (
    CLAUSE_MARKS,
    Around,
    ends_in_to,
    is_change,
    is_less,
    is_object,
    largest,
)

_OF = re.compile(
    r" (?:of )?(?:(?:the|all|all the|our|its|their|your|these|those) )?(?:\d[\d,.]* )?"
    r"([a-z][a-z'-]+)(?: ([a-z][a-z'-]+))?"
)
_TRIGGER = re.compile(r"\b(?:when|once|until|as soon as|where)\b[^,]*$")
"""What a plan waits for is no outcome."""
_LIKELY = re.compile(r"\b(?:likely|may|might|perhaps|probably)\b")
"""Says itself that it is no more than a guess."""
_STATE = re.compile(r" (?:full|empty|free|idle|occupied|taken|booked)\b")


def shared_noun(around: Around) -> str:
    """Return what a share is a share of: `vans` in `half of the vans`; empty where it is not said."""
    return next((noun for noun in _nouns(around) if is_plural(noun)), "")


def _nouns(around: Around) -> tuple[str, ...]:
    found = _OF.match(around.after)
    return tuple(noun for noun in found.groups() if noun) if found else ()


def is_share_metric(around: Around) -> bool:
    """Say whether a fraction in words tells an outcome or a scale; `hold back a third` is a step of a plan."""
    if _LIKELY.search(around.after) or _TRIGGER.search(around.before):
        return False
    changes = is_change(around)
    if is_less(around) or _STATE.match(around.after) or (changes and ends_in_to(around)):
        return True
    opens = around.before.strip()[-1:] in CLAUSE_MARKS
    return (opens or changes or is_object(around)) and _is_of_things(around)


def _is_of_things(around: Around) -> bool:
    is_half, says_of = around.words == "half", around.after.startswith(" of ")
    nouns = _nouns(around)
    if not nouns or not (is_half or says_of) or any(noun in figure_words("document") for noun in nouns):
        return False
    return not is_half or any(is_plural(noun) for noun in nouns)


def is_ratio_metric(around: Around) -> bool:
    """Say whether two numbers set against each other tell an outcome or a scale."""
    quantity, words = around.quantity, around.words
    if quantity.noun in figure_words("document"):
        return False
    if not quantity.in_words or is_change(around):
        return True
    if words.startswith("every "):
        return around.before.strip()[-1:] in CLAUSE_MARKS
    if " of " in words and " out of " not in words:
        return quantity.noun in figure_words("scale") and largest(quantity._replace(values=quantity.values[:1])) > 1
    return bool(quantity.noun)
