"""Checking takes time in proportion to the text, whatever the text is."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.integrity import Carrier, FactLedger, review_text
from proofkit_core.integrity.folding import fold_passage
from proofkit_core.integrity.passages import read_passages

_SIZE = 20_000
_HOSTILE: list[str] = json.loads((Path(__file__).parent / "cases" / "hostile.json").read_text(encoding="utf-8"))

_NESTED: dict[str, Callable[[int], str]] = {
    "lists within lists": lambda n: "".join("  " * i + "- a\n" for i in range(n // 10)),
    "quotations within quotations": lambda n: "".join("> " * i + "a\n" for i in range(n // 10)),
    "quotations that close again": lambda n: "".join(">" * (n // 10 - i) + "a\n" for i in range(n // 10)),
    "a deep quotation with lazy lines": lambda n: "> " * n + "a\n" + "b\n" * n,
    "fences each shorter than the last": lambda n: "".join("`" * (n // 10 - i) + "\n" for i in range(n // 10)),
    "fences that nothing closes": lambda n: "~~~ a\n" * n,
    "a table of thousands of columns": lambda n: "|a" * n + "|\n" + "|-" * n + "|\n" + "|\n" * n,
    "brackets": lambda n: "[" * n * 5 + "]" * n * 5,
    "nested JSON": lambda n: "[" * 900 + '"I led"' + "]" * 900 + " " * n,
    "a JSON string of thousands of paragraphs": lambda n: '["' + "\\n\\n- a" * n + '"]',
    "a JSON number of thousands of digits": lambda n: "[" + "1" * n + "]",
    "one word": lambda n: "x" * n * 10,
    "one line of spaces": lambda n: "a" + " " * n * 10 + "b",
    "one word of look-alikes": lambda n: "\u0435" * n * 10,
    "a link that never ends": lambda n: "[x](" + "a" * n * 10,
    "a tag that never ends": lambda n: "x <b " + "a=b " * n * 2,
    "code spans of growing length": lambda n: " ".join("`" * i for i in range(n // 10)),
}


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


@pytest.mark.parametrize("name", _NESTED)
def test_reading_and_folding_take_linear_time(name: str) -> None:
    def seconds(size: int) -> float:
        text = _NESTED[name](size)
        start = time.perf_counter()
        for passage in read_passages(text):
            fold_passage(text, passage.spans, "Marramkeld Supply", escaped=passage.escaped)
        return time.perf_counter() - start

    seconds(10)
    # Each takes a quarter of a second at most; the margin is for a busy machine.
    assert seconds(5_000) < 4


def test_ten_kilobytes_of_ordinary_text_take_a_moment(facts: FactLedger) -> None:
    paragraph = (
        "I would go live on Tuesday and not on Friday 22 May [S3]. With 38 deliveries [S2] on a Monday the desk would "
        "be full, and I would ask the sponsor to move the date. The cost is two licence weeks (h).\n\n"
    )
    text = (paragraph * 60)[:10_000]
    best = min(_seconds(text, facts) for _ in range(5))
    assert best < 0.1
