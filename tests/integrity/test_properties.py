"""What holds for every text, whatever it says: the properties that the integrity policy promises.

The texts are put together from the sentences of the corpus, in every form in which a text may come.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from proofkit_core.checking.rows import Row, RowContext, row_ledger
from proofkit_core.integrity import (
    Action,
    Carrier,
    Disclosing,
    Edit,
    Fact,
    FactLedger,
    Outcome,
    Verdict,
    review_text,
    undo,
)

PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
FOLDER = Path(__file__).parent
CORPUS = sorted(path for path in (FOLDER / "corpus").glob("*.jsonl") if path.stem != "held_out")
ROWS = [
    Row.model_validate_json(line) for path in CORPUS for line in path.read_text(encoding="utf-8").splitlines() if line
]
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "cases" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
]
MILDEST_FIRST = list(Outcome)
STRONGEST_FIRST = list(Action)

_MARK = re.compile(r"[\s>#]*(?:[-+*]\s|\d+[.)]\s)?")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_BLOCK = re.compile(r"^\s*(?:[|>#{\[`]|[-+*]\s|\d+[.)]\s)|```|\|", re.MULTILINE)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text that stand in plain lines."""
    lines = [_MARK.sub("", line, count=1) for line in text.splitlines() if not set("|`{}<") & set(line)]
    return [part.strip() for line in lines for part in _END.split(line) if len(part.split()) > 2]


def _json(told: Sequence[str]) -> str:
    return json.dumps({"summary": told[0], "items": [{"I led 20%": each} for each in told[1:]]}, ensure_ascii=False)


FORMS: dict[str, Callable[[Sequence[str]], str]] = {
    "paragraph": " ".join,
    "paragraphs": "\n\n".join,
    "list": lambda told: "\n".join(f"- {each}" for each in told),
    "steps": lambda told: "\n".join(f"{n}. {each}" for n, each in enumerate(told, 1)),
    "table": lambda told: "| Part | Detail |\n| --- | --- |\n" + "\n".join(f"| next | {each} |" for each in told),
    "quotation": lambda told: "\n".join(f"> {each}" for each in told),
    "under a heading": lambda told: "### Notes\n\n" + " ".join(told),
    "bold lead": lambda told: f"**{told[0].rstrip('.')}.** " + " ".join(told[1:]),
    "JSON": _json,
    "indented JSON": lambda told: json.dumps([*told], indent=2),
}


class Document(NamedTuple):
    """A text with all that decides about it."""

    text: str
    facts: FactLedger
    carrier: Carrier
    disclosing: Disclosing


def review(document: Document) -> Verdict:
    return review_text(document.text, facts=document.facts, carrier=document.carrier, disclosing=document.disclosing)


def merged(rows: Sequence[Row]) -> FactLedger:
    """Return the facts of several rows as if one person had handed them in."""
    contexts = [row.context for row in rows]
    return row_ledger(
        RowContext(
            user_facts=tuple(fact for context in contexts for fact in context.user_facts),
            brief_facts=tuple(fact for context in contexts for fact in context.brief_facts),
            fictional_company=contexts[0].fictional_company,
            consent=tuple(name for context in contexts for name in context.consent),
        )
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    rows = draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=3))
    facts = merged(rows[: draw(st.integers(1, len(rows)))])
    blocks: list[str] = []
    for row in rows:
        form = draw(st.sampled_from(["as written", *FORMS]))
        told = draw(st.permutations(sentences(row.text)))
        blocks.append(FORMS[form](told) if told and form in FORMS else row.text)
        if form.endswith("JSON"):
            blocks = blocks[-1:]
            break
    disclosing = draw(st.sampled_from(Disclosing))
    return Document("\n\n".join(blocks), facts, draw(st.sampled_from(Carrier)), disclosing)


DOCUMENTS = documents()
PLAIN_ROWS = [row for row in ROWS if not _BLOCK.search(row.text)]


# --- what a verdict is ---


@given(document=DOCUMENTS)
@PROFILE
def test_a_second_pass_changes_nothing(document: Document) -> None:
    verdict = review(document)
    again = review(document._replace(text=verdict.text))
    assert again.text == verdict.text
    assert not again.edits
    assert again.outcome is (Outcome.BLOCKED if verdict.outcome is Outcome.BLOCKED else Outcome.CLEAN)


@given(document=DOCUMENTS)
@PROFILE
def test_a_blocked_text_and_a_clean_one_stay_as_they_were(document: Document) -> None:
    verdict = review(document)
    if verdict.outcome is not Outcome.EDITED:
        assert verdict.text == document.text
        assert not verdict.edits
    else:
        assert verdict.edits
    assert (verdict.outcome is Outcome.CLEAN) == all(f.action is Action.KEEP for f in verdict.findings)


@given(document=DOCUMENTS)
@PROFILE
def test_undo_restores_the_input(document: Document) -> None:
    verdict = review(document)
    assert undo(verdict.text, verdict.edits) == document.text


@given(document=DOCUMENTS)
@PROFILE
def test_the_edits_tell_the_output(document: Document) -> None:
    verdict = review(document)
    told, place = "", 0
    for edit in verdict.edits:
        assert document.text[edit.start_before : edit.end_before] == edit.before
        assert edit.start_before >= place
        told += document.text[place : edit.start_before]
        assert edit.start_after == len(told)
        told += edit.after
        assert edit.end_after == len(told)
        place = edit.end_before
    assert told + document.text[place:] == verdict.text


@given(document=DOCUMENTS)
@PROFILE
def test_findings_point_into_the_text_and_explain_each_edit(document: Document) -> None:
    verdict = review(document)
    for finding in verdict.findings:
        assert document.text[finding.start : finding.end] == finding.quote
    assert {edit.rule for edit in verdict.edits} <= {finding.rule for finding in verdict.findings}
    assert verdict.claims_unsupported <= verdict.claims_checked <= verdict.claims_found


def test_verdicts_are_the_same_in_another_process(facts: FactLedger) -> None:
    program = (
        "import hashlib, pathlib, sys\n"
        "from proofkit_core.checking.rows import Row, row_ledger\n"
        "from proofkit_core.integrity import Carrier, FactLedger, review_text\n"
        "facts = FactLedger.model_validate_json(sys.argv[1])\n"
        "digest = hashlib.sha256()\n"
        "lines = [line for path in sys.argv[3:] for line in pathlib.Path(path).read_text('utf-8').splitlines()]\n"
        "for line in lines[:: int(sys.argv[2])]:\n"
        "    row = Row.model_validate_json(line)\n"
        "    for known in (facts, row_ledger(row.context)):\n"
        "        verdict = review_text(row.text, facts=known, carrier=row.context.field)\n"
        "        digest.update(verdict.model_dump_json().encode())\n"
        "print(digest.hexdigest())\n"
    )
    every = "1" if PROFILE.max_examples > 100 else "12"
    command = [sys.executable, "-c", program, facts.model_dump_json(), every, *map(str, CORPUS)]
    running = [
        subprocess.Popen(command, env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE)
        for seed in ("0", "1", "2")
    ]
    digests = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(digests) == 1


# --- what stays ---


@pytest.mark.parametrize("form", FORMS)
def test_kept_texts_stay_byte_identical_in_every_form(form: str, facts: FactLedger) -> None:
    kept = [case["text"] for case in CASES if case["action"] == "keep" and case["carrier"] == "section"]
    told = [text for text in kept if not _BLOCK.search(text) and "\n" not in text and not text.endswith(":")]
    assert len(told) > 50
    for one, other in pairwise(told):
        text = FORMS[form]([one, other])
        verdict = review_text(text, facts=facts, carrier=Carrier.SECTION)
        assert (verdict.text, verdict.findings) == (text, ()), verdict.findings


@given(document=DOCUMENTS)
@PROFILE
def test_digits_stay(document: Document) -> None:
    verdict = review(document)
    own = [edit for edit in verdict.edits if edit.rule == "disclosure.missing"]  # it names the company
    assert _digits(_without(verdict.text, own)) == _digits(document.text)


def _without(text: str, edits: Sequence[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start_after] + edit.before + text[edit.end_after :]
    return text


def _digits(text: str) -> list[str]:
    return sorted(char for char in text if char.isdigit())


OWN_FACTS = sorted({fact for row in ROWS for fact in row.context.user_facts if len(sentences(fact)) == 1})
BRIEF_FACTS = sorted({fact for row in ROWS for fact in row.context.brief_facts if len(sentences(fact)) == 1})


@given(fact=st.sampled_from(OWN_FACTS), form=st.sampled_from(sorted(FORMS)), other=st.sampled_from(BRIEF_FACTS))
@PROFILE
def test_what_the_facts_say_passes_as_it_stands(fact: str, form: str, other: str) -> None:
    facts = row_ledger(RowContext(user_facts=(fact,), brief_facts=(other,)))
    text = FORMS[form]([fact, other])
    verdict = review_text(text, facts=facts, carrier=Carrier.SECTION)
    assert (verdict.text, verdict.outcome) == (text, Outcome.CLEAN), verdict.findings


@given(document=DOCUMENTS, fact=st.sampled_from(OWN_FACTS))
@PROFILE
def test_a_supported_fact_stays_in(document: Document, fact: str) -> None:
    assume(not document.text.startswith(("{", "[")))
    own = (*document.facts.user_facts, Fact(ref="notes[7]", text=fact))
    document = document._replace(
        text=f"{document.text}\n\n{fact}", facts=document.facts.model_copy(update={"user_facts": own})
    )
    assert fact in review(document).text


# --- what the facts decide ---

UNRELATED = (
    "Pumpkins ripen late.",
    "The lighthouse at Nairn has 212 steps.",
    "My aunt keeps eleven hens.",
    "I painted the shed in 1987.",
    "The roof is green.",
    "Chess club met on Sundays until 2003.",
)


def _stems(text: str) -> set[str]:
    return {word[:4].lower() for word in re.findall(r"\w{3,}|\d+", text)} - {"the"}


@given(document=DOCUMENTS, fact=st.sampled_from(UNRELATED), is_own=st.booleans())
@PROFILE
def test_an_unrelated_fact_changes_nothing(document: Document, fact: str, is_own: bool) -> None:  # noqa: FBT001 - drawn
    assume(not _stems(fact) & _stems(document.text))
    kind = "user_facts" if is_own else "scenario_facts"
    known: tuple[Fact, ...] = getattr(document.facts, kind)
    more = document.facts.model_copy(update={kind: (*known, Fact(ref="S99", text=fact))})
    assert review(document._replace(facts=more)) == review(document)


@given(document=DOCUMENTS, data=st.data())
@PROFILE
def test_removing_a_supporting_fact_is_never_milder(document: Document, data: st.DataObject) -> None:
    # A text that need not disclose unless it speaks of the exercise speaks less of it with fewer facts.
    assume(document.disclosing is not Disclosing.WHERE_NAMED)
    full = review(document)
    assume(
        not any(finding.rule == "fact.conflict" for finding in full.findings)
    )  # what a fact denies, it does not support
    facts = document.facts
    fewer = facts.model_copy(
        update={
            "user_facts": tuple(fact for fact in facts.user_facts if data.draw(st.booleans(), label=fact.text)),
            "scenario_facts": tuple(fact for fact in facts.scenario_facts if data.draw(st.booleans(), label=fact.text)),
        }
    )
    less = review(document._replace(facts=fewer))
    assert MILDEST_FIRST.index(less.outcome) >= MILDEST_FIRST.index(full.outcome)
    assert STRONGEST_FIRST.index(strongest(less)) <= STRONGEST_FIRST.index(strongest(full))


def strongest(verdict: Verdict) -> Action:
    return min((finding.action for finding in verdict.findings), key=STRONGEST_FIRST.index, default=Action.KEEP)


# --- what stands beside does not decide ---

_PROBE = "Queues would fall by 31% and I led the rollout."


def _labels_all(text: str, facts: FactLedger) -> bool:
    """Say whether a text labels figures, or sets sentences apart, beyond its own block."""
    probe = review_text(f"{text}\n\n{_PROBE}\n\n{text}", facts=facts, carrier=Carrier.SECTION)
    start = len(text) + 2
    inside = [f for f in probe.findings if start <= f.start < start + len(_PROBE) and f.quote != probe.text]
    return len(inside) != len(review_text(_PROBE, facts=facts, carrier=Carrier.SECTION).findings)


@given(rows=st.lists(st.sampled_from(PLAIN_ROWS), min_size=2, max_size=2))
@PROFILE
def test_two_paragraphs_together_are_each_alone(rows: list[Row]) -> None:
    facts = merged(rows)
    texts = [row.text for row in rows]
    assume(not any(_labels_all(text, facts) for text in texts))
    apart = [review_text(text, facts=facts, carrier=Carrier.SECTION) for text in texts]
    together = review_text("\n\n".join(texts), facts=facts, carrier=Carrier.SECTION)
    assert together.outcome is max((verdict.outcome for verdict in apart), key=MILDEST_FIRST.index)
    if together.outcome is not Outcome.BLOCKED:
        assert together.text == "\n\n".join(verdict.text for verdict in apart)
        rules = sorted(finding.rule for verdict in apart for finding in verdict.findings)
        assert sorted(finding.rule for finding in together.findings) == rules


# --- what an edit may do ---

_READER = MarkdownIt("commonmark").enable("table")


def _shape(text: str) -> list[tuple[str, int, int]]:
    return [(token.type, token.nesting, token.level) for token in _READER.parse(text)]


def _untouchable(text: str) -> list[str]:
    """Return code and the targets of links, in order."""
    tokens = [inner for token in _READER.parse(text) for inner in (token, *(token.children or ()))]
    kept = [token.content for token in tokens if token.type in {"code_inline", "fence", "code_block", "html_inline"}]
    return kept + [str(token.attrs["href"]) for token in tokens if "href" in token.attrs]


@given(document=DOCUMENTS)
@PROFILE
def test_blocks_tables_code_and_links_keep_their_shape(document: Document) -> None:
    verdict = review(document)
    appended = ["paragraph_open", "inline", "paragraph_close"]
    before, after = _shape(document.text), _shape(verdict.text)
    if any(edit.rule == "disclosure.missing" and edit.after.startswith("\n") for edit in verdict.edits):
        assert [kind for kind, _, _ in after[len(before) :]] == appended
        after = after[: len(before)]
    assert after == before
    assert _untouchable(verdict.text) == _untouchable(document.text)


@given(
    rows=st.lists(st.sampled_from(ROWS), min_size=1, max_size=3),
    ascii_only=st.booleans(),
    carrier=st.sampled_from(Carrier),
)
@PROFILE
def test_json_stays_json_with_its_keys(rows: list[Row], ascii_only: bool, carrier: Carrier) -> None:  # noqa: FBT001 - drawn
    value = {"I led 20%": [row.text for row in rows], "nested": {"team of 8": rows[0].text, "n": 20, "no": None}}
    text = json.dumps(value, ensure_ascii=ascii_only)
    verdict = review_text(text, facts=merged(rows), carrier=carrier, disclosing=Disclosing.NEVER)
    after = json.loads(verdict.text)
    assert list(after) == list(value)
    assert len(after["I led 20%"]) == len(rows)
    assert (list(after["nested"]), after["nested"]["n"], after["nested"]["no"]) == (["team of 8", "n", "no"], 20, None)
