"""Checking takes time in proportion to the text, whatever the text is.

Time is taken as processor time, so that other work on the machine counts less.
"""

import json
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_core.checking.rows import Row, row_ledger
from proofkit_core.integrity import Carrier, FactLedger, Outcome, review_text
from proofkit_core.integrity.reading.folding import fold_passage
from proofkit_core.integrity.reading.passages import read_passages

PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
FOLDER = Path(__file__).parent
_SMALL, _LARGE = (1_500, 12_000) if PROFILE.derandomize else (12_000, 96_000)
_HOSTILE: list[str] = json.loads((FOLDER / "cases" / "hostile.json").read_text(encoding="utf-8"))

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


def _seconds(text: str, facts: FactLedger, carrier: Carrier = Carrier.SECTION) -> float:
    start = time.process_time()
    review_text(text, facts=facts, carrier=carrier)
    return time.process_time() - start


def _ratio_holds(piece: str, facts: FactLedger) -> bool:
    """Say whether a text of eight times the size takes about eight times as long; quadratic work takes 64 times."""
    small, large = ((piece * (size // len(piece) + 1))[:size] for size in (_SMALL, _LARGE))
    _seconds(piece, facts)
    # A busy machine may slow one try down; work that is quadratic is slow every time.
    tries = ((_seconds(small, facts), _seconds(large, facts)) for _ in range(3))
    return any(long < 24 * short + 0.1 for short, long in tries)


@pytest.mark.parametrize("piece", _HOSTILE, ids=repr)
def test_a_hostile_text_takes_linear_time(piece: str, facts: FactLedger) -> None:
    assert _ratio_holds(piece, facts)


@given(pieces=st.lists(st.sampled_from(_HOSTILE), min_size=2, max_size=4))
@settings(PROFILE, max_examples=PROFILE.max_examples // 3)
def test_hostile_pieces_together_take_linear_time(pieces: list[str], facts: FactLedger) -> None:
    assert _ratio_holds("".join(pieces), facts)


@pytest.mark.parametrize("name", _NESTED)
def test_reading_and_folding_take_linear_time(name: str) -> None:
    def seconds(size: int) -> float:
        text = _NESTED[name](size)
        start = time.process_time()
        for passage in read_passages(text):
            fold_passage(text, passage.spans, "Marramkeld Supply", escaped=passage.escaped)
        return time.process_time() - start

    seconds(10)
    # Each takes a quarter of a second at most; the margin is for a busy machine.
    assert seconds(5_000) < 4


@pytest.mark.parametrize("name", _NESTED)
def test_a_nested_text_takes_a_moment(name: str, facts: FactLedger) -> None:
    assert _seconds(_NESTED[name](1_000), facts) < 4


@cache
def _facts() -> FactLedger:
    return row_ledger(_rows("plain")[0].context)


@cache
def _rows(name: str) -> tuple[Row, ...]:
    lines = (FOLDER / "corpus" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Row.model_validate_json(line) for line in lines)


@cache
def _realistic() -> str:
    """Return paragraphs of the corpus that the rules pass or put right, so that both looks at a text are timed."""
    rows = [row for row in (*_rows("label_hypothetical"), *_rows("rewrite_employment")) if "```" not in row.text]
    told = [
        row.text
        for row in rows
        if review_text(row.text, facts=_facts(), carrier=Carrier.SECTION).outcome is not Outcome.BLOCKED
    ]
    assert len(told) > 100
    return "\n\n".join(told) + "\n\n"


def _of_size(size: int) -> str:
    text = _realistic()
    return (text * (size // len(text) + 1))[:size].rpartition("\n\n")[0]


@pytest.mark.slow
def test_time_grows_with_a_realistic_text_and_no_faster() -> None:
    seconds = {
        size: min(_seconds(_of_size(size), _facts()) for _ in range(looks))
        for size, looks in ((1_000, 5), (10_000, 3), (100_000, 1), (1_000_000, 1))
    }
    rates = {size: spent / size for size, spent in seconds.items()}
    # Larger texts leave the processor's caches, which costs up to twice the time; quadratic work would cost a hundred.
    assert max(rates.values()) < 8 * min(rates.values()), rates


def test_a_hundred_kilobytes_that_are_put_right_take_seconds() -> None:
    text = _of_size(100_000)
    start = time.process_time()
    verdict = review_text(text, facts=_facts(), carrier=Carrier.SECTION)
    assert time.process_time() - start < 6
    assert verdict.claims_unsupported > 100


def test_ten_kilobytes_of_ordinary_text_take_a_moment(facts: FactLedger) -> None:
    paragraph = (
        "I would go live on Tuesday and not on Friday 22 May [S3]. With 38 deliveries [S2] on a Monday the desk would "
        "be full, and I would ask the sponsor to move the date. The cost is two licence weeks (h).\n\n"
    )
    text = (paragraph * 60)[:10_000]
    assert min(_seconds(text, facts) for _ in range(5)) < 0.1
