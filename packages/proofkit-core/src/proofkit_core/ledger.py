"""The claim ledger: every statement of a text with the source it rests on.

A statement is yours, the brief's, hypothetical or unsupported. A statement about the person's life can only be carried
by what they typed; a fact of the exercise never stands in for one of theirs.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from proofkit_core.faithfulness import anchors, fold, stem
from proofkit_core.integrity import Carrier, FactLedger, review_text
from proofkit_core.integrity.clauses import is_conditional, sentence_bounds
from proofkit_core.integrity.folding import COMPANY, Folded, fold_passage
from proofkit_core.integrity.passages import PassageKind, read_passages
from proofkit_core.integrity.patterns import pattern
from proofkit_core.integrity.quantities import read_quantities
from proofkit_core.integrity.records import Action
from proofkit_core.integrity.support import FactIndex, Facts, FactSentence, index_facts, tokens_of
from proofkit_core.packet import LedgerEntry, SourceKind, Support

EXERCISE_REF = "exercise"
MIN_RUN = 4
"""So many of a fact's words in a row make a statement that fact's; a whole shorter fact does too."""
MIN_SHARED = 0.6
"""Share of a fact's distinctive words that a statement in other words has to hold."""
_MIN_SHARED_WORDS = 3
_CITED = re.compile(r"\[(s\d+)\]")
_SELF = re.compile(r"\b(?:i|my|me|we|our)\b")
_DISCLOSING = re.compile(r"\b(?:fictional|invented|simulated|does not exist|practice piece)\b")
_REAL_LIFE = frozenset({Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT, Action.FLAG, Action.LABEL_HYPOTHETICAL})


class _Statement(NamedTuple):
    text: str
    lower: str
    row: int
    """Number of the table row it stands in, or -1."""
    start: int
    end: int
    """Place in the text."""


def trace(carrier: str, text: str, *, facts: FactLedger) -> tuple[LedgerEntry, ...]:
    """Return the statements of a text, each with its source.

    Args:
        carrier: `work_sample.<section>`, `post`, `bullets` or `talking_points`.
        text: Rendered Markdown.
        facts: What statements may rest on.
    """
    index = index_facts(facts)
    statements = list(_statements(text, facts))
    verdict = review_text(text, facts=facts, carrier=Carrier.SECTION)
    loose = [(f.start, f.end) for f in verdict.findings if f.action in _REAL_LIFE]
    sources = [
        (SourceKind.UNSUPPORTED, ())
        if any(statement.start < end and start < statement.end for start, end in loose)
        else _source(statement, index)
        for statement in statements
    ]
    yours = {
        s.row: src for s, src in zip(statements, sources, strict=True) if s.row >= 0 and src[0] is SourceKind.YOURS
    }
    entries: list[LedgerEntry] = []
    for number, (statement, source) in enumerate(zip(statements, sources, strict=True), 1):
        # "I know this from practice" beside the person's own note speaks of that note.
        beside = yours.get(statement.row)
        kind, support = beside if beside and _speaks_for_itself(statement, source) else source
        entries.append(
            LedgerEntry(id=f"{carrier}#{number}", carrier=carrier, text=statement.text, kind=kind, support=support)
        )
    return tuple(entries)


def _statements(text: str, facts: FactLedger) -> Iterator[_Statement]:
    for passage in read_passages(text):
        if passage.kind in {PassageKind.HEADING, PassageKind.CODE} or passage.is_header:
            continue
        folded = fold_passage(text, passage.spans, facts.company, facts.people)
        bounds = [(0, len(folded.lower))] if passage.row >= 0 else sentence_bounds(folded.lower)
        for start, end in bounds:
            statement = _statement(text, folded, start, end, passage.row)
            if statement:
                yield statement


def _statement(text: str, folded: Folded, start: int, end: int, row: int) -> _Statement | None:
    lower = folded.lower[start:end]
    if not re.search(r"\w", lower):
        return None
    first, last = folded.span(start, end)
    shown = re.sub(r"\n[ \t]*(?:>[ \t]?)*", " ", text[first:last]).strip()
    return _Statement(shown.lstrip("*_ "), lower, row, first, last)


def _source(statement: _Statement, facts: Facts) -> tuple[SourceKind, tuple[Support, ...]]:
    own = _best(statement.lower, facts.user)
    cited = _cited(statement.lower, facts.scenario)
    if own and (not cited or _SELF.search(statement.lower) or own[1] > len(cited)):
        return SourceKind.YOURS, (_support(SourceKind.YOURS, own[0]),)
    brief = cited or _from_scenario(statement, facts)
    if brief:
        return SourceKind.BRIEF, brief
    return SourceKind.HYPOTHETICAL, (_as_exercise(statement),)


def _best(lower: str, index: FactIndex) -> tuple[FactSentence, float] | None:
    """Return the fact sentence that a statement repeats, with how much of it; word for word wins."""
    words = [token.word for token in tokens_of(lower)]
    runs = {" ".join(words[i : i + MIN_RUN]) for i in range(len(words) - MIN_RUN + 1)}
    stems = {stem(word) for word in words}
    best: tuple[FactSentence, float] | None = None
    for sentence in index.sentences:
        score = 0.0
        if runs & sentence.grams:
            score = 1.0 + len(runs & sentence.grams)
        elif len(sentence.words) < MIN_RUN:
            same = " ".join(words) in sentence.grams
            score = 1.0 if same else 0.0
        elif len(sentence.anchors) >= _MIN_SHARED_WORDS:
            share = len(sentence.anchors & stems) / len(sentence.anchors)
            score = share if share >= MIN_SHARED else 0.0
        if score and (best is None or score > best[1]):
            best = (sentence, score)
    return best


def _cited(lower: str, scenario: FactIndex) -> tuple[Support, ...]:
    wanted = dict.fromkeys(_CITED.findall(lower))
    found = {s.ref.lower(): s for s in reversed(scenario.sentences)}
    return tuple(_support(SourceKind.BRIEF, found[ref]) for ref in wanted if ref in found)


def _from_scenario(statement: _Statement, facts: Facts) -> tuple[Support, ...]:
    found = _best(statement.lower, facts.scenario)
    if found:
        return (_support(SourceKind.BRIEF, found[0]),)
    if not pattern("labelled").search(statement.lower):
        numbers = read_quantities(statement.lower)
        refs = {facts.scenario.carries_number(q) for q in numbers if not q.in_words} - {""}
        held = next((s for s in facts.scenario.sentences if s.ref in refs), None)
        if held:
            return (_support(SourceKind.BRIEF, held),)
    if COMPANY in statement.lower and _DISCLOSING.search(statement.lower):
        return (Support(kind=SourceKind.BRIEF, ref="scenario", quote=facts.ledger.company),)
    return ()


def _support(kind: SourceKind, sentence: FactSentence) -> Support:
    return Support(kind=kind, ref=sentence.ref, quote=sentence.text)


def _as_exercise(statement: _Statement) -> Support:
    """Return the exercise as source, quoting the words that say so, if any do."""
    marker = pattern("labelled").search(statement.lower)
    if marker:
        quote = marker.group()
    else:
        quote = (
            "would" if is_conditional(statement.lower, 0, len(statement.lower)) and "would" in statement.lower else ""
        )
    return Support(kind=SourceKind.HYPOTHETICAL, ref=EXERCISE_REF, quote=quote)


def _speaks_for_itself(statement: _Statement, source: tuple[SourceKind, Sequence[Support]]) -> bool:
    if source[0] is not SourceKind.HYPOTHETICAL or "would" in statement.lower:
        return False
    return bool(_SELF.search(statement.lower)) and len(anchors(statement.lower)) < len(fold(statement.lower)) // 4
