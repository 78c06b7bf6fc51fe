"""Checks a text against the facts: parse, claims, decision table, minimal edits, and a second look that decides."""

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from proofkit_core.integrity.claims import Change, Claim, Standing
from proofkit_core.integrity.conflicts import read_conflicts
from proofkit_core.integrity.disclosing import read_disclosure
from proofkit_core.integrity.edits import make_edits
from proofkit_core.integrity.hits import find_hits
from proofkit_core.integrity.language import read_language
from proofkit_core.integrity.metrics import LABEL, LONG_LABEL, read_metrics, says_all_labelled
from proofkit_core.integrity.page import Page, open_pages
from proofkit_core.integrity.passages import PassageKind, read_passages
from proofkit_core.integrity.records import Action, Carrier, Disclosing, Edit, FactLedger, Finding, Outcome, Verdict
from proofkit_core.integrity.rewriting import FRAME
from proofkit_core.integrity.rules import load_rules
from proofkit_core.integrity.settling import settle
from proofkit_core.integrity.support import Facts, index_facts

LONG_TEXT = 1_500
"""A text of so many characters without any claim is worth a warning."""
_ORDER = tuple(Action)
_REWRITES = frozenset({Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT})
_STOP = re.compile(r"[.!?]\s|\n")


Edits = tuple[tuple[str, Change], ...]
"""Rule id and change, none overlapping another, in order of place."""


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
    every = _choose(first.wanted)
    for changes in dict.fromkeys((_without_frames(text, every), every, _framed(text, first.wanted))):
        edited, edits = make_edits(text, changes)
        problem = _post_conditions(text, edited, edits, _pass(edited, index, carrier, disclosing))
        if not problem:
            return _verdict(text, edited, first, edits, Outcome.EDITED)
    return _verdict(text, text, first._replace(blocked=problem), (), Outcome.BLOCKED)


def _without_frames(text: str, changes: Edits) -> Edits:
    """Leave out a frame around a sentence where its words are changed as well; the second look says if that is enough."""
    kept: list[tuple[str, Change]] = []
    for number, (rule, change) in enumerate(changes):
        following = changes[number + 1][1] if number + 1 < len(changes) else None
        alone = following is None or bool(_STOP.search(text, change.end, following.start)) or following.start == following.end
        if alone or not _is_frame(change):
            kept.append((rule, change))
    return tuple(kept)


def _framed(text: str, wanted: Sequence[Claim]) -> Edits:
    """Return the changes with nothing but the frame where a sentence can have one."""
    frames = {change.start: change.end for claim in wanted for change in claim.changes if _is_frame(change)}
    kept = [
        claim
        for claim in wanted
        if any(_is_frame(change) for change in claim.changes)
        or load_rules()[claim.rule].action not in _REWRITES
        or not any(start <= claim.start and not _STOP.search(text, end, claim.start) for start, end in frames.items())
    ]
    return _choose(kept)


def _is_frame(change: Change) -> bool:
    return FRAME.lower() in change.after.lower()


def _pass(text: str, facts: Facts, carrier: Carrier, disclosing: Disclosing) -> _Pass:
    pages = open_pages(text, facts, carrier)
    found = _claims(text, pages, facts, carrier, disclosing)
    claims = [claim for claim in found if carrier in load_rules()[claim.rule].carriers]
    blocked: list[Claim] = []
    wanted: list[Claim] = []
    for claim in claims:
        if claim.standing is Standing.OPEN:
            flagged = load_rules()[claim.rule].action is Action.FLAG
            (wanted if claim.changes and not flagged else blocked).append(claim)
    return _Pass(tuple(claims), tuple(wanted), tuple(blocked))


def _claims(
    text: str, pages: tuple[Page, ...], facts: Facts, carrier: Carrier, disclosing: Disclosing
) -> list[Claim]:
    all_labelled = any(says_all_labelled(page) for page in pages)
    label = _label(text, carrier, disclosing)
    found: dict[int, list[Claim]] = {id(page): [] for page in pages}
    for hit in find_hits(pages, carrier):
        found[id(hit.page)].append(settle(hit))
    claims: list[Claim] = []
    for page in pages:
        conflicts = list(read_conflicts(page))
        life = _without_doubles(page, found[id(page)], conflicts)
        claims += _once([*life, *conflicts])
        claims += _kinds_apart(page, life, list(read_metrics(page, all_labelled=all_labelled, label=label)))
    claims += read_language(pages)
    if disclosing is not Disclosing.NEVER:
        claims += read_disclosure(text, pages, carrier, facts.ledger.company, disclosing)
    return claims


def _label(text: str, carrier: Carrier, disclosing: Disclosing) -> str:
    """Return how a figure is marked: the short form only where a packet, or the text itself, explains it."""
    in_packet = carrier is Carrier.SECTION and disclosing is Disclosing.ALWAYS
    return LABEL if in_packet or LABEL.strip() in text else LONG_LABEL


def _without_doubles(page: Page, life: Sequence[Claim], conflicts: Sequence[Claim]) -> list[Claim]:
    """Leave out claims of a job in a sentence that contradicts a fact about that very job."""
    told = {page.sentence_of(claim.start) for claim in conflicts}
    return [
        claim
        for claim in life
        if not (
            claim.standing is Standing.OPEN
            and claim.rule.startswith("employment.")
            and page.sentence_of(claim.start) in told
        )
    ]


def _once(claims: Sequence[Claim]) -> list[Claim]:
    """Leave out an open claim that lies within another one that blocks or is put right the same way."""
    kept: list[Claim] = []
    for claim in sorted(claims, key=lambda c: (c.start, -c.end)):
        last = kept[-1] if kept else None
        inside = last is not None and last.standing is claim.standing is Standing.OPEN and claim.end <= last.end
        if not (inside and last is not None and last.changes in {(), claim.changes}):
            kept.append(claim)
    return kept


def _kinds_apart(page: Page, life: Sequence[Claim], metrics: Sequence[Claim]) -> list[Claim]:
    """A figure in a true sentence about the person's life is never labelled: it is theirs, or it contradicts them."""
    true_sentences: dict[int, Claim] = {}
    for claim in life:
        if claim.standing is Standing.SUPPORTED:
            true_sentences.setdefault(page.sentence_of(claim.start), claim)
    told: list[Claim] = []
    for metric in metrics:
        carrying = true_sentences.get(page.sentence_of(metric.start))
        if metric.standing is Standing.OPEN and carrying and carrying.start <= metric.start:
            told.append(Claim("fact.conflict", metric.start, metric.end, Standing.OPEN, support=carrying.support))
        else:
            told.append(metric)
    return told


def _choose(claims: Sequence[Claim]) -> Edits:
    """Return the changes of the strongest claims; a weaker one that overlaps them waits for the second look."""
    ranked = sorted(claims, key=lambda c: (_ORDER.index(load_rules()[c.rule].action), c.start, -c.end))
    chosen: list[tuple[str, Change]] = []
    for claim in ranked:
        places = [bisect_left(chosen, _place(change), key=lambda pair: _place(pair[1])) for change in claim.changes]
        near = [chosen[i][1] for place in places for i in range(max(0, place - 1), min(place + 1, len(chosen)))]
        if not any(_overlap(change, other) for change in claim.changes for other in near):
            for change in claim.changes:
                insort(chosen, (claim.rule, change), key=lambda pair: _place(pair[1]))
    return tuple(chosen)


def _place(change: Change) -> tuple[int, int]:
    return change.start, change.end


def _overlap(one: Change, other: Change) -> bool:
    if one.start == one.end or other.start == other.end:
        return other.start < one.start < other.end or one.start < other.start < one.end or one == other
    return one.start < other.end and other.start < one.end


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
