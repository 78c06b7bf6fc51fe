from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_serve.backends.http.channels import ChannelFilter, Reasoning

ANSWER = "At Fernwick I would take the careful way."
JSON = '{"title":"A plan"}'
SHOWN = {
    "plain": (ANSWER, ANSWER),
    "json": (JSON, JSON),
    "think": (f"<think>Hm.</think>\n\n{ANSWER}", ANSWER),
    "blanks before": (f"\n <thinking>Hm.</thinking>{ANSWER}", ANSWER),
    "brackets": (f"[THINK]Hm.[/THINK]{ANSWER}", ANSWER),
    "nothing thought": (f"<think>\n\n</think>\n\n{ANSWER}", ANSWER),
    "twice": (f"<think>a</think>{ANSWER}<think>b</think> Done.", f"{ANSWER} Done."),
    "harmony": (
        f"<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>",
        ANSWER,
    ),
    "harmony, to a tool": (
        f"<|channel|>commentary to=f <|constrain|>json<|message|>{{}}<|call|><|channel|>final<|message|>{JSON}",
        JSON,
    ),
    "harmony, only final": (f"<|channel|>final <|constrain|>json<|message|>{JSON}", JSON),
    "leak": (f"final{JSON}", JSON),
    "leak, blank": (f"final {JSON}", JSON),
    "leak, both": (f"analysisThe user wants a plan.assistantfinal{JSON}", JSON),
    "leak, assistant": (f"assistantfinal{ANSWER}", ANSWER),
    "leak, thought only": ("analysisThe user wants a plan.", ""),
    "never closed": ("<think>Hm, hm, hm", ""),
    "words that begin alike": ("finally, the plan.", "finally, the plan."),
    "a word": ("final words count.", "final words count."),
    "the same word, alone": ("final", "final"),
    "smaller than": ("2 < 3 and <b> stays", "2 < 3 and <b> stays"),
    "half a mark": ("It ends with <thin", "It ends with <thin"),
}


def filtered(pieces: list[str], reasoning: Reasoning = "auto", *, goes_on: bool = False) -> str:
    channels = ChannelFilter(reasoning, goes_on=goes_on)
    return "".join([*(channels.push(piece) for piece in pieces), channels.finish()])


@pytest.mark.parametrize("case", SHOWN)
def test_only_the_answer_is_shown(case: str) -> None:
    written, shown = SHOWN[case]
    assert filtered([written]) == shown


@given(case=st.sampled_from(sorted(SHOWN)), cuts=st.sets(st.integers(0, 120)))
def test_where_a_text_is_cut_into_pieces_changes_nothing(case: str, cuts: set[int]) -> None:
    written, shown = SHOWN[case]
    places = sorted({0, len(written), *(cut for cut in cuts if cut < len(written))})
    pieces = [written[start:end] for start, end in pairwise(places)]
    assert filtered(pieces) == shown


@given(st.text(alphabet=st.characters(blacklist_characters="<[", blacklist_categories=["Cs"])))
def test_a_text_without_marks_is_shown_whole(text: str) -> None:
    written = f"The {text}"
    assert filtered(list(written)) == written


@given(st.lists(st.sampled_from(["<think>", "</think>", "<|channel|>", "<|message|>", "<|end|>", "final", "{", "x "])))
def test_no_mark_is_ever_shown(pieces: list[str]) -> None:
    with suppress(GenerationError):
        shown = filtered(pieces)
        assert "<|" not in shown
        assert "think>" not in shown


def test_a_template_that_opens_the_thinking_itself_is_known_by_the_setting() -> None:
    assert filtered(["The user wants", " a plan.</thi", f"nk>\n{ANSWER}"], "open") == ANSWER


def test_an_end_without_a_beginning_is_an_error_and_no_answer() -> None:
    with pytest.raises(GenerationError, match="Set `reasoning` to `open`") as caught:
        filtered(["The user wants a plan.", "</think>", ANSWER])
    assert caught.value.kind is FailureKind.BAD_ANSWER


def test_nothing_is_dropped_where_the_model_does_not_think_aloud() -> None:
    assert filtered(["<think>x</think>"], "none") == "<think>x</think>"


def test_what_goes_on_from_an_opening_begins_with_no_channel() -> None:
    assert filtered(["final", "X-ray"], goes_on=True) == "finalX-ray"
