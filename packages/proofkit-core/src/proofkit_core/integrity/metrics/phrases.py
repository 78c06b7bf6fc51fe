"""Finds where a label reads best behind a figure."""

import re

from proofkit_core.integrity.figures.notation import figure_pattern, figure_words
from proofkit_core.integrity.figures.nouns import is_plural, noun_after
from proofkit_core.integrity.figures.quantity import Quantity, UnitKind

_AS_MANY = re.compile(r" as (?:many|much|fast|often|quickly|long|high|likely|big|large|good|well|soon|easily)\b")
_OF_THE = re.compile(r" of (?:(?:the|all|all the|our|its|their|your|these|those) )?(?:\d[\d,.]* )?(?=[a-z])")
_OBJECT = re.compile(r" (?:the|our|its|their|your|all)(?= [a-z])")
_COMPARED = re.compile(r" ([a-z]+)\b")
_SLASHED = re.compile(r"\s?/\s?[a-z]+")
_SIZES = frozenset({"number", "amount", "share", "volume", "rate", "cost"})
_LONGEST = 3


def label_place(lower: str, quantity: Quantity) -> int:
    """Return where the label of a figure stands: behind its noun, its comparative or its unit, never inside a word.

    Args:
        lower: Folded text.
        quantity: The figure.
    """
    place = quantity.end
    rate = _SLASHED.match(lower, place)
    if rate:
        return rate.end()
    is_before_noun = quantity.kind is UnitKind.TIME and figure_pattern("after_hyphenated").match(lower, place)
    if quantity.hyphenated or is_before_noun:
        return _behind_compound(lower, place)
    if quantity.kind is UnitKind.FACTOR:
        return _behind_factor(lower, place)
    if quantity.kind is UnitKind.SHARE:
        of = _OF_THE.match(lower, place)
        return _noun_end(lower, of.end() - 1, default=place) if of else _behind_comparative(lower, place)
    if quantity.kind in {UnitKind.PERCENT, UnitKind.TIME, UnitKind.MONEY, UnitKind.MEASURE}:
        return _behind_comparative(lower, place)
    return place


def _behind_comparative(lower: str, place: int) -> int:
    """Return the place behind `fewer second trips` or `less`, or the place itself."""
    word = _COMPARED.match(lower, place)
    if not word or word[1] not in figure_words("comparative"):
        return place
    return _noun_end(lower, word.end(), default=word.end())


def _noun_end(lower: str, place: int, *, default: int) -> int:
    """Return the end of a short noun phrase: at its plural, or its only word."""
    noun, end = noun_after(lower, place)
    if not noun:
        return default
    if noun in _SIZES and lower.startswith(" of ", end):
        return _noun_end(lower, end + len(" of"), default=end)
    if is_plural(noun):
        return end
    following = _COMPARED.match(lower, end)
    alone = following is None or following[1] in figure_words("stop")
    return end if alone else default


def _behind_factor(lower: str, place: int) -> int:
    as_many = _AS_MANY.match(lower, place)
    if as_many:
        many = as_many.group().endswith(("many", "much"))
        return _noun_end(lower, as_many.end(), default=as_many.end()) if many else as_many.end()
    of = _OBJECT.match(lower, place)
    if of:
        return _noun_end(lower, of.end(), default=_words_end(lower, of.end()))
    noun, end = noun_after(lower, place)
    return (
        end if is_plural(noun) and not lower.startswith(("e", "ed"), place - 1) else _behind_comparative(lower, place)
    )


def _behind_compound(lower: str, place: int) -> int:
    """Return the place behind the noun of `2-minute wait` or `15-minute response time`."""
    known = figure_pattern("after_hyphenated").match(lower, place)
    noun, end = noun_after(lower, place)
    if known:
        further = re.compile(r" (?:time|target|limit|period)s?\b").match(lower, known.end())
        return further.end() if further else known.end()
    return end if noun else place


def _words_end(lower: str, place: int) -> int:
    """Return the end of up to three words that are not of a closed class."""
    for _ in range(_LONGEST):
        word = _COMPARED.match(lower, place)
        if not word or word[1] in figure_words("stop"):
            break
        place = word.end()
    return place
