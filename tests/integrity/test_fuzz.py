"""Texts that nobody would write: the rules read them all, and leave their blocks as they are."""

import json
import os
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from proofkit_core.integrity import Carrier, Disclosing, FactLedger, Outcome, Verdict, review_text, undo

PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
MORE = settings(PROFILE, max_examples=PROFILE.max_examples * 5)
FOLDER = Path(__file__).parent / "cases"
PIECES: list[str] = [
    piece
    for name in ("pieces", "hostile")
    for piece in json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
]
CLAIMS = (
    "I led a team of 8 at Marramkeld Supply.",
    "Our client was delighted.",
    "Queues fall by 20%",
    "saves £1.2k a month and 12 minutes",
    "I was responsible for the gate, and I reduced complaints.",
    "- Led the rollout",
    "My manager at Marramkeld Supply asked me.",
    "I am PMP certified.",
    "38 deliveries on a normal Monday [S2]",
    "I trained 12 new starters",
)
MARKUP = (
    *("**", "*", "__", "_", "~~", "`", "```", "~~~", "\\", "|", "> ", "- ", "* ", "+ ", "1. ", "# ", "#", "---", "==="),
    *("    ", "\t", "\n", "\n\n", "  \n", "\r\n", "[", "]", "](", ")", "![", "[^1]", "[a]: /b", "<b>", "</b>", "<!--"),
    *("-->", "<div>", "</div>", "<script>", "&amp;", "&#x49;", "https://a.example/20%", "<me@a.example>", "| --- |"),
    *("{", "}", '"', "'", ":", "\u200b", "\u00ad", "\u202e", "\ufeff", "\u2028", "\x00", "\x0b", "\u0301", "\ue000"),
)
UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
MARKDOWN = st.lists(st.sampled_from([*MARKUP, *CLAIMS, *PIECES]) | st.text(max_size=4), max_size=40).map("".join)
SPACED = st.lists(st.sampled_from([*MARKUP, *CLAIMS]), max_size=30).map(" ".join)
CARRIERS = st.sampled_from(Carrier)

_READER = MarkdownIt("commonmark").enable("table")


def shape(text: str) -> list[tuple[str, int, int]]:
    return [(token.type, token.nesting, token.level) for token in _READER.parse(text)]


def holds(text: str, verdict: Verdict) -> None:
    """Check what holds for every verdict."""
    assert undo(verdict.text, verdict.edits) == text
    assert verdict.edits or verdict.text == text
    assert (verdict.outcome is Outcome.EDITED) == bool(verdict.edits)
    assert all(text[finding.start : finding.end] == finding.quote for finding in verdict.findings)


@given(text=UNICODE, carrier=CARRIERS, disclosing=st.sampled_from(Disclosing))
@MORE
@example(text="", carrier=Carrier.EXPORT, disclosing=Disclosing.ALWAYS)
@example(text="\u00bc\u00bc", carrier=Carrier.SECTION, disclosing=Disclosing.NEVER)
@example(text="\U0010ffff\x00\U000e0049", carrier=Carrier.POST, disclosing=Disclosing.ALWAYS)
def test_any_characters_can_be_read(text: str, carrier: Carrier, disclosing: Disclosing, facts: FactLedger) -> None:
    holds(text, review_text(text, facts=facts, carrier=carrier, disclosing=disclosing))


@given(noise=UNICODE, claim=st.sampled_from(CLAIMS), behind=UNICODE, carrier=CARRIERS)
@MORE
def test_a_claim_among_any_characters_is_left_or_put_right(
    noise: str, claim: str, behind: str, carrier: Carrier, facts: FactLedger
) -> None:
    text = f"{noise}\n\n{claim}\n\n{behind}"
    verdict = review_text(text, facts=facts, carrier=carrier)
    holds(text, verdict)
    assert not review_text(verdict.text, facts=facts, carrier=carrier).edits


@given(text=MARKDOWN | SPACED, carrier=CARRIERS)
@MORE
@example(text="<script> Our client was delighted.", carrier=Carrier.SECTION)
@example(text="<![CDATA[Our client was delighted.", carrier=Carrier.SECTION)
def test_hostile_markdown_keeps_its_blocks(text: str, carrier: Carrier, facts: FactLedger) -> None:
    verdict = review_text(text, facts=facts, carrier=carrier, disclosing=Disclosing.NEVER)
    holds(text, verdict)
    assert shape(verdict.text) == shape(text)


@given(text=MARKDOWN | SPACED, carrier=st.sampled_from([Carrier.POST, Carrier.BULLET]))
@MORE
def test_a_hostile_text_that_travels_gets_its_disclosure_once(text: str, carrier: Carrier, facts: FactLedger) -> None:
    verdict = review_text(text, facts=facts, carrier=carrier)
    holds(text, verdict)
    added = [edit.after for edit in verdict.edits if edit.rule == "disclosure.missing"]
    own = "\n\nThis is a practice piece: " if carrier is Carrier.POST else "Simulated project: "
    assert not added or (len(added) == 1 and added[0].startswith(own))
    assert not review_text(verdict.text, facts=facts, carrier=carrier).edits


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | UNICODE
    | MARKDOWN
    | st.sampled_from(CLAIMS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6) | st.sampled_from(CLAIMS), inner, max_size=4)
    ),
    max_leaves=12,
)


def skeleton(value: object) -> object:
    """Return a JSON value with every string that is no key replaced by a mark."""
    match value:
        case dict():
            return {key: skeleton(inner) for key, inner in value.items()}  # type: ignore[reportUnknownVariableType]
        case list():
            return [skeleton(inner) for inner in value]  # type: ignore[reportUnknownVariableType]
        case str():
            return "text"
        case _:
            return value


@given(
    value=st.lists(_VALUES, max_size=3) | st.dictionaries(st.text(max_size=6), _VALUES, max_size=3), carrier=CARRIERS
)
@MORE
def test_json_stays_json(value: object, carrier: Carrier, facts: FactLedger) -> None:
    text = json.dumps(value, ensure_ascii=len(str(value)) % 2 == 0, indent=len(str(value)) % 3 or None)
    verdict = review_text(text, facts=facts, carrier=carrier, disclosing=Disclosing.NEVER)
    holds(text, verdict)
    assert skeleton(json.loads(verdict.text)) == skeleton(value)
