"""Checks a text against the facts: parse, claims, decision table, minimal edits, and a second look that decides."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from proofkit_core.integrity.claims.claim import Claim, Standing
from proofkit_core.integrity.edits import make_edits
from proofkit_core.integrity.facts.index import Facts, index_facts
from proofkit_core.integrity.gathering import gather_claims
from proofkit_core.integrity.planning import plan_changes
from proofkit_core.integrity.reading.passages import PassageKind, read_passages
from proofkit_core.integrity.records import Action, Carrier, Disclosing, Edit, FactLedger, Finding, Outcome, Verdict
from proofkit_core.integrity.rules import load_rules

LONG_TEXT = 1_500
"""A text of so many characters without any claim is worth a warning."""
_ORDER = tuple(Action)


class _Pass(NamedTuple):
    claims: tuple[Claim, ...]
    wanted: tuple[Claim, ...]
    """Open claims that can be put right."""
    blocked: tuple[Claim, ...]


def review_text(
    text: str, *, facts: FactLedger, carrier: Carrier, disclosing: Disclosing = Disclosing.ALWAYS
) -> Verdict:
    """Return what the rules say about a text, with the text as they leave it.

    Args:
        text: Markdown, plain text or JSON.
        facts: What its statements may rest on.
        carrier: What kind of text it is.
        disclosing: When the text itself has to disclose.
    """
    index = index_facts(facts)
    first = _pass(text, index, carrier, disclosing)
    if first.blocked:
        return _verdict(text, text, first, (), Outcome.BLOCKED)
    if not first.wanted:
        return _verdict(text, text, first, (), Outcome.CLEAN)
    problem: tuple[Claim, ...] = ()
    for changes in plan_changes(text, first.wanted):
        edited, edits = make_edits(text, changes)
        problem = _post_conditions(text, edited, edits, _pass(edited, index, carrier, disclosing))
        if not problem:
            return _verdict(text, edited, first, edits, Outcome.EDITED)
    return _verdict(text, text, first._replace(blocked=problem), (), Outcome.BLOCKED)


@lru_cache(maxsize=32)
def reviewed(text: str, facts: FactLedger, carrier: Carrier) -> Verdict:
    """Return what `review_text` returns; of the texts looked at last it is known already.

    Args:
        text: Markdown, plain text or JSON.
        facts: What its statements may rest on.
        carrier: What kind of text it is.
    """
    return review_text(text, facts=facts, carrier=carrier)


def _pass(text: str, facts: Facts, carrier: Carrier, disclosing: Disclosing) -> _Pass:
    found = gather_claims(text, facts, carrier, disclosing)
    claims = [claim for claim in found if carrier in load_rules()[claim.rule].carriers]
    blocked: list[Claim] = []
    wanted: list[Claim] = []
    for claim in claims:
        if claim.standing is Standing.OPEN:
            flagged = load_rules()[claim.rule].action is Action.FLAG
            (wanted if claim.changes and not flagged else blocked).append(claim)
    return _Pass(tuple(claims), tuple(wanted), tuple(blocked))


def _post_conditions(text: str, edited: str, edits: Sequence[Edit], second: _Pass) -> tuple[Claim, ...]:
    """Return what is wrong with the edited text: a claim left over, a number changed, a block changed."""
    left = tuple(claim for claim in second.claims if claim.standing is Standing.OPEN)
    if left:
        # Places of the second look refer to the edited text, so the whole text is quoted.
        return tuple(Claim(claim.rule, 0, len(text), Standing.OPEN) for claim in left)
    shape = _shape(edited)
    if any(edit.rule == "disclosure.missing" and edit.after.startswith("\n") for edit in edits):
        shape = shape[:-1]
    if _digits(text) != _digits(edited) or _shape(text) != shape:
        return tuple(Claim(edit.rule, edit.start_before, edit.end_before, Standing.OPEN) for edit in edits)
    return ()


def _digits(text: str) -> Counter[str]:
    return Counter(char for char in text if char.isdigit())


def _shape(text: str) -> list[tuple[PassageKind, bool, int, int]]:
    return [(p.kind, p.quoted, p.row, len(p.spans)) for p in read_passages(text)]


def _verdict(text: str, edited: str, first: _Pass, edits: tuple[Edit, ...], outcome: Outcome) -> Verdict:
    rules = load_rules()
    open_claims = [claim for claim in first.claims if claim.standing is Standing.OPEN]
    blocking = set(first.blocked)
    reported = [*first.blocked, *(claim for claim in open_claims if claim not in blocking)]
    ranked = sorted(reported, key=lambda c: (c not in blocking, _ORDER.index(rules[c.rule].action), c.start))
    findings = [_finding(text, claim) for claim in ranked]
    if not first.claims and len(text) >= LONG_TEXT:
        findings.append(_finding(text, Claim("coverage.nothing_found", 0, 0, Standing.OPEN)))
    return Verdict(
        outcome=outcome,
        text=edited,
        findings=tuple(findings),
        edits=edits,
        claims_found=len(first.claims),
        claims_checked=sum(claim.standing is not Standing.EXEMPT for claim in first.claims),
        claims_unsupported=len(open_claims),
    )


def _finding(text: str, claim: Claim) -> Finding:
    rule = load_rules()[claim.rule]
    return Finding(
        rule=rule.id,
        action=rule.action,
        start=claim.start,
        end=claim.end,
        quote=text[claim.start : claim.end],
        reason=rule.reason,
    )
