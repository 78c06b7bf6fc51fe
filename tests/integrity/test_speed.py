"""Checking takes time in proportion to the text, whatever the text is."""

import json
import time
from pathlib import Path

import pytest

from proofkit_core.integrity import Carrier, FactLedger, review_text

_SIZE = 20_000
_HOSTILE: list[str] = json.loads((Path(__file__).parent / "cases" / "hostile.json").read_text(encoding="utf-8"))


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
        "I would go live on Tuesday and not on Friday 22 May [S3]. With 38 deliveries [S2] on a Monday the desk would "
        "be full, and I would ask the sponsor to move the date. The cost is two licence weeks (h).\n\n"
    )
    text = (paragraph * 60)[:10_000]
    best = min(_seconds(text, facts) for _ in range(5))
    assert best < 0.1
