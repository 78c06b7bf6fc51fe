"""Decides which figures are metrics: how much, how many, how fast, how good; not dates, names, horizons or counts of parts.

The evidence is the structure around a figure: what directs it (`falls to`, `saves`), what it is set against
(`fewer`, `a week`, an arrow), and what it counts.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from proofkit_core.integrity.notation import figure_pattern, figure_words
from proofkit_core.integrity.nouns import is_plural, noun_after
from proofkit_core.integrity.quantity import Quantity, UnitKind

_ORDERS = frozenset({"double", "triple", "halve"})
_MANY = 10
"""So many things are a scale, whatever they are."""
_BIG_WORD = 100
_NAMED = frozenset({UnitKind.NONE, UnitKind.COUNT, UnitKind.RATIO})
_YEAR = re.compile(r"(?:19|20)\d\d(?![\d.,'])")
_LABEL_BEFORE = re.compile(r"(?:^|[.!?;,(] ?|- )([a-z][^:.!?;]{2,60}): ?$")
_ENDS = re.compile(r"\s*(?:[.;,!)]|$|\s[-–—(])")
_OF_PEOPLE = re.compile(
    r" (?:of )?(?:(?:the|all|all the|our|its|their|your|these|those) )?(?:\d[\d,.]* )?([a-z][a-z'-]+)(?: ([a-z][a-z'-]+))?"
)
_TO = re.compile(r"\b(?:to|by|under|below|above|over|than|at)(?: (?:only|just|about|around|nearly|almost|a|an))*? $")
_CLAUSE_MARKS = frozenset({"", ".", ":", ";", ",", "!", "?", "("})
_TRIGGER = re.compile(r"\b(?:when|once|until|as soon as|where)\b[^,]*$")
"""What a plan waits for is no outcome."""
_LIKELY = re.compile(r"\b(?:likely|may|might|perhaps|probably)\b")
"""Says itself that it is no more than a guess."""
_STATE = re.compile(r" (?:full|empty|free|idle|occupied|taken|booked)\b")


class Around(NamedTuple):
    """A figure with what stands around it, folded."""

    quantity: Quantity
    words: str
    """The figure itself."""
    before: str
    """Its sentence up to it."""
    after: str
    """What follows its unit."""
    behind: str
    """What follows its noun."""
    clause: str
    header: str
    row_label: str
    sentence: str
    whole: str
    """A list item, a cell or a short line, whole; empty for prose."""
    is_cell: bool
    is_header: bool
    is_named: bool


def is_metric(around: Around) -> bool:
    """Say whether a figure tells an outcome or a scale."""
    named = around.quantity.kind in _NAMED and figure_pattern("numbered").search(around.before)
    if named or (around.is_cell and _named_by_header(around)):
        return False
    if around.is_header and around.quantity.in_words:
        return False
    return _RULES[around.quantity.kind](around)


def is_change(around: Around) -> bool:
    """Say whether a figure tells by how much or to what something changes."""
    return bool(
        figure_pattern("change_to").search(around.before)
        or around.quantity.signed
        or figure_pattern("more_after").match(around.after)
        or around.before.endswith(" by ")
    )


def shared_noun(around: Around) -> str:
    """Return what a share is a share of: `vans` in `half of the vans`; empty where it is not said."""
    found = _OF_PEOPLE.match(around.after)
    return next((noun for noun in (found.groups() if found else ()) if noun and is_plural(noun)), "")


def _named_by_header(around: Around) -> bool:
    return bool(figure_pattern("name_header").search(around.header)) and around.quantity.kind in {
        UnitKind.NONE,
        UnitKind.COUNT,
    }


def _always(_: Around) -> bool:
    return True


def _is_moved(around: Around) -> bool:
    """Say whether a verb or a comparison directs the figure."""
    return (
        is_change(around)
        or bool(figure_pattern("gain").search(around.before))
        or bool(figure_pattern("change_direct").search(around.before))
    )


def _is_rate(around: Around) -> bool:
    return bool(figure_pattern("rate_after").match(around.behind))


def _label_of_value(around: Around) -> str:
    """Return the label of a figure written as `label: figure`, or in a cell, or nothing."""
    if around.is_cell:
        return f"{around.row_label} {around.header}"
    found = _LABEL_BEFORE.search(around.before)
    return found[1] if found else ""


def _is_money(around: Around) -> bool:
    return any(any(options) for options in around.quantity.values)


def _is_factor(around: Around) -> bool:
    if around.quantity.in_words and (around.is_cell or (not around.before.strip() and around.words in _ORDERS)):
        # `Double the faces of the fastest lines` is a step of a plan.
        return False
    return not around.words.endswith("times") or bool(
        re.match(r" (?:as|more|fewer|less|the|over|[a-z]+er)\b", around.after)
    )


def _is_measure(around: Around) -> bool:
    if around.before.endswith("per "):
        return False
    if _is_moved(around) or _is_rate(around) or _label_of_value(around):
        return True
    noun, _ = noun_after(around.behind, 0)
    return not around.quantity.in_words and not around.quantity.hyphenated and not noun


def _is_time(around: Around) -> bool:
    quantity, before, after = around.quantity, around.before, around.after
    if quantity.signed or figure_pattern("less_after").match(after):
        return True
    if quantity.hyphenated:
        return bool(figure_pattern("after_hyphenated").match(after))
    if figure_pattern("after_horizon").match(after) or figure_pattern("before_period").search(before):
        return _moved_to(around)
    label = "" if quantity.in_words and around.is_cell else _label_of_value(around)
    if label and figure_pattern("measured").search(label):
        return True
    if figure_pattern("before_horizon").search(before):
        return _takes_so_long(around)
    if (
        not quantity.in_words
        and figure_pattern("gain").search(before)
        and not figure_pattern("planning").search(around.clause)
    ):
        return True
    if figure_pattern("schedule_after").match(after) or quantity.in_words:
        return _moved_to(around) or _is_gained(around)
    return bool(figure_pattern("compared").search(before) or figure_pattern("outcome").search(around.clause))


def _moved_to(around: Around) -> bool:
    """Say whether a figure in words is what something changes to or by; `from two buildings` is a place."""
    is_range = len(around.quantity.values) > 1
    return bool(figure_pattern("change_to").search(around.before)) and (is_range or bool(_TO.search(around.before)))


def _is_gained(around: Around) -> bool:
    gain = figure_pattern("gain").search(around.before)
    return bool(gain) and bool(
        re.match(
            r"(?:sav|spar|giv|gav|free|gain|los|wast|add|win|won|cost|shav|cut|av|prev)", gain.group() if gain else ""
        )
    )


def _takes_so_long(around: Around) -> bool:
    """Say whether `in 20 minutes` tells how long something takes, and not when the plan goes on."""
    if not figure_pattern("in_time").search(around.before) or around.quantity.in_words:
        return False
    return not figure_pattern("planning").search(around.clause)


def _is_count(around: Around) -> bool:
    quantity = around.quantity
    largest = max(max(options) for options in quantity.values)
    noun = quantity.noun
    if around.is_named or (_YEAR.match(around.words) and noun not in figure_words("scale")):
        return False
    if quantity.signed:
        return True
    if noun in figure_words("document"):
        return largest > _BIG_WORD
    plural = is_plural(noun)
    if quantity.in_words:
        is_round = around.words.startswith(("a ", "hundred", "thousand"))
        big = largest >= _BIG_WORD and not is_round
        if figure_pattern("less_after").match(around.after):
            return True
        return (
            plural
            and largest > 1
            and (big or (_is_rate(around) and _is_moved(around)) or bool(_moved_to(around)) or _is_gained(around))
        )
    if quantity.is_group or noun in figure_words("scale"):
        return True
    return (plural and largest >= _MANY) or _is_rate(around) or is_change(around)


def _is_bare(around: Around) -> bool:
    quantity = around.quantity
    if around.is_named or (_YEAR.fullmatch(around.words) and not quantity.signed):
        return False
    if quantity.in_words:
        return False
    if around.before.endswith("per "):
        return False
    if max(quantity.values[0]) >= _MANY and figure_pattern("gain").search(around.before):
        return True
    if _is_rate(around) or quantity.signed or figure_pattern("score").search(around.before):
        return True
    if figure_pattern("change_to").search(around.before) or figure_pattern("more_after").match(around.after):
        return not _is_clock(around)
    if around.is_cell and figure_pattern("bare_cell").match(around.whole):
        largest = max(max(options) for options in quantity.values)
        return largest >= _MANY or bool(figure_pattern("value_header").search(_label_of_value(around)))
    label = _LABEL_BEFORE.search(around.before)
    return bool(label) and bool(_ENDS.match(around.behind)) and not _is_document(label[1] if label else "")


def _is_clock(around: Around) -> bool:
    """Say whether a bare number of up to two digits may be an hour: `from 9 to 5`."""
    return bool(re.search(r"\b(?:open|shut|close\w*|opens|shift|between|hours?)\b", around.before))


def _is_document(label: str) -> bool:
    return any(word in figure_words("document") or word in figure_words("numbered") for word in label.split()[-1:])


def _is_ratio(around: Around) -> bool:
    quantity = around.quantity
    if quantity.noun in figure_words("document"):
        return False
    if not quantity.in_words or is_change(around):
        return True
    if around.words.startswith("every ") and around.before.strip()[-1:] not in _CLAUSE_MARKS:
        return False
    if " of " in around.words and " out of " not in around.words:
        return quantity.noun in figure_words("scale") and max(quantity.values[0]) > 1
    return is_plural(quantity.noun)


def _is_share(around: Around) -> bool:
    if _LIKELY.search(around.after) or _TRIGGER.search(around.before):
        return False
    if figure_pattern("less_after").match(around.after) or (is_change(around) and _TO.search(around.before)):
        return True
    if _STATE.match(around.after):
        return True
    opens = around.before.strip()[-1:] in _CLAUSE_MARKS
    if not opens and not figure_pattern("gain").search(around.before) and not is_change(around):
        return False
    of = _OF_PEOPLE.match(around.after)
    if not of or (not around.after.startswith(" of ") and around.words != "half"):
        return False
    nouns = [noun for noun in (of[1], of[2]) if noun]
    if any(noun in figure_words("document") for noun in nouns):
        return False
    return any(is_plural(noun) for noun in nouns) or around.words != "half" and around.after.startswith(" of ")


_RULES: dict[UnitKind, Callable[[Around], bool]] = {
    UnitKind.PERCENT: _always,
    UnitKind.MONEY: _is_money,
    UnitKind.TIME: _is_time,
    UnitKind.MEASURE: _is_measure,
    UnitKind.COUNT: _is_count,
    UnitKind.SHARE: _is_share,
    UnitKind.RATIO: _is_ratio,
    UnitKind.FACTOR: _is_factor,
    UnitKind.NONE: _is_bare,
}
