"""Turns written numbers, in digits or in English words, into values."""

import re
from collections.abc import Iterator

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL_NUMBERS = {
    **{word: number for number, word in enumerate(f"{_ONES} seventeen eighteen nineteen".split())},
    **{word: 10 * number for number, word in enumerate(_TENS.split(), 2)},
}
MAGNITUDES = {
    "k": 1e3, "thousand": 1e3, "grand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9,
    "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7, "hundred": 1e2, "dozen": 12.0,
}  # fmt: skip
PARTS = {
    "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fourth": 1 / 4, "fifth": 1 / 5, "sixth": 1 / 6, "eighth": 1 / 8,
    "ninth": 1 / 9, "tenth": 1 / 10, "twentieth": 1 / 20, "hundredth": 1 / 100,
}  # fmt: skip
_GROUPED = re.compile(r"\d{1,3}([,'. ])\d{3}(?:\1\d{3})*(?:([.,])\d{1,2})?")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")
_THIRDS = {"333": 1 / 3, "667": 2 / 3}
"""Decimals of folded vulgar fractions."""
_AND_PART = re.compile(r" and (a|one|two|three) (half|quarter|third)s?$")
_WITHIN_BIG = frozenset({"hundred", "dozen"})


def digit_values(number: str) -> frozenset[float]:
    """Return the values that digits may stand for; `1.200` is 1200 or 1.2.

    Args:
        number: Digits with their separators, as folded.
    """
    return frozenset(_readings(number))


def _readings(number: str) -> Iterator[float]:
    # A leading zero groups nothing: 0.125 is an eighth.
    grouped = None if number.startswith("0") else _GROUPED.fullmatch(number)
    if grouped:
        separator, decimal = grouped[1], grouped[2] or ""
        if decimal != separator:
            yield float(number.replace(separator, "").replace(",", "."))
        if separator == "." and number.count(".") == 1 and not decimal:
            yield float(number)
        return
    if _INDIAN.fullmatch(number):
        yield float(number.replace(",", ""))
        return
    whole, _, part = number.partition(" ")
    if part:
        yield float(whole) + float(f"0{part}" if part.startswith(".") else part)
        return
    plain = number.replace(",", ".").replace("'", "")
    if plain.count(".") > 1:
        return
    head, _, tail = plain.partition(".")
    yield float(head) + _THIRDS[tail] if tail in _THIRDS else float(plain)


def word_value(words: str) -> float:
    """Return the value of a number in words, such as `two hundred and fifty thousand` or `one and a half`.

    Args:
        words: Lower-case words that name a number.
    """
    extra = 0.0
    part = _AND_PART.search(words)
    if part:
        extra, words = SMALL_NUMBERS.get(part[1], 1) * PARTS[part[2]], words[: part.start()]
    total, current = 0.0, 0.0
    for word in re.split(r"[\s,-]+", words):
        if word == "half":
            current = 0.5
        elif word in SMALL_NUMBERS:
            current += SMALL_NUMBERS[word]
        elif word in _WITHIN_BIG:
            current = (current or 1.0) * MAGNITUDES[word]
        elif word in MAGNITUDES:
            total, current = total + (current or 1.0) * MAGNITUDES[word], 0.0
    return total + current + extra
