"""The whole verdict of every developed corpus row, as it stands: no change of the rules passes without being seen.

The floors of `test_corpus.py` say how good the rules are; this file says what they do. After a change that is meant,
write it again and read the difference, line by line:

    uv run --group dev python tests/integrity/test_golden_verdicts.py

A line holds the row's id, the outcome, the strongest action, each finding as rule and quote, the claims found, checked
and unsupported, and the text as the rules leave it where they change it. `held_out.jsonl` has no part in it.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from proofkit_core.checking.rows import Row, row_ledger
from proofkit_core.integrity import Action, Disclosing, review_text

_HERE = Path(__file__).parent
_GOLDEN = _HERE / "golden" / "verdicts.jsonl"
_ORDER = tuple(Action)


def _cells() -> dict[str, list[dict[str, Any]]]:
    """Return the rows by file and carrier: small enough to stop early, large enough to show what a change does."""
    cells: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted((_HERE / "corpus").glob("*.jsonl")):
        if not path.stem.startswith("held_out"):
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                cells[f"{path.stem}-{row['context']['field']}"].append(row)
    return cells


def _golden() -> dict[str, dict[str, Any]]:
    verdicts = map(json.loads, _GOLDEN.read_text(encoding="utf-8").splitlines())
    return {verdict["id"]: verdict for verdict in verdicts}


def _verdict(fields: dict[str, Any]) -> dict[str, Any]:
    row = Row.model_validate(fields)
    verdict = review_text(
        row.text,
        facts=row_ledger(row.context),
        carrier=row.context.field,
        disclosing=Disclosing.NEVER if row.context.doc_has_disclosure else Disclosing.WHERE_NAMED,
    )
    found = verdict.findings
    said: dict[str, Any] = {
        "id": row.id,
        "outcome": verdict.outcome.value,
        "action": min((each.action for each in found), key=_ORDER.index, default=Action.KEEP).value,
        "findings": [[each.rule, each.quote] for each in found],
        "claims": [verdict.claims_found, verdict.claims_checked, verdict.claims_unsupported],
    }
    return said if verdict.text == row.text else {**said, "text": verdict.text}


_CELLS = _cells()
_VERDICTS = _golden() if _GOLDEN.exists() else {}


@pytest.mark.parametrize("name", _CELLS)
def test_the_rules_say_what_they_said(name: str) -> None:
    now = [_verdict(row) for row in _CELLS[name]]
    assert now == [_VERDICTS.get(verdict["id"]) for verdict in now]


def test_no_verdict_is_kept_of_a_row_that_is_gone() -> None:
    assert list(_VERDICTS) == [row["id"] for rows in _CELLS.values() for row in rows]


def _write() -> None:
    lines = [json.dumps(_verdict(row), ensure_ascii=False) for rows in _CELLS.values() for row in rows]
    _GOLDEN.parent.mkdir(exist_ok=True)
    _GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
