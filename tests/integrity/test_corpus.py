"""The labelled corpus: sentences with the action that the policy asks for, half of them tempting and harmless.

The files were written from the policy, before the rules and blind to them; `held_out.jsonl` was scored once, at the
end, and its first score stands in the documentation. The floors below are what stands today: they only go up.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.checking.rows import Row, RowResult, check_row, row_ledger
from proofkit_core.integrity import Action, Carrier, FactLedger
from proofkit_core.integrity.claims.grammar import load_grammar
from proofkit_core.integrity.claims.hits import find_hits
from proofkit_core.integrity.claims.page import open_pages
from proofkit_core.integrity.facts.index import index_facts

_CORPUS = Path(__file__).parent / "corpus"
_FILES = sorted(path.stem for path in _CORPUS.glob("*.jsonl"))
_DEVELOPED = [name for name in _FILES if name != "held_out"]
_MIN_PER_CELL = 25
_FLOOR = {"held_out": 0.78, "figures_and_flags": 0.85}
"""Accuracy that a file must reach; 0.93 where nothing is said."""


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def _results(name: str) -> list[tuple[dict[str, Any], RowResult]]:
    return [(row, check_row(Row.model_validate(row))) for row in _rows(name)]


def test_every_action_and_carrier_has_its_sentences_and_half_of_them_stay() -> None:
    rows = [row for name in _FILES for row in _rows(name)]
    cells = Counter((row["near"], row["context"]["field"]) for row in rows)
    travelling = {Carrier.BULLET, Carrier.POST, Carrier.EXPORT}
    for action in Action:
        for carrier in Carrier:
            if action is Action.KEEP or (action is Action.DISCLOSE and carrier not in travelling):
                continue
            cell = (action.value, carrier.value)
            assert cells[cell] >= _MIN_PER_CELL, cell
            kept = sum(r["expect"] == "keep" for r in rows if (r["near"], r["context"]["field"]) == cell)
            assert kept * 2 == cells[cell], cell


def test_no_sentence_stands_twice() -> None:
    rows = [row for name in _FILES for row in _rows(name)]
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["text"] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", _FILES)
def test_the_rules_do_what_the_policy_asks(name: str) -> None:
    results = _results(name)
    right = sum(result.action == row["expect"] for row, result in results)
    wrong = [
        (row["id"], row["expect"], result.action.value) for row, result in results if result.action != row["expect"]
    ]
    assert right / len(results) >= _FLOOR.get(name, 0.93), wrong


@pytest.mark.parametrize("name", _DEVELOPED)
def test_what_is_kept_is_byte_identical(name: str) -> None:
    changed = [row["id"] for row, result in _results(name) if row["expect"] == "keep" and result.text != row["text"]]
    assert len(changed) <= 3, changed


@pytest.mark.parametrize("name", _DEVELOPED)
def test_a_claim_of_a_job_or_a_client_is_hardly_ever_kept(name: str) -> None:
    rows = [(row, result) for row, result in _results(name) if row["expect"].startswith("rewrite_")]
    kept = [row["id"] for row, result in rows if result.action is Action.KEEP]
    assert len(kept) * 10 <= len(rows), kept


def test_every_pattern_of_the_grammar_is_needed_by_a_sentence(facts: FactLedger) -> None:
    told = [(row["text"], row_ledger(Row.model_validate(row).context), row["context"]["field"]) for row in _developed()]
    cases = (_CORPUS.parent / "cases" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
    told += [(case["text"], facts, case["carrier"]) for case in map(json.loads, cases)]
    found: set[str] = set()
    for text, ledger, field in told:
        carrier = Carrier(field)
        found |= {hit.row.pattern for hit in find_hits(open_pages(text, index_facts(ledger), carrier), carrier)}
    assert not [each.row.pattern for each in load_grammar().patterns if each.row.pattern not in found]


def _developed() -> list[dict[str, Any]]:
    return [row for name in _DEVELOPED for row in _rows(name)]
