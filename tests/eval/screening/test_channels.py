"""What a model never meant to be read is taken out; what was meant to be read stays to the letter."""

import pytest

from proofkit_eval.ladder import load_answers
from proofkit_eval.screening import strip_channels

TEXT = "I would start one week later [S3], because the final check needs the harbour. My analysis stands below."


@pytest.mark.parametrize(
    "raw",
    [
        f"<|channel|>analysis<|message|>So.<|end|><|start|>assistant<|channel|>final<|message|>{TEXT}<|return|>",
        f"<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>{TEXT}",
        f"<|channel|>commentary<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>{TEXT}<|end|>",
        f"analysisThe user wants a text. We need 120 words.assistantfinal{TEXT}",
        f"analysisThe user wants a text.assistant final\n{TEXT}",
        f"final\n\n{TEXT}",
        f"assistantfinal{TEXT}",
        f"assistant:\n{TEXT}",
        f"<think>\nThe person wants it short.\n</think>\n\n{TEXT}",
        f"The person wants it short.\n</think>\n{TEXT}",
        f"{TEXT}<|im_end|>\n<|im_start|>user\nAnother question",
        f"{TEXT}</s>",
    ],
)
def test_the_answer_is_found_behind_hidden_channels(raw: str) -> None:
    found = strip_channels(raw)
    assert found.is_answer
    assert found.text == TEXT
    assert found.reason


@pytest.mark.parametrize(
    "raw",
    [
        "<|channel|>analysis<|message|>Let me think about the harbour",
        "<|channel|>analysis<|message|>Think.<|end|>",
        "analysisThe user wants one text. We should keep the points and stay under the limit",
        "analysis\nWe should write about the harbour and keep it short.",
        "<think>\nThe person wants",
        "final",
        "<|im_end|>",
        f"{TEXT}\nfinal\n{TEXT}",
        f"We begin <|start|> here. {TEXT}",
        f"<|channel|>final<|message|>{TEXT}<|end|><|channel|>final<|message|>{TEXT}<|end|>",
    ],
)
def test_reasoning_without_an_answer_is_no_answer(raw: str) -> None:
    found = strip_channels(raw)
    assert not found.is_answer
    assert found.text == ""
    assert found.reason


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Final checks come before the handover, and analysis of the sheets after it.",
        "Analysis shows that 4 pens were past their date [S4].",
        "The assistant finally answers the phone, so the queue falls.",
        "- Final: the trustees decide\n- Analysis: one page",
        "A < B and B > C, so the order holds.",
    ],
)
def test_words_that_only_look_like_channels_stay(text: str) -> None:
    assert strip_channels(text) == (text, "", True)


def test_known_good_answers_have_no_channels() -> None:
    for answer in load_answers():
        for text in answer.texts:
            assert strip_channels(text) == (text, "", True)


def test_what_was_stripped_once_needs_no_second_time() -> None:
    once = strip_channels(f"analysisLet me see.assistantfinal{TEXT}").text
    assert strip_channels(once) == (once, "", True)
