"""Finds outcome and scale metrics that carry no label and are no fact."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.claims.claim import Change, Claim, Standing
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.facts.numbers import carries_number, computed_from
from proofkit_core.integrity.figures.notation import figure_pattern
from proofkit_core.integrity.figures.quantities import Quantity, UnitKind, same_quantity
from proofkit_core.integrity.metrics.around import Around, is_change
from proofkit_core.integrity.metrics.labels import first_look, is_exempt, says_all_labelled, says_label
from proofkit_core.integrity.metrics.outcomes import is_metric
from proofkit_core.integrity.metrics.phrases import label_place
from proofkit_core.integrity.metrics.shares import shared_noun
from proofkit_core.integrity.metrics.surroundings import read_surroundings
from proofkit_core.integrity.reading.passages import PassageKind

__all__ = ["LABEL", "read_metrics", "says_all_labelled"]

LABEL = " (h)"
LONG_LABEL = " (hypothetical)"
_NAMES = ("date", "named")
_BARE = frozenset({UnitKind.NONE, UnitKind.COUNT, UnitKind.RATIO, UnitKind.MEASURE, UnitKind.TIME})
_CITED = re.compile(r"\bs(\d{1,6})\b")
"""Folding may have taken the brackets of `[s2]` away."""
_WORD = re.compile(r"[a-z]{4,}")
_BEFORE = 90
_AFTER = 40
_NEAR = 20
"""No date or phone number reaches further around one of its numbers."""


def read_metrics(page: Page, *, all_labelled: bool, label: str = LABEL) -> Iterator[Claim]:
    """Yield the metrics of a passage: exempt, supported or open.

    Args:
        page: The passage.
        all_labelled: The text says once that all its figures are hypothetical.
        label: What marks a figure as hypothetical.
    """
    if page.passage.kind is PassageKind.CODE:
        return
    quantities = page.quantities
    if not quantities:
        return
    reading = first_look(page)
    surroundings = read_surroundings(page.source)
    first = page.passage.spans[0][0]
    labelled = (
        all_labelled
        or first in surroundings.labelled
        or (page.header_text is not None and says_label(page.header_text))
    )
    row_label = surroundings.row_labels.get(first, "")
    for number, quantity in enumerate(quantities):
        if page.folded.is_protected(quantity.start, quantity.end):
            continue
        around = _around(page, quantity, row_label)
        if is_metric(around) and not _is_name(page.lower, quantity):
            exempt = labelled or is_exempt(reading, quantity)
            yield _claim(page, around, number, label, exempt=exempt)


def _is_name(lower: str, quantity: Quantity) -> bool:
    """Say whether a figure is part of a date, a time, a phone number, a code or an idiom."""
    patterns = _NAMES if quantity.kind in _BARE and not quantity.in_words else ()
    if quantity.in_words or quantity.kind is UnitKind.PERCENT:
        patterns = (*patterns, "idiom")
    low, high = max(0, quantity.start - _NEAR), quantity.stop + _NEAR
    if quantity.kind is UnitKind.RATIO and figure_pattern("timed").search(lower, low, quantity.start):
        # `3:40` after `takes` is a duration, and no time of day.
        return False
    return any(
        match.start() < quantity.stop and quantity.start < match.end()
        for name in patterns
        for match in figure_pattern(name).finditer(lower, low, high)
    )


def _around(page: Page, quantity: Quantity, row_label: str) -> Around:
    low, high = page.sentence_at(quantity.start)
    clause = page.clause_at(quantity.start)
    before = page.lower[max(low, quantity.start - _BEFORE) : quantity.start]
    return Around(
        quantity=quantity,
        words=page.lower[quantity.start : quantity.end],
        before=before,
        after=page.lower[quantity.stop : quantity.stop + _AFTER],
        behind=page.lower[quantity.end : quantity.end + _AFTER],
        clause=page.lower[clause[0] : max(clause[1], quantity.end)],
        header=page.header_text or "",
        row_label=row_label,
        sentence=page.lower[low:high],
        whole=page.lower if page.passage.kind is not PassageKind.TEXT or len(page.lower) <= _BEFORE else "",
        is_cell=page.passage.kind is PassageKind.CELL and not page.passage.is_header,
        is_header=page.passage.is_header,
        is_named=_is_named(page, quantity),
    )


def _is_named(page: Page, quantity: Quantity) -> bool:
    """Say whether a bare number follows a name: Windows 11, Area 51."""
    if quantity.kind not in {UnitKind.NONE, UnitKind.COUNT} or quantity.signed:
        return False
    text = page.folded.text
    word = re.search(r"(\S+) $", text[max(0, quantity.start - _AFTER) : quantity.start])
    if not word or not word[1][:1].isupper() or not word[1][1:].islower():
        return False
    return quantity.start - len(word.group()) > page.sentence_at(quantity.start)[0] + 1


def _claim(page: Page, around: Around, number: int, label: str, *, exempt: bool) -> Claim:
    quantity = around.quantity
    start, end = quantity.start, quantity.end
    if exempt:
        return page.claim("metric.unlabelled", start, end, Standing.EXEMPT)
    ref = _support(page, around)
    if ref:
        return page.claim("metric.unlabelled", start, end, Standing.SUPPORTED, support=(ref,))
    place = label_place(page.lower, quantity)
    if any(quantity.end <= other.start < place for other in page.quantities[number + 1 : number + 2]):
        place = end
    claim = page.claim("metric.unlabelled", start, end, Standing.OPEN, changes=((place, place, label),))
    return replace(claim, changes=tuple(_behind_power(page.source, change) for change in claim.changes))


def _behind_power(source: str, change: Change) -> Change:
    """Return a label's change moved behind a raised digit: folding leaves it out, so `10²` seems to end before it."""
    place = change.start
    while unicodedata.category(source[place : place + 1] or " ") == "No":
        place += 1
    return Change(place, place, change.after)


def _support(page: Page, around: Around) -> str:
    quantity = around.quantity
    if page.is_users_own(quantity.start, quantity.end):
        return "user"
    scenario = page.facts.scenario.figures

    def about() -> frozenset[str]:
        said = f"{around.row_label} {around.header} {around.sentence}"
        return frozenset(stem(word) for word in _WORD.findall(said))

    ref = carries_number(scenario, quantity, about) or carries_number(page.facts.user.figures, quantity, about)
    if not ref and not is_change(around):
        ref = computed_from(scenario, quantity, shared_noun(around))
    return ref or _citation(page, quantity)


def _citation(page: Page, quantity: Quantity) -> str:
    """Return the citation in the same sentence that resolves to a fact with this number."""
    start, end = page.sentence_at(quantity.start)
    cited = {f"s{int(number)}" for number in _CITED.findall(page.lower[start:end])}
    bare = Quantity(0, 0, quantity.values, UnitKind.NONE)
    for sentence in page.facts.scenario.sentences if cited else ():
        if sentence.ref.lower() in cited and any(same_quantity(bare, known) for known in sentence.quantities):
            return sentence.ref
    return ""
