"""Anchors and how many of them a text kept."""

import random
import textwrap
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.faithfulness import anchors, read_anchors, words_kept
from proofkit_core.wording import escaped

NOUNS = (
    "rabbit", "kettle", "forklift", "pharmacy", "ladder", "invoice", "harbour", "violin", "sparrow", "compass",
    "bakery", "marzipan", "lantern", "trolley", "gasket", "orchard", "Marguerite", "Dunmore", "stock-count", "e-mail",
)  # fmt: skip
NUMBERS = ("14", "1,200", "9 percent", "twelve hundred and five", "£3.5m", "2½", "31")
FILLER = ("nobody knew about it", "it had been there all the time", "and then we went home", "this is what I would do")
POINTS = st.lists(st.sampled_from([*NOUNS, *NUMBERS]), min_size=1, max_size=6, unique=True)


def typed_as(items: Sequence[str]) -> tuple[str, ...]:
    return tuple(anchor.typed for anchor in read_anchors(", ".join(items)))


def test_common_words_are_no_anchors() -> None:
    assert typed_as(["I would have been there with them about this, and no one don't"]) == ()
    assert anchors("I would have been there with them about this") == ()


def test_names_numbers_and_rare_words_are_anchors() -> None:
    assert typed_as(["The rabbits cost us 40 crates at Dunmore"]) == ("rabbits", "cost", "40", "crates", "Dunmore")
    assert typed_as(["the NHS van", "12½ hours, 1.2k forms, twenty-four fifty per cent jobs"]) == (
        "NHS", "van", "12½", "hours", "1.2k", "forms", "twenty-four", "fifty per cent", "jobs",
    )  # fmt: skip


def test_a_word_that_is_typed_twice_counts_once() -> None:
    assert typed_as(["the children led", "a child leading 3 vans", "three vans"]) == ("children", "led", "3", "vans")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("deliveries stopped", "a delivery that stops"),
        ("I led it", "leading"),
        ("we ran it", "somebody runs it"),
        ("children", "the child’s"),
        ("the driver's licence", "drivers' licences"),
        ("taught", "she teaches"),
        ("mice and geese", "a mouse, a goose"),
        ("knives on shelves", "the knife on that shelf"),
        ("crises", "the crisis"),
        ("hoping", "hope"),
        ("hopping", "hops"),
        ("tapes", "tape"),
        ("visited boxes", "visits to a box"),
    ],
)
def test_forms_of_one_word_are_that_word(typed: str, text: str) -> None:
    assert read_anchors(typed)
    assert words_kept(typed, text).missing == ()
    assert words_kept(text, typed).missing == ()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("organise", "organizing"),
        ("analysed", "analyze"),
        ("colour, harbours, favourite", "color harbor favorites"),
        ("the centre", "centers"),
        ("catalogues", "catalog"),
        ("travelled", "traveling"),
        ("programme", "programs"),
        ("paediatric anaesthetist", "a pediatric anesthetist"),
        ("practise", "practicing"),
        ("stock-count", "stock count"),
        ("stock-count", "stock\ncount"),
        ("stock-count", "Stock\u2011Counts"),
        ("stock count", "stock-count"),
        ("e-mail", "emails"),
        ("co-ordinated", "coordinates"),
        ("line-up", r"the line\-up"),
        ("software", "soft\u00adware"),
    ],
)
def test_spellings_and_hyphens_make_no_other_word(typed: str, text: str) -> None:
    assert read_anchors(typed)
    assert words_kept(typed, text).missing == ()
    assert words_kept(text, typed).missing == ()


SAME_NUMBERS = [
    ("3", "three", "٣", "३", "\uff13"),
    ("1.2k", "1,200", "1 200", "1\u202f200", "1'200", "1200", "twelve hundred", "one thousand two hundred"),
    ("12½", "12.5", "12,5", "twelve and a half", "12 1/2"),
    ("50%", "50 %", "fifty per cent", "50 percent", "fifty percent", "\u0665\u0660\u066a"),
    ("½", "half", "0.5", "1/2"),
    ("250,000", "250k", "250 thousand", "two hundred and fifty thousand", "2,50,000"),
    ("1.2 million", "1,200,000", "1.2m", "1.200.000"),
    ("24", "twenty-four", "twenty four", "two dozen"),
    ("3rd", "third"),
]


@pytest.mark.parametrize(("one", "other"), [(a, b) for group in SAME_NUMBERS for a in group for b in group if a != b])
def test_equal_numbers_are_one_anchor_however_they_are_written(one: str, other: str) -> None:
    (anchor,) = read_anchors(one)
    assert anchor.typed == " ".join(one.split())
    assert words_kept(one, f"it was {other}, they said").missing == ()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1,200", "1 and 200"),
        ("12", "1 200"),
        ("50%", "50 boxes"),
        ("2.5", "25"),
        ("20", "twenty-four"),
        ("24", "20 and 4"),
        ("200", "1,200"),
        ("14", "2014"),
        ("2.4.1", "2.4"),
    ],
)
def test_another_number_does_not_count(typed: str, text: str) -> None:
    assert words_kept(typed, text).missing == (typed,)


def test_both_ends_of_a_range_of_percent_are_percent() -> None:
    assert words_kept("from 9 percent to 4 percent", "from 9 to 4%").missing == ()
    assert words_kept("from 9 to 4 percent", "from 9% to 4%").missing == ()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("rabbit", "a rabbithole"),
        ("tapes", "tap"),
        ("hoping", "hop"),
        ("cares", "car"),
        ("planed", "plan"),
        ("scared", "scar"),
        ("count", "a re-count"),
        ("compliant", "non-compliant"),
        ("news", "new"),
        ("evening", "even"),
        ("goods", "good"),
        ("quick", "quickly"),
        ("stock-count", "count the stock"),
        ("stock-count", "stock, count"),
        ("ranged", "rang"),
        ("ground", "grind"),
    ],
)
def test_another_word_does_not_count(typed: str, text: str) -> None:
    assert words_kept(typed, text).missing == (typed,)


def test_what_is_missing_is_named_as_it_was_typed() -> None:
    kept = words_kept("The Rabbits’ hutch: 1.2k stock-counts at ‘Dunmore’", "nothing of that")
    assert kept.missing == ("Rabbits", "hutch", "1.2k", "stock-counts", "Dunmore")
    assert (kept.kept, kept.total, kept.recall) == (0, 5, 0.0)


def test_other_scripts_count() -> None:
    assert words_kept("猫 sleeps", "the 黒猫 was asleep").missing == ("sleeps",)
    assert words_kept("हिन्दी Ελλάδα", "ΕΛΛΆΔΑ, हिन्दी").missing == ()
    assert words_kept("हिन्दी", "हिन्दुस्तान").missing == ("हिन्दी",)
    assert words_kept("cafe\u0301", "caf\u00e9").missing == ()


@given(st.text(max_size=200))
def test_a_text_keeps_all_of_its_own_anchors(text: str) -> None:
    assert words_kept(text, text).missing == ()


@given(st.text(max_size=100), st.text(max_size=100))
def test_recall_lies_between_nothing_and_all(typed: str, text: str) -> None:
    assert 0.0 <= words_kept(typed, text).recall <= 1.0


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_adding_text_never_lowers_recall(typed: str, before: str, text: str, after: str) -> None:
    alone = words_kept(typed, text)
    assert set(words_kept(typed, f"{before}\n\n{text}\n\n{after}").missing) <= set(alone.missing)


@given(POINTS, POINTS, st.randoms(use_true_random=False))
def test_case_order_and_line_breaks_do_not_matter(points: list[str], held: list[str], rng: random.Random) -> None:
    lines = [f"{FILLER[n % len(FILLER)]}, {item}." for n, item in enumerate(held)]
    plain = words_kept(", ".join(points), "\n\n".join(lines))
    rng.shuffle(lines)
    text = "\n\n".join(textwrap.fill(line, width=12) for line in lines)
    for variant in (text, text.upper(), text.lower(), text.title()):
        assert words_kept(", ".join(points), variant).missing == plain.missing
    rng.shuffle(points)
    assert set(words_kept(", ".join(points).upper(), text).missing) == {m.upper() for m in plain.missing}


@given(POINTS, POINTS)
def test_an_anchor_counts_where_it_stands_and_nowhere_else(points: list[str], held: list[str]) -> None:
    expected = {anchor.typed for point in points if point not in held for anchor in read_anchors(point)}
    text = ". ".join([*FILLER, *held])
    assert set(words_kept(", ".join(points), text).missing) == expected


@given(
    st.sampled_from(NOUNS),
    st.sampled_from(["un", "re", "hole", "ship", "less", "ish", "x"]),
    st.sampled_from(["{add}{word}", "{word}{add}", "{add}{word}{add}"]),
)
def test_a_piece_of_a_longer_word_never_counts(word: str, add: str, shape: str) -> None:
    longer = shape.format(add=add, word=word.replace("-", ""))
    assert words_kept(word, f"the {longer} was there").missing == (word,)


@given(st.lists(st.sampled_from([*NOUNS, *NUMBERS]), min_size=1, max_size=5, unique=True))
def test_what_the_composer_escapes_is_still_found(points: list[str]) -> None:
    assert words_kept(", ".join(points), escaped(", ".join(points))).missing == ()
