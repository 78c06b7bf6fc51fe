"""Says how a figure is meant: labelled as hypothetical, aimed at, asked, supposed, denied or quoted."""

import re
from typing import NamedTuple

from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.figures.notation import figure_pattern
from proofkit_core.integrity.figures.quantity import Quantity

_LEAD_INS = 2
"""So many clauses before a colon or a dash may hold the label of what follows."""
_NEAR = 24
_LEADS = frozenset({":", "-", "\u2013", "\u2014"})
_SPENT = re.compile(r",|\b(?:and|or|but|while|plus)\b")
"""A label in brackets reaches no further."""


def says_label(lower: str) -> bool:
    """Say whether a heading, a lead-in or a cell calls its figures hypothetical, assumed or a target."""
    return any(True for _ in _marks(lower, 0, len(lower))) or "(h)" in lower


def says_all_labelled(page: Page) -> bool:
    """Say whether a passage declares all figures of the whole text hypothetical."""
    found = find_declaration(page.lower)
    return found is not None and not figure_pattern("here_only").search(found)


def find_declaration(lower: str) -> str | None:
    """Return the words that declare figures hypothetical, those of the text or of a part of it."""
    found = figure_pattern("all_labelled").search(lower) or figure_pattern("all_short").search(lower)
    if not found or figure_pattern("not_label").search(lower, max(0, found.start() - _NEAR), found.start()):
        return None
    return found.group()


class Reading(NamedTuple):
    """A passage with what a first look says about it, so that most figures need no second one."""

    page: Page
    is_marked: bool
    """Some word of it labels figures."""
    is_supposing: bool
    is_denying: bool


def first_look(page: Page) -> Reading:
    """Return a passage with what a first look says about it."""
    lower = page.lower
    return Reading(
        page,
        is_marked=bool(figure_pattern("any_mark").search(lower)),
        is_supposing=bool(figure_pattern("any_condition").search(lower)),
        is_denying=bool(figure_pattern("any_negation").search(lower)),
    )


def is_exempt(reading: Reading, quantity: Quantity) -> bool:
    """Say whether nothing is claimed with a figure.

    Args:
        reading: Its passage.
        quantity: The figure.
    """
    page = reading.page
    if (reading.is_marked and _is_labelled(page, quantity)) or page.is_quoted(quantity.start):
        return True
    low, high = page.sentence_at(quantity.start)
    return (
        _is_asked(page.lower, low, high)
        or (reading.is_supposing and _is_supposed(page.lower, quantity, low, high))
        or (reading.is_denying and _is_denied(page, quantity, low))
    )


def _is_asked(lower: str, low: int, high: int) -> bool:
    if "?" not in lower[max(low, high - 6) : high]:
        return False
    asked = lower[low:high]
    return asked.rstrip(" \"')]!*").endswith("?") and not figure_pattern("tag_question").search(asked)


def _is_supposed(lower: str, quantity: Quantity, low: int, high: int) -> bool:
    """Say whether a condition in the same half of the sentence carries the figure."""
    low = max(low, lower.rfind(";", low, quantity.start) + 1)
    half = lower.find(";", quantity.end, high)
    for condition in figure_pattern("condition").finditer(lower, low, high if half < 0 else half):
        place = condition.start()
        asking = figure_pattern("asked_if").search(lower, max(low, place - _NEAR), place)
        if not asking and condition.group() != "whether":
            return True
        if place < quantity.start and "," not in lower[place : quantity.start]:
            return True
    return False


def _is_denied(page: Page, quantity: Quantity, low: int) -> bool:
    lower, start = page.lower, quantity.start
    told = figure_pattern("told_negated").search(lower, low, start)
    if told and ";" not in lower[told.end() : start] and " but " not in lower[told.end() : start]:
        return True
    clause = page.clause_at(start)[0]
    found = list(figure_pattern("negated").finditer(lower, max(low, clause), start))
    return bool(found) and not figure_pattern("negation_spent").search(lower, found[-1].end(), start)


def _is_labelled(page: Page, quantity: Quantity) -> bool:
    lower = page.lower
    if "(h" in lower[quantity.start : quantity.end] or figure_pattern("right_behind").match(lower, quantity.end):
        return True
    low, high = page.clause_at(quantity.start)
    low, high = _lead_in(page, low), max(high, quantity.end)
    if figure_pattern("trailing_label").match(lower, high):
        return True
    for bracket in figure_pattern("bracket_label").finditer(lower, low, min(len(lower), high + _NEAR)):
        behind = bracket.start() >= quantity.end
        between = lower[bracket.end() : quantity.start]
        if (behind and bracket.start() <= high) or (bracket.end() <= quantity.start and not _SPENT.search(between)):
            return True
    return any(not in_brackets for in_brackets in _marks(lower, low, high))


def _lead_in(page: Page, low: int) -> int:
    """Return where a clause begins, with the clauses before a colon or a dash that lead it in."""
    for _ in range(_LEAD_INS):
        mark = page.lower[max(0, low - 2) : low].strip()[-1:]
        if low < 2 or mark not in _LEADS:  # noqa: PLR2004 - a mark and the letter before it
            return low
        before = page.clause_at(low - 2)[0]
        if before >= low or (mark != ":" and any(char.isdigit() for char in page.lower[before:low])):
            return low
        low = before
    return low


def _marks(lower: str, low: int, high: int) -> list[bool]:
    """Return for each word that labels figures in a range whether it stands in brackets of its own."""
    found: list[bool] = []
    for match in figure_pattern("labelled").finditer(lower, low, high):
        place = match.start()
        near = max(low, place - _NEAR)
        if figure_pattern("not_label").search(lower, near, place) or figure_pattern("of_organisation").match(
            lower, match.end()
        ):
            continue
        opened = lower.rfind("(", low, place + 1)
        bracketed = opened >= 0 and figure_pattern("bracket_label").match(lower, opened)
        found.append(bool(bracketed and bracketed.end() >= match.end()))
    for match in figure_pattern("aimed").finditer(lower, low, high):
        near = max(low, match.start() - _NEAR)
        reached = figure_pattern("aim_reached").search(lower, near, match.start())
        denied = figure_pattern("not_label").search(lower, near, match.start())
        if not reached and not denied and not figure_pattern("aim_was").match(lower, match.end()):
            found.append(lower[match.start() - 1 : match.start()] == "(")
    return found
