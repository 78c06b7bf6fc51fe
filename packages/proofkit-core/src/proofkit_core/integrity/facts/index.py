"""Looks statements up in the facts: word for word, by shared words, and by equal numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from proofkit_core.cleaning import reads_as_instruction
from proofkit_core.faithfulness import fold, is_distinctive, stem
from proofkit_core.integrity.facts.numbers import FigureIndex, carries_number, index_figures
from proofkit_core.integrity.figures.quantities import Quantity, read_quantities
from proofkit_core.integrity.reading.clauses import sentence_bounds
from proofkit_core.integrity.reading.folding import fold_passage
from proofkit_core.integrity.records import Fact, FactLedger

GRAM = 4
"""So many words in a row that stand in a fact are the fact's words and not a coincidence."""

_TOKEN = re.compile(r"[^\W_]+")
_PUNCTUATION = re.compile(r"[.,;:!?()]")
_NEGATORS = frozenset({"not", "never", "nobody", "none", "neither", "nor", "cannot", "without", "t"})
_REACH = 6


class Token(NamedTuple):
    """A word with its place in the folded passage."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FactSentence:
    """One sentence of a fact, ready for look-up."""

    ref: str
    text: str
    """As it stands in the fact."""
    words: frozenset[str]
    """Comparison forms of its words, those behind a negation left out."""
    anchors: frozenset[str]
    quantities: tuple[Quantity, ...]
    grams: frozenset[str]


@dataclass(frozen=True, slots=True)
class FactIndex:
    """All sentences of one kind of fact."""

    sentences: tuple[FactSentence, ...]
    wholes: tuple[FactSentence, ...]
    """Each fact of several sentences, and all facts together, as if they were one sentence."""
    grams: frozenset[str]
    runs: Mapping[str, tuple[list[str], ...]]
    """The same runs of words, by their first word."""
    figures: FigureIndex

    def covered(self, tokens: Sequence[Token]) -> list[bool]:
        """Say for each token whether it stands in a run of words taken from a fact."""
        flags = [False] * len(tokens)
        if not self.runs:
            return flags
        words = [token.word for token in tokens]
        for i, word in enumerate(words):
            for run in self.runs.get(word, ()):
                if words[i : i + len(run)] == run:
                    flags[i : i + len(run)] = [True] * len(run)
        return flags

    def carries_number(self, quantity: Quantity) -> str:
        """Return the ref of a fact that holds this number with its unit or noun, or an empty string."""
        return carries_number(self.figures, quantity)


@dataclass(frozen=True, slots=True)
class Facts:
    """The ledger, indexed."""

    ledger: FactLedger
    user: FactIndex
    scenario: FactIndex


@lru_cache(maxsize=16)
def index_facts(ledger: FactLedger) -> Facts:
    """Return the ledger ready for look-up.

    Instructions inside what a person typed are data, never facts, so such sentences carry nothing.
    """
    return Facts(
        ledger=ledger,
        user=_index(ledger.user_facts, personal=True),
        scenario=_index(ledger.scenario_facts, personal=False),
    )


def tokens_of(lower: str) -> list[Token]:
    """Return the words of a folded passage; small numbers in words count as digits."""
    return [Token(fold(m[0]), *m.span()) for m in _TOKEN.finditer(lower)]


def _index(facts: Sequence[Fact], *, personal: bool) -> FactIndex:
    sentences = [s for fact in facts for s in _sentences_of(fact) if not (personal and reads_as_instruction(s.text))]
    grams = frozenset(gram for s in sentences for gram in s.grams)
    runs: dict[str, tuple[list[str], ...]] = {}
    for gram in sorted(grams):
        words = gram.split(" ")
        runs[words[0]] = (*runs.get(words[0], ()), words)
    return FactIndex(tuple(sentences), _wholes(sentences), grams, runs, index_figures(sentences))


def _wholes(sentences: Sequence[FactSentence]) -> tuple[FactSentence, ...]:
    groups: dict[str, list[FactSentence]] = {}
    for sentence in sentences:
        groups.setdefault(sentence.ref, []).append(sentence)
        groups.setdefault("", []).append(sentence)
    return tuple(_united(group) for group in groups.values() if len(group) > 1)


def _united(sentences: Sequence[FactSentence]) -> FactSentence:
    return FactSentence(
        ref=sentences[0].ref,
        text="",
        words=frozenset[str]().union(*(s.words for s in sentences)),
        anchors=frozenset[str]().union(*(s.anchors for s in sentences)),
        quantities=tuple(q for s in sentences for q in s.quantities),
        grams=frozenset(),
    )


@lru_cache(maxsize=256)
def _sentences_of(fact: Fact) -> tuple[FactSentence, ...]:
    """Return the sentences of a fact; most facts of an exercise stand in every packet about it."""
    sentences: list[FactSentence] = []
    place = 0
    for line in fact.text.splitlines(keepends=True):
        folded = fold_passage(fact.text, [(place, place + len(line))])
        place += len(line)
        for start, end in sentence_bounds(folded.lower):
            lower = folded.lower[start:end]
            tokens = tokens_of(lower)
            if tokens:
                silenced = _behind_negation(lower, tokens)
                first, last = folded.span(start + tokens[0].start, start + tokens[-1].end)
                text = fact.text[first:last]
                sentences.append(
                    FactSentence(
                        ref=fact.ref,
                        text=text,
                        words=frozenset(stem(t.word) for t, off in zip(tokens, silenced, strict=True) if not off),
                        anchors=frozenset(stem(t.word) for t in tokens if is_distinctive(t.word)),
                        quantities=tuple(read_quantities(lower)),
                        grams=frozenset(_grams(tokens, silenced)),
                    )
                )
    return tuple(sentences)


def _grams(tokens: Sequence[Token], silenced: Sequence[bool]) -> list[str]:
    """Return the runs of words that a sentence carries; behind a negation a run reaches back to it."""
    size = min(GRAM, len(tokens))
    words = [token.word for token in tokens]
    runs: list[str] = []
    for i in range(len(words) - size + 1):
        start = i
        if all(silenced[i : i + size]):
            while silenced[start]:
                start -= 1
        runs.append(" ".join(words[start : i + size]))
    return runs


def _behind_negation(lower: str, tokens: Sequence[Token]) -> list[bool]:
    """Say for each token whether a negation before it in its clause takes it back.

    `I never led a team` must not carry `led a team`; the run that holds the negation still counts.
    """
    flags = [False] * len(tokens)
    left = 0
    for i, token in enumerate(tokens):
        if i and _PUNCTUATION.search(lower, tokens[i - 1].end, token.start):
            left = 0
        flags[i] = left > 0
        left = _REACH if token.word in _NEGATORS else left - 1
    return flags
