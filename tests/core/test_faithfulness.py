"""Anchors and how many of them a text kept."""

from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.faithfulness import anchors, words_kept


def test_common_words_are_no_anchors() -> None:
    assert anchors("I would have been there with them about this") == ()


def test_names_numbers_and_rare_words_are_anchors() -> None:
    assert anchors("The rabbits cost us 40 crates at Dunmore") == ("rabbits", "cost", "40", "crates", "Dunmore")


def test_a_number_word_equals_its_digits() -> None:
    assert words_kept("two vans", "2 vans").missing == ()


def test_inflected_forms_count_as_kept() -> None:
    assert words_kept("deliveries stopped", "a delivery that stops").missing == ()


def test_a_substring_of_another_word_does_not_count() -> None:
    assert words_kept("rabbit", "a rabbithole").missing == ("rabbit",)


def test_other_scripts_count() -> None:
    assert words_kept("猫 sleeps", "the 猫 was asleep").kept == 1


@given(st.text(max_size=200))
def test_a_text_keeps_all_of_its_own_anchors(text: str) -> None:
    assert words_kept(text, text).missing == ()


@given(st.text(max_size=100), st.text(max_size=100))
def test_recall_lies_between_nothing_and_all(typed: str, text: str) -> None:
    assert 0.0 <= words_kept(typed, text).recall <= 1.0
