"""Case, emphasis, digits of another script, kinds of space and line ends do not decide what becomes of a text."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from proofkit_core.checking.rows import Row, row_ledger
from proofkit_core.integrity import Action, Carrier, Disclosing, FactLedger, review_text

PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
FOLDER = Path(__file__).parent
STRONGEST_FIRST = list(Action)
_BLOCK = re.compile(r"^\s*(?:[|>#{\[`]|[-+*]\s|\d+[.)]\s)|```|\|", re.MULTILINE)

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "cases" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
]
ROWS = [
    row
    for path in sorted((FOLDER / "corpus").glob("*.jsonl"))
    if path.stem != "held_out"
    for line in path.read_text(encoding="utf-8").splitlines()
    if line and not _BLOCK.search((row := Row.model_validate_json(line)).text)
]
_BETWEEN = re.compile(r"(?<=[\w,]) (?=[A-Za-z])")


def _in_script(zero: str) -> Callable[[str], str]:
    return lambda text: text.translate({ord("0") + value: ord(zero) + value for value in range(10)})


def _emphasised(mark: str, every: int) -> Callable[[str], str]:
    def emphasise(text: str) -> str:
        words = text.split(" ")
        return " ".join(
            f"{mark}{word}{mark}" if not number % every and word.isalpha() else word
            for number, word in enumerate(words)
        )

    return emphasise


DRESSES: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "bold words": _emphasised("**", 2),
    "slanted words": _emphasised("_", 3),
    "Arabic digits": _in_script("\u0660"),
    "Devanagari digits": _in_script("\u0966"),
    "full-width digits": _in_script("\uff10"),
    "no-break spaces": lambda text: _BETWEEN.sub("\u00a0", text),
    "thin spaces": lambda text: _BETWEEN.sub("\u2009", text),
    "ideographic spaces": lambda text: _BETWEEN.sub("\u3000", text),
    "double spaces": lambda text: _BETWEEN.sub("  ", text),
    "lines of one word": lambda text: _BETWEEN.sub("\n", text),
    "Windows lines": lambda text: _BETWEEN.sub("\r\n", text, count=2),
}


def action(text: str, facts: FactLedger, carrier: Carrier) -> Action:
    """Return the strongest action that a text asks for; what a document around it discloses is left aside."""
    verdict = review_text(text, facts=facts, carrier=carrier, disclosing=Disclosing.NEVER)
    return min((finding.action for finding in verdict.findings), key=STRONGEST_FIRST.index, default=Action.KEEP)


_INNER_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]")


def _rests_on_a_name(row: Row) -> bool:
    """Say whether a finding holds a word that only its capital shows to be a name."""
    verdict = review_text(row.text, facts=row_ledger(row.context), carrier=row.context.field)
    quotes = [f"{row.text[max(0, found.start - 2) : found.start]}{found.quote}" for found in verdict.findings]
    return any(_INNER_NAME.search(quote) for quote in quotes)


def _keeps(row: Row, dress: str) -> bool:
    facts, carrier = row_ledger(row.context), row.context.field
    return action(DRESSES[dress](row.text), facts, carrier) is action(row.text, facts, carrier)


@pytest.mark.parametrize("dress", DRESSES)
@given(row=st.sampled_from(ROWS))
@PROFILE
def test_dress_does_not_change_the_action(dress: str, row: Row) -> None:
    # Some names are known by nothing but their capital; without it they are words like others.
    assume("case" not in dress or not _rests_on_a_name(row))
    assert _keeps(row, dress)


@pytest.mark.parametrize("dress", DRESSES)
def test_dress_does_not_change_the_action_of_a_case(dress: str, facts: FactLedger) -> None:
    changed: list[str] = []
    for case in CASES:
        text, carrier = case["text"], Carrier(case["carrier"])
        if not _BLOCK.search(text) and action(DRESSES[dress](text), facts, carrier) is not action(text, facts, carrier):
            changed.append(text)
    assert not changed


@pytest.mark.parametrize("mark", ["**", "__", "*", "_", "~~"])
def test_emphasis_around_a_whole_text_does_not_change_its_action(mark: str, facts: FactLedger) -> None:
    told = [(case["text"], Carrier(case["carrier"])) for case in CASES]
    plain = [(text, carrier) for text, carrier in told if not set("*_~`\n|>#[{-") & set(text) and text == text.strip()]
    assert len(plain) > 100
    changed = [
        text
        for text, carrier in plain
        if action(f"{mark}{text}{mark}", facts, carrier) is not action(text, facts, carrier)
    ]
    assert not changed
