"""Reads what stands around a number: its currency, its sign and its unit."""

import re
from typing import NamedTuple

from proofkit_core.integrity.figures.notation import figure_pattern
from proofkit_core.integrity.figures.quantity import UnitKind

CENT = 0.01
_SECONDS = {
    "second": 1.0, "sec": 1.0, "s": 1.0, "ms": 0.001, "minute": 60.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0,
    "h": 3600.0, "day": 86400.0, "week": 604800.0, "fortnight": 1209600.0, "month": 2629800.0, "quarter": 7889400.0,
    "year": 31557600.0, "yr": 31557600.0, "decade": 315576000.0,
}  # fmt: skip
_CURRENCIES = {
    "£": "gbp", "gbp": "gbp", "pound": "gbp", "quid": "gbp", "pence": "gbp", "€": "eur", "eur": "eur", "euro": "eur",
    "$": "$", "us$": "$", "usd": "$", "dollar": "$", "buck": "$", "chf": "chf", "fr": "chf", "franc": "chf",
    "kr": "kr", "sek": "kr", "nok": "kr", "dkk": "kr", "krone": "kr", "kroner": "kr", "kronor": "kr",
    "zł": "pln", "pln": "pln", "zloty": "pln", "₹": "inr", "inr": "inr", "rs": "inr", "rupee": "inr",
    "¥": "jpy", "jpy": "jpy", "yen": "jpy",
}  # fmt: skip
_SMALL_PERCENT = {"‰": 0.1, "bps": CENT, "basis points": CENT}
_BEFORE = 12
"""A currency or a sign stands within so many characters before its number."""
_SIGN = re.compile(r"(?:^|[\s(:|,])[-+±\u2013]\s?$")
_PARTED = re.compile(r"[\s-]")


class Unit(NamedTuple):
    """A unit behind a number."""

    kind: UnitKind
    name: str
    scale: float
    """What a number with it is multiplied with, so that minutes compare with hours."""
    end: int
    hyphenated: bool


class Before(NamedTuple):
    """What stands before a number."""

    currency: str
    start: int
    """Where the number begins, its currency included."""
    signed: bool


def read_before(lower: str, start: int) -> Before:
    """Return the currency and the sign before a number.

    Args:
        lower: Folded text.
        start: Where the number begins.
    """
    window = lower[max(0, start - _BEFORE) : start]
    money = figure_pattern("before_money").search(window) if window[-1:] and not window[-1].isdigit() else None
    first = start - len(money.group()) if money else start
    name = _CURRENCIES.get(money.group().strip(" ."), "$") if money else ""
    return Before(name, first, bool(_SIGN.search(lower, max(0, first - 3), first)))


def read_unit(lower: str, end: int) -> Unit | None:
    """Return the unit behind a number, or nothing.

    Args:
        lower: Folded text.
        end: Where the number ends.
    """
    match = figure_pattern("unit").match(lower, end)
    if not match:
        return None
    text = match.group().strip(" -")
    kind, name, scale = UnitKind.FACTOR, "x", 1.0
    if match["percent"]:
        kind, name, scale = UnitKind.PERCENT, "%", _SMALL_PERCENT.get(text, 1.0)
    elif match["money"]:
        single = text.removesuffix("s") if text != "rs" else text
        scale = CENT if single in {"pence", "cent", "p"} else 1.0
        kind, name = UnitKind.MONEY, _CURRENCIES.get(single, "")
    elif match["time"] or match["short_time"]:
        last = _PARTED.split(text)[-1]
        name = last if last in _SECONDS else last.removesuffix("s")
        kind, scale = UnitKind.TIME, _SECONDS[name]
    elif match["measure"]:
        kind, name = UnitKind.MEASURE, text.removesuffix("s")
    return Unit(kind, name, scale, match.end(), match.group().startswith("-"))
