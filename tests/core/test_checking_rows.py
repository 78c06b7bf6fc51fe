"""The batch form: rows in, rows out, each on its own."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_core.checking import Row, RowContext, RowFailure, RowResult, check_row, check_rows
from proofkit_core.integrity import Action

FACTS = {"user_facts": ["I trained 12 new starters."], "brief_facts": ["4 loading bays"]}
KEEP = {"id": "keep", "text": "I trained 12 new starters.", "context": FACTS}
LABEL = {"id": "label", "text": "Costs would fall by 37%.", "context": FACTS}
FLAG = {"id": "flag", "text": "I am PMP certified.", "context": FACTS}
ABOUT = {"fictional_company": "Marramkeld Supply", "field": "post"}
DISCLOSE = {"id": "disclose", "text": "I wrote a plan for Marramkeld Supply.", "context": ABOUT}


def lines_of(*rows: object) -> list[bytes]:
    return [json.dumps(row).encode() + b"\n" for row in rows]


def answers_to(*rows: object) -> list[RowResult | RowFailure]:
    return list(check_rows(lines_of(*rows)))


@pytest.mark.parametrize("row", [KEEP, LABEL, FLAG, DISCLOSE], ids=lambda row: row["id"])
def test_a_row_is_answered_with_its_strongest_action(row: dict[str, Any]) -> None:
    wanted = {"label": Action.LABEL_HYPOTHETICAL}.get(row["id"]) or Action(row["id"])
    (answer,) = answers_to(row)
    assert isinstance(answer, RowResult)
    assert answer.action is wanted
    assert (answer.text == row["text"]) == (wanted in {Action.KEEP, Action.FLAG})
    assert all(row["text"][each.start : each.end] and each.reason for each in answer.findings)


def test_of_two_findings_the_stronger_action_counts() -> None:
    (answer,) = answers_to({"id": 1, "text": "Costs would fall by 37%. I am PMP certified.", "context": FACTS})
    assert isinstance(answer, RowResult)
    assert answer.action is Action.FLAG
    assert {each.action for each in answer.findings} >= {Action.FLAG, Action.LABEL_HYPOTHETICAL}


def test_a_document_that_discloses_spares_the_text_from_disclosing() -> None:
    inside = DISCLOSE | {"context": ABOUT | {"doc_has_disclosure": True}}
    (answer,) = answers_to(inside)
    assert isinstance(answer, RowResult)
    assert answer.action is Action.KEEP


def test_a_missing_context_and_a_null_in_it_mean_no_facts_and_a_section() -> None:
    bare = {"id": "a", "text": "Costs would fall by 37%."}
    empty = bare | {"context": {"user_facts": None, "field": None, "doc_has_disclosure": None}}
    assert answers_to(bare) == answers_to(empty) == answers_to(bare | {"context": None})
    assert check_row(Row(id="a", text="Costs would fall by 37%.", context=RowContext())) == answers_to(bare)[0]


def test_keys_of_a_labelled_corpus_are_ignored() -> None:
    assert answers_to(KEEP | {"label": "keep", "split": "test"}) == answers_to(KEEP)


BAD = {
    "no JSON": (b"{", "not valid JSON"),
    "not UTF-8": (b'{"id": "\xff"}', "not UTF-8"),
    "a list": (b"[1]", "expected an object"),
    "no text": (b'{"id": "x"}', "'text' is missing"),
    "text is a number": (b'{"id": "x", "text": 3}', "'text' must be a text"),
    "id is a list": (b'{"id": [], "text": "a"}', "'id' must be a text or a whole number"),
    "half a character": (b'{"id": "x", "text": "\\ud800"}', "half a character"),
    "unknown field": (b'{"id": "x", "text": "a", "context": {"field": "tweet"}}', "must be one of section"),
    "facts are one text": (b'{"id": "x", "text": "a", "context": {"user_facts": "me"}}', "must be a list of texts"),
    "misspelt context": (b'{"id": "x", "text": "a", "contxt": {}}', "Rename it"),
    "nested deeply": (b"[" * 100_000, "not valid JSON"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_says_what_is_wrong_and_costs_the_others_nothing(case: str) -> None:
    line, told = BAD[case]
    good = lines_of(KEEP)
    first, failure, last = check_rows([*good, line, *good])
    assert isinstance(failure, RowFailure)
    assert failure.line == 2
    assert told in failure.error
    assert len(failure.error) < 300
    assert failure.id == ("x" if b'"id": "x"' in line else None)
    assert first == last == answers_to(KEEP)[0]


def test_empty_lines_are_passed_over_and_still_counted() -> None:
    answers = list(check_rows([b"\n", b"  \r\n", b"nonsense", b"\n"]))
    assert [answer.line for answer in answers if isinstance(answer, RowFailure)] == [3]


def test_a_mark_at_the_beginning_of_the_file_is_no_part_of_the_first_row() -> None:
    assert list(check_rows([b"\xef\xbb\xbf" + lines_of(KEEP)[0]])) == answers_to(KEEP)


def test_rows_are_answered_as_they_come() -> None:
    endless = itertools.cycle(lines_of(KEEP, LABEL))
    assert len(list(itertools.islice(check_rows(endless), 5))) == 5


@settings(deadline=None)  # the first text loads the rules
@given(st.permutations([KEEP, LABEL, FLAG, DISCLOSE]))
def test_the_answer_to_a_row_does_not_depend_on_the_rows_before_it(rows: list[dict[str, Any]]) -> None:
    alone = [answers_to(row)[0] for row in rows]
    assert answers_to(*rows) == alone


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_no_line_ends_the_run(line: bytes) -> None:
    answers = list(check_rows([line, *lines_of(KEEP)]))
    assert answers[-1] == answers_to(KEEP)[0]
