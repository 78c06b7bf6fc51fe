"""Finds outcome and scale metrics that carry no label and are no fact."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from proofkit_core.integrity.claims import Claim, Standing
from proofkit_core.integrity.lexicon import load_lexicon
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.passages import PassageKind
from proofkit_core.integrity.patterns import pattern
from proofkit_core.integrity.quantities import Quantity, UnitKind, read_quantities, same_quantity

LABEL = " (h)"
_DIGIT = re.compile(r"\d")
_WITH_UNIT = frozenset({UnitKind.PERCENT, UnitKind.TIME, UnitKind.MONEY})
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_BIG_WORD = 100
_BIG_COUNT = 20


def read_metrics(page: Page, *, all_labelled: bool) -> Iterator[Claim]:
    """Yield the metrics of a passage: labelled, supported or open.

    Args:
        page: The passage.
        all_labelled: The text says once that all its figures are hypothetical.
    """
    if page.passage.kind is PassageKind.CODE:
        return
    lower = page.lower
    dates = [match.span() for match in pattern("date").finditer(lower)] if _DIGIT.search(lower) else []
    date_starts = [low for low, _ in dates]
    labelled_column = _header_says(page, pattern("labelled"))
    for quantity in _with_scores(lower, _with_value_cell(page, read_quantities(lower))):
        start, end = quantity.start, quantity.end
        near = dates[max(0, bisect_left(date_starts, start) - 1) : bisect_left(date_starts, end)]
        if any(start < high for _, high in near) or page.folded.is_protected(start, end):
            continue
        if not _is_metric(page, quantity):
            continue
        if all_labelled or labelled_column or _is_labelled(page, quantity):
            yield page.claim("metric.unlabelled", start, end, Standing.EXEMPT)
            continue
        ref = _support(page, quantity)
        if ref:
            yield page.claim("metric.unlabelled", start, end, Standing.SUPPORTED, support=(ref,))
            continue
        yield page.claim("metric.unlabelled", start, end, Standing.OPEN, changes=((end, end, LABEL),))


def says_all_labelled(page: Page) -> bool:
    """Say whether a passage declares all figures of the text hypothetical."""
    return bool(pattern("all_labelled").search(page.lower))


def _with_scores(lower: str, quantities: list[Quantity]) -> list[Quantity]:
    """Add bare numbers that a word makes a metric, as in `NPS of 40`; a number with a unit of its own wins."""
    scores = [
        Quantity(m.start("n"), m.end("n"), (frozenset({_leading_number(m["n"])}),), UnitKind.SHARE)
        for m in pattern("score").finditer(lower)
    ]  # fmt: skip
    kept: list[Quantity] = []
    for quantity in sorted([*quantities, *scores], key=lambda q: q.start):
        if not kept or kept[-1].end <= quantity.start:
            kept.append(quantity)
        elif quantity.kind in _WITH_UNIT or kept[-1].kind not in _WITH_UNIT | {UnitKind.SHARE}:
            kept[-1] = quantity
    return kept


def _leading_number(text: str) -> float:
    return float(re.split(r"[\s/]", text)[0].replace(",", "."))


def _with_value_cell(page: Page, quantities: list[Quantity]) -> list[Quantity]:
    """Read a cell that holds nothing but a number as a metric where its column is about values."""
    if (
        page.passage.header is None
        or not pattern("bare_cell").match(page.lower)
        or not _header_says(page, pattern("value_header"))
    ):
        return quantities
    return [Quantity(q.start, q.end, q.values, UnitKind.SHARE) if q.kind is UnitKind.NONE else q for q in quantities]


def _header_says(page: Page, what: re.Pattern[str]) -> bool:
    return page.header_text is not None and bool(what.search(page.header_text))


def _is_metric(page: Page, quantity: Quantity) -> bool:
    lower = page.lower
    before = lower[max(0, quantity.start - 90) : quantity.start]
    after = lower[quantity.end : quantity.end + 40]
    if not any(quantity.values) or pattern("numbered").search(before):
        return False
    if quantity.kind is UnitKind.PERCENT:
        return not pattern("sure").match(after)
    if quantity.kind is UnitKind.TIME:
        return _is_outcome_time(page, quantity, before, after)
    if quantity.kind is UnitKind.SHARE and quantity.in_words:
        counted = re.match(r"\s([a-z-]+)", after)
        return bool(counted and counted[1] in load_lexicon().quantities) or bool(pattern("changed_by").search(before))
    if quantity.kind in {UnitKind.MONEY, UnitKind.SHARE}:
        return True
    return quantity.kind is UnitKind.COUNT and _is_scale(quantity, lower[quantity.start : quantity.end], before)


def _is_outcome_time(page: Page, quantity: Quantity, before: str, after: str) -> bool:
    if quantity.in_words:
        return bool(pattern("changed_by").search(before))
    if quantity.hyphenated or pattern("after_horizon").match(after) or pattern("before_period").search(before):
        return bool(pattern("changed_by").search(before)) or bool(
            quantity.hyphenated and pattern("after_hyphenated").match(after)
        )
    if pattern("before_horizon").search(before):
        return False
    low, high = page.clause_at(quantity.start)
    return bool(pattern("compared").search(before) or pattern("outcome").search(page.lower[low:high]))


def _is_scale(quantity: Quantity, words: str, before: str) -> bool:
    lexicon = load_lexicon()
    largest = max((max(options) for options in quantity.values if options), default=0.0)
    if _YEAR.match(words) and quantity.noun not in lexicon.quantities:
        return False
    if quantity.noun in lexicon.document:
        return bool(largest > _BIG_WORD)
    if quantity.in_words:
        is_round = words.startswith(("a ", "hundred"))
        big = largest >= _BIG_WORD and not is_round
        return quantity.noun in lexicon.quantities and (big or bool(pattern("changed_by").search(before)))
    if quantity.is_group or quantity.noun in lexicon.quantities:
        return True
    return largest >= _BIG_COUNT and quantity.noun.endswith("s")


def _is_labelled(page: Page, quantity: Quantity) -> bool:
    low, high = page.clause_at(quantity.start)
    if pattern("labelled").search(page.lower, low, min(len(page.lower), max(high, quantity.end + len(LABEL)))):
        return True
    # A number word of a quantity may be labelled before its noun, in the middle of it.
    return "(h)" in page.lower[quantity.start : quantity.end]


def _support(page: Page, quantity: Quantity) -> str:
    if page.is_users_own(quantity.start, quantity.end):
        return "user"
    scenario, user = page.facts.scenario, page.facts.user
    if quantity.kind is UnitKind.SHARE and len(quantity.values) > 1:
        return scenario.holds_all(quantity.values) or user.carries_number(quantity)
    return scenario.carries_number(quantity) or user.carries_number(quantity) or _citation(page, quantity)


def _citation(page: Page, quantity: Quantity) -> str:
    """Return the citation in the same sentence that resolves to a fact with this number."""
    start, end = page.sentence_at(quantity.start)
    cited = re.findall(r"\[(s\d+)\]", page.lower[start:end])
    for sentence in page.facts.scenario.sentences:
        if sentence.ref.lower() in cited:
            bare = Quantity(0, 0, quantity.values, UnitKind.NONE)
            if any(same_quantity(bare, known) for known in sentence.quantities):
                return sentence.ref
    return ""
