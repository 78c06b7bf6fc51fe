"""Finds outcome and scale metrics that carry no label and are no fact."""

import re
from collections.abc import Iterator
from functools import cache

from proofkit_core.integrity.claims import Claim, Standing
from proofkit_core.integrity.lexicon import any_of, load_lexicon
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.passages import PassageKind
from proofkit_core.integrity.quantities import Quantity, UnitKind, read_quantities, same_quantity

LABEL = " (h)"
LABELLED = re.compile(
    r"\(h\)|\bhypothetical|\bassum(?:e|es|ed|ing|ption|ptions)\b|\bestimat(?:e|es|ed|ing|ion)\b|\billustrative\b|"
    r"\bmade[- ]up\b|\binvented\b|\bfor (?:this|the) exercise\b"
)
_ALL_LABELLED = re.compile(
    r"\b(?:all|the|any|every|these|its) (?:other )?(?:figures?|numbers?|amounts?|targets?|values?|metrics)\b[^.;|]{0,40}?\b(?:is|are)\b"
    r"(?! marked)[^.;|]{0,30}?\b(?:hypothetical|invented|assum\w+|estimates?|estimated|illustrative|made for this exercise)\b"
)
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s?(?:-|–|and|to|or|,)\s?\d{{1,2}}(?:st|nd|rd|th)?)*\s(?:of\s)?{_MONTH}\b(?:\s\d{{4}})?"
    rf"|\b{_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?\b(?!\s?%)|\b{_MONTH}\s\d{{4}}\b"
    rf"|\b{_DAY},?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?!\s?[%\w])"
    r"|\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b|\b\d{1,2}[:.]\d{2}\s?(?:am|pm|h)?\b(?!\s?%)|\b\d{1,2}\s?(?:am|pm|a\.m|p\.m|o'clock)\b"
    r"|\b\d+(?:st|nd|rd|th)\b|\b24/7\b"
)
_BEFORE_HORIZON = re.compile(
    r"\b(?:first|next|last|past|coming|following|initial|opening|final|previous|another|every|each|after|for|in|within the first|"
    r"during the|age|aged|over the|until|till|by day|day|week)\s(?:about\s|around\s|just\s|only\s|the\s|next\s|first\s)*$"
)
_BEFORE_PERIOD = re.compile(r"\b(?:pilot|trial|period|window|plan|notice|course|cycle|sprint|programme|program)s? (?:of|for|over) (?:about )?$")
_AFTER_HORIZON = re.compile(
    r"^(?:\s|-)(?:later|ago|before|after|old|of age|earlier|in advance|from now|a (?:day|week|month|year)|per (?:day|week|month)|"
    r"notice|pilot|trial|plan|period|window|sprint|cycle|course|of experience)\b"
)
_OUTCOME = re.compile(
    r"\b(?:reduc|cut|sav|shorten|lower|halv|increas|rais|boost|improv|grow|grew|speed|fast|quick|slow|longer|shorter|drop|fell|"
    r"fall|ris|rose|response|turnaround|wait|queue|lead time|downtime|cycle time|delay|average|median|target|sla\b|overtime|"
    r"lost|lose|take|took|last|extra|less|fewer|more|from|answer|handl|resol|process|deliver|reach|serv|achiev|hit\b)"
)
_COMPARED = re.compile(
    r"(?:\b(?:under|below|less than|fewer than|more than|over|above|at least|at most|up to|no more than|maximum of|max|within|about|"
    r"around|roughly|approximately|nearly|almost|average of|by|to|of|is|are|was|were|takes?|took|lasts?|needs?|saves?|saved|cuts?|"
    r"costs?|loses?|wait(?:s|ing)?(?: of)?|spends?|an extra|another)|[<>≤≥~=])\s?$"
)
_CHANGED_BY = re.compile(
    r"\b(?:reduc\w+|cut\w*|sav\w+|shorten\w*|lower\w*|increas\w+|rais\w+|boost\w*|improv\w+|grow\w*|grew|dropp?\w*|fell|rose)\b"
    r"[^.;:]{0,80}\b(?:by|from|to) (?:about |around |over |nearly |up to )?$"
)
_SURE = re.compile(r"^\s(?:sure|certain|committed|confident|honest|dedicated|agree|true|correct|clear|in agreement)\b")
_SCORE = re.compile(
    r"\b(?:score|rating|nps|csat|average|accuracy|conversion|ratio|satisfaction)s?(?: \w+)? (?:of|to|at|from|above|below|under|over|is|was)\s(?:\d+(?:\.\d+)? to )?"
    r"(?P<n>\d+(?:[.,]\d+)?(?:\s?/\s?\d+| out of \d+)?)(?![\w%]|\.\d)"
)
_VALUE_HEADER = re.compile(r"\b(?:target|goal|today|baseline|now|value|estimate|cost|budget|volume|amount|price|expected|after|before)\b")
_BARE_CELL = re.compile(r"[<>~≤≥]?\s?\d[\d.,]*(?:\s?/\s?\d+)?$")
_DIGIT = re.compile(r"\d")
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
    dates = [match.span() for match in _DATE.finditer(lower)] if _DIGIT.search(lower) else []
    labelled_column = _header_says(page, LABELLED)
    for quantity in _with_scores(lower, _with_value_cell(page, read_quantities(lower))):
        start, end = quantity.start, quantity.end
        if any(start < high and low < end for low, high in dates) or page.folded.is_protected(start, end):
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
    return bool(_ALL_LABELLED.search(page.lower))


def _with_scores(lower: str, quantities: list[Quantity]) -> list[Quantity]:
    scores = [
        Quantity(m.start("n"), m.end("n"), (frozenset({float(re.split(r"[\s/]", m["n"])[0].replace(",", "."))}),), UnitKind.SHARE)
        for m in _SCORE.finditer(lower)
    ]
    kept = [
        q for q in quantities
        if q.kind in {UnitKind.PERCENT, UnitKind.TIME, UnitKind.MONEY} or not any(s.start < q.end and q.start < s.end for s in scores)
    ]  # fmt: skip
    scores = [s for s in scores if not any(s.start < q.end and q.start < s.end for q in kept)]
    return sorted([*kept, *scores], key=lambda q: q.start)


def _with_value_cell(page: Page, quantities: list[Quantity]) -> list[Quantity]:
    """Read a cell that holds nothing but a number as a metric where its column is about values."""
    if page.passage.header is None or not _BARE_CELL.match(page.lower) or not _header_says(page, _VALUE_HEADER):
        return quantities
    return [
        Quantity(q.start, q.end, q.values, UnitKind.SHARE) if q.kind is UnitKind.NONE else q for q in quantities
    ]


def _header_says(page: Page, pattern: re.Pattern[str]) -> bool:
    return page.header_text is not None and bool(pattern.search(page.header_text))


def _is_metric(page: Page, quantity: Quantity) -> bool:
    lower = page.lower
    before = lower[max(0, quantity.start - 90) : quantity.start]
    after = lower[quantity.end : quantity.end + 40]
    if not any(quantity.values) or _numbers_a_thing().search(before):
        return False
    if quantity.kind is UnitKind.PERCENT:
        return not _SURE.match(after)
    if quantity.kind is UnitKind.TIME:
        return _is_outcome_time(page, quantity, before, after)
    if quantity.kind is UnitKind.SHARE and quantity.in_words:
        counted = re.match(r"\s([a-z-]+)", after)
        return bool(counted and counted[1] in load_lexicon().quantities) or bool(_CHANGED_BY.search(before))
    if quantity.kind in {UnitKind.MONEY, UnitKind.SHARE}:
        return True
    return quantity.kind is UnitKind.COUNT and _is_scale(quantity, lower[quantity.start : quantity.end], before)


def _is_outcome_time(page: Page, quantity: Quantity, before: str, after: str) -> bool:
    if quantity.in_words:
        return bool(_CHANGED_BY.search(before))
    if quantity.hyphenated or _AFTER_HORIZON.match(after) or _BEFORE_PERIOD.search(before):
        return bool(_CHANGED_BY.search(before)) or bool(
            quantity.hyphenated and re.match(r"\s(?:response|wait\w*|turnaround|delay|target|limit|reduction|improvement|saving)", after)
        )
    if _BEFORE_HORIZON.search(before):
        return False
    low, high = page.clause_at(quantity.start)
    return bool(_COMPARED.search(before) or _OUTCOME.search(page.lower[low:high]))


def _is_scale(quantity: Quantity, page_words: str, before: str) -> bool:
    lexicon = load_lexicon()
    largest = max((max(options) for options in quantity.values if options), default=0.0)
    if quantity.noun in lexicon.document:
        return bool(largest > _BIG_WORD)
    if quantity.in_words:
        is_round = page_words.startswith(("a ", "hundred"))
        big = largest >= _BIG_WORD and not is_round
        return quantity.noun in lexicon.quantities and (big or bool(_CHANGED_BY.search(before)))
    if quantity.is_group or quantity.noun in lexicon.quantities:
        return True
    return largest >= _BIG_COUNT and quantity.noun.endswith("s") and not 1900 <= largest <= 2100  # noqa: PLR2004 - years


@cache
def _numbers_a_thing() -> re.Pattern[str]:
    """A number behind such a noun is its name; behind `per week` it is a number again."""
    return re.compile(rf"(?<!per )(?<!each )(?<!every )(?<!a )(?<!one )\b{any_of(load_lexicon().numbered)}s?\.? (?:\d+ (?:and|to|or) )?$")


def _is_labelled(page: Page, quantity: Quantity) -> bool:
    low, high = page.clause_at(quantity.start)
    if LABELLED.search(page.lower, low, min(len(page.lower), max(high, quantity.end + len(LABEL)))):
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
