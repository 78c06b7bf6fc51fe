"""One number is one number, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.integrity.figures.quantities import Quantity, UnitKind, read_quantities, same_quantity
from proofkit_core.integrity.reading.folding import fold_plain

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCRIPTS = (0x660, 0x6F0, 0x966, 0x9E6, 0xFF10)
"""First digits of Arabic, Persian, Devanagari, Bengali and full-width numbers."""


def _only(text: str) -> Quantity:
    (quantity,) = read_quantities(fold_plain(text))
    return quantity


def _in_words(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        rest = f"-{_ONES[number % 10]}" if number % 10 else ""
        return f"{_TENS[number // 10 - 2]}{rest}"
    for size, word in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f"{' and' if number % size < 100 else ''} {_in_words(number % size)}" if number % size else ""
            return f"{_in_words(number // size)} {word}{rest}"
    raise AssertionError(number)


@given(number=st.integers(2, 999_999), script=st.sampled_from(_SCRIPTS))
def test_a_number_has_one_value_in_every_notation(number: int, script: int) -> None:
    plain = _only(f"{number} parcels")
    other_digits = str(number).translate({ord("0") + digit: script + digit for digit in range(10)})
    for text in (f"{number:,}", f"{number:,}".replace(",", "\u202f"), other_digits, _in_words(number), f"{number}.0"):
        assert same_quantity(_only(f"{text} parcels"), plain), text


@given(number=st.integers(1000, 999_999_999))
def test_thousands_are_grouped_in_every_style(number: int) -> None:
    plain = _only(f"{number} parcels")
    for mark in ",.' \u00a0\u2009\u2019":
        text = f"{number:,}".replace(",", mark)
        assert same_quantity(plain, _only(f"{text} parcels")), text


@given(thousands=st.integers(1, 999))
def test_a_suffix_stands_for_its_zeros(thousands: int) -> None:
    plain = _only(f"£{thousands * 1000}")
    for text in (f"£{thousands}k", f"£{thousands} thousand", f"{thousands},000 pounds", f"GBP {thousands}K"):
        assert same_quantity(_only(text), plain), text
    assert same_quantity(_only(f"${thousands}M"), _only(f"{thousands} million dollars"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("twelve hundred boxes", "1.2k boxes"),
        ("two dozen vans", "24 vans"),
        ("half a dozen cups", "6 cups"),
        ("£48", "48 pounds"),
        ("forty-eight quid", "£48"),
        ("two pounds forty", "£2.40"),
        ("50 pence", "£0.50"),
        ("half an hour", "30 minutes"),
        ("1½ hours", "90 min"),
        ("one and a half hours", "1 h 30 min"),
        ("three quarters of an hour", "¾ hour"),
        ("2½ days", "2.5 days"),
        ("2 ½ days", "two and a half days"),
        ("12.5 %", "12,5 per cent"),
        ("50 basis points", "0.5 %"),
        ("from 22 to 14 minutes", "22\u201314 min"),
        ("5 to 10k users", "5,000-10,000 users"),
        ("tenfold", "10x"),
        ("5 lakh rupees", "500,000 rupees"),
        ("1 in 25 parcels", "one out of twenty-five parcels"),
    ],
)
def test_two_notations_are_one_quantity(one: str, other: str) -> None:
    assert same_quantity(_only(one), _only(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("50k parcels", "50 parcels"),
        ("£48", "€48"),
        ("38 minutes", "38 parcels"),
        ("5 kg", "5 km"),
        ("20 %", "20 parcels"),
        ("2x", "2 parcels"),
        ("1.2k", "12"),
    ],
)
def test_two_quantities_are_not_one(one: str, other: str) -> None:
    assert not same_quantity(_only(one), _only(other))


@pytest.mark.parametrize(
    "text", ["COVID-19", "version 2.4.1", "7B", "H2O", "MP3", "ward 0451", "anyone", "often", "the third step"]
)
def test_a_name_holds_no_quantity(text: str) -> None:
    assert not read_quantities(fold_plain(text))


def test_the_nearest_plural_is_what_is_counted() -> None:
    assert _only("300 veg boxes leave").noun == "boxes"
    assert _only("ten fewer no-shows a week").noun == "no-shows"
    assert _only("a house of 1,450 seats with doors").noun == "seats"
    assert _only("team of 12 answers").noun == "team"
    assert _only("20 minutes").kind is UnitKind.TIME


@given(st.text(alphabet=" 0123456789.,'/:%£k½²-\u2013to one half and of times hours", max_size=60))
def test_quantities_never_overlap_and_lie_in_the_text(text: str) -> None:
    lower = fold_plain(text)
    end = 0
    for quantity in read_quantities(lower):
        assert end <= quantity.start < quantity.stop <= quantity.end <= len(lower)
        assert all(quantity.values)
        end = quantity.end
