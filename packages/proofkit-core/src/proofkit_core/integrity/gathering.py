"""Gathers the claims of a text: jobs, clients, credentials, conflicts, figures, language, disclosure."""

from collections.abc import Sequence

from proofkit_core.integrity.claims.claim import Claim, Standing
from proofkit_core.integrity.claims.conflicts import read_conflicts
from proofkit_core.integrity.claims.disclosing import read_disclosure
from proofkit_core.integrity.claims.hits import find_hits
from proofkit_core.integrity.claims.language import read_language
from proofkit_core.integrity.claims.page import Page, open_pages
from proofkit_core.integrity.claims.settling import settle
from proofkit_core.integrity.facts.index import Facts
from proofkit_core.integrity.metrics.unlabelled import LABEL, LONG_LABEL, read_metrics, says_all_labelled
from proofkit_core.integrity.records import Carrier, Disclosing


def gather_claims(text: str, facts: Facts, carrier: Carrier, disclosing: Disclosing) -> list[Claim]:
    """Return every claim of a text with its standing, whichever rules count in its carrier.

    Args:
        text: The original.
        facts: What its statements may rest on, indexed.
        carrier: What kind of text it is.
        disclosing: When the text itself has to disclose.
    """
    pages = open_pages(text, facts, carrier)
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
