"""Checking takes time in proportion to the text, whatever the text is."""

import time

import pytest

from proofkit_core.integrity import Carrier, FactLedger, review_text

_SIZE = 20_000
_HOSTILE = [
    "1", "a", "1 ", "1-", "1 to ", "1,000", "i led ", "i have ", '"', "*", "|", "|\n", "[", "](", "`", "` ", "one hundred and ",
    ".", " and led", "Fernhollow Supply ", "my very ", "> ", "- ", ";", "1 year ", "after leading ", "was led and ", "<b ", "&",
    "@a.", "http://", "*a*_b_", "led, ", "\\", "a-", "all figures ", "team of ", "half a ", "\u200d", "٢", "20% ", "average of 5 ",
    "- cut by 20%.\n", '" i led ', "no. ", "years of experience ", "trusted by 5", "{", '{"a":', "\n", "\t", "e.g. ",
]  # fmt: skip


def _seconds(text: str, facts: FactLedger) -> float:
    start = time.perf_counter()
    review_text(text, facts=facts, carrier=Carrier.SECTION)
    return time.perf_counter() - start


@pytest.mark.parametrize("piece", _HOSTILE, ids=repr)
def test_a_hostile_text_takes_linear_time(piece: str, facts: FactLedger) -> None:
    text = (piece * _SIZE)[:_SIZE]
    _seconds("warm up", facts)
    # Quadratic matching takes minutes here; the margin is for a busy machine.
    assert _seconds(text, facts) < 4


def test_ten_kilobytes_of_ordinary_text_take_a_moment(facts: FactLedger) -> None:
    paragraph = (
        "I would go live on Tuesday and not on Friday 22 May [S3]. With 38 deliveries [S2] on a Monday the desk would be "
        "full, and I would ask the sponsor to move the date. The cost is two licence weeks (h).\n\n"
    )
    text = (paragraph * 60)[:10_000]
    best = min(_seconds(text, facts) for _ in range(5))
    assert best < 0.1
