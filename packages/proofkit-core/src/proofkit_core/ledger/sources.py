"""The sources of a packet: the person's texts and the facts of the exercise, line by line, ready to be found again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.cleaning import reads_as_instruction
from proofkit_core.faithfulness import anchors
from proofkit_core.integrity import Fact, FactLedger, fact_ledger
from proofkit_core.ledger.reading import Stretch, Word, read_lines
from proofkit_core.packet import SourceKind, Support
from proofkit_core.scenario import iter_lines

COMPANY_REF = "challenge.company"
SCENARIO_REF = "scenario"
"""A text of the exercise whose place is not known."""
MIN_RUN = 4
"""So many of a source's words in a row are that source's; all of a shorter one's are too."""
_NEGATORS = frozenset({"not", "never", "nobody", "none", "neither", "nor", "cannot", "without", "t"})
_REACH = 6
"""A negation takes back so many words behind it."""


@dataclass(frozen=True)
class SourceLine:
    """One sentence of a source."""

    kind: SourceKind
    ref: str
    source: str
    """The whole text that `ref` names."""
    stretch: Stretch

    @cached_property
    def negated(self) -> tuple[bool, ...]:
        """Say for each word whether a negation before it takes it back: `never led a team` holds no `led a team`."""
        flags: list[bool] = []
        left = 0
        before: Word | None = None
        for word in self.stretch.words:
            if before and any(mark in self.source[before.end : word.start] for mark in ".,;:!?()"):
                left = 0
            flags.append(left > 0)
            left = _REACH if word.text in _NEGATORS else left - 1
            before = word
        return tuple(flags)

    def support(self, start: int, end: int) -> Support:
        """Return a range of the source as support."""
        return Support(kind=self.kind, ref=self.ref, start=start, end=end, quote=self.source[start:end])

    @property
    def all(self) -> Support:
        """Return the whole text as support."""
        return self.support(0, len(self.source))

    @property
    def whole(self) -> Support:
        """Return the line, without the mark that ends it, as support."""
        words = self.stretch.words
        return self.support(words[0].start, words[-1].end)


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a statement that stand in a source in the same order."""

    line: SourceLine
    first: int
    """Number of its first word in the statement."""
    at: int
    """Number of its first word in the line."""
    size: int

    @property
    def support(self) -> Support:
        """Return the words as they stand in the source."""
        words = self.line.stretch.words
        return self.line.support(words[self.at].start, words[self.at + self.size - 1].end)

    @property
    def is_whole(self) -> bool:
        """Say whether it is all that the line says."""
        return self.size == len(self.line.stretch.words)


@dataclass(frozen=True)
class SourceIndex:
    """All lines of one kind of source."""

    lines: tuple[SourceLine, ...]

    @cached_property
    def _runs(self) -> Mapping[tuple[str, ...], Sequence[tuple[SourceLine, int]]]:
        found: dict[tuple[str, ...], list[tuple[SourceLine, int]]] = defaultdict(list)
        for line in self.lines:
            words = [word.text for word in line.stretch.words]
            size = min(MIN_RUN, len(words))
            for at in range(len(words) - size + 1):
                if not line.negated[at]:
                    found[tuple(words[at : at + size])].append((line, at))
        return found

    @cached_property
    def _starts(self) -> frozenset[str]:
        """Return the words at which a run may begin."""
        return frozenset(words[0] for words in self._runs)

    def runs_in(self, words: Sequence[Word]) -> list[Run]:
        """Return the runs that a statement takes from these sources, the longest at each place, none overlapping."""
        texts = [word.text for word in words]
        runs: list[Run] = []
        first = 0
        while first < len(texts):
            found = self._longest_at(texts, first)
            if found:
                runs.append(found)
            first += found.size if found else 1
        return runs

    def _longest_at(self, texts: list[str], first: int) -> Run | None:
        if texts[first] not in self._starts:
            return None
        best: Run | None = None
        for size in range(min(MIN_RUN, len(texts) - first), 0, -1):
            for line, at in self._runs.get(tuple(texts[first : first + size]), ()):
                run = Run(line, first, at, _same_from(texts, first, line.stretch.words, at))
                if best is None or run.size > best.size:
                    best = run
            if best:
                return best
        return None


@dataclass(frozen=True, slots=True)
class Sources:
    """What statements may rest on."""

    user: SourceIndex
    scenario: SourceIndex
    company: str
    """The fictional company, folded."""


def name_facts(brief: Brief, challenge: Challenge) -> FactLedger:
    """Return the fact ledger with a name of its own for each text of the exercise."""
    facts = fact_ledger(brief, challenge)
    named = {text: f"challenge.material{where}" for where, text in _lines_of(challenge)}
    named |= {
        getattr(challenge, name): f"challenge.{name}" for name in ("business", "project", "situation", "decision")
    }
    ids = {fact.id for fact in challenge.facts}
    texts = [fact.text for fact in facts.scenario_facts if fact.ref not in ids] + [
        challenge.business,
        challenge.project,
    ]
    extra = [Fact(ref=named.get(text, SCENARIO_REF), text=text) for text in dict.fromkeys(texts)]
    scenario = tuple(fact for fact in facts.scenario_facts if fact.ref in ids)
    return facts.model_copy(update={"scenario_facts": (*scenario, *extra)})


def source_texts(brief: Brief, challenge: Challenge) -> dict[str, str]:
    """Return each source's text by the name that a support gives it in `ref`."""
    facts = name_facts(brief, challenge)
    return {fact.ref: fact.text for fact in (*facts.user_facts, *facts.scenario_facts)} | {
        COMPANY_REF: challenge.company
    }


@lru_cache(maxsize=8)
def read_sources(facts: FactLedger) -> Sources:
    """Return the facts ready to be found again; a sentence that reads like an instruction is no source."""
    user = [line for line in _read(SourceKind.YOURS, facts.user_facts) if not reads_as_instruction(line.whole.quote)]
    company = (Fact(ref=COMPANY_REF, text=facts.company),) if facts.company else ()
    scenario = _read(SourceKind.BRIEF, (*facts.scenario_facts, *company))
    return Sources(
        user=SourceIndex(tuple(user)),
        scenario=SourceIndex(tuple(scenario)),
        company=" ".join(word.text for line in read_lines(facts.company) for word in line.words),
    )


@lru_cache(maxsize=8192)
def is_distinctive(word: str) -> bool:
    """Say whether a word in comparison form tells one text from another."""
    return bool(anchors(word))


@lru_cache(maxsize=256)
def folded_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in comparison form."""
    return tuple(word.text for line in read_lines(text) for word in line.words)


def _read(kind: SourceKind, facts: Sequence[Fact]) -> list[SourceLine]:
    return [line for fact in facts for line in _read_fact(kind, fact)]


@lru_cache(maxsize=256)
def _read_fact(kind: SourceKind, fact: Fact) -> tuple[SourceLine, ...]:
    """Return the lines of a fact; most facts of an exercise stand in every packet about it."""
    lines = (SourceLine(kind, fact.ref, fact.text, stretch) for stretch in read_lines(fact.text))
    return tuple(line for line in lines if line.stretch.words)


def _same_from(texts: list[str], first: int, words: Sequence[Word], at: int) -> int:
    size = 0
    while first + size < len(texts) and at + size < len(words) and texts[first + size] == words[at + size].text:
        size += 1
    return size


def _lines_of(challenge: Challenge) -> list[tuple[str, str]]:
    return list(iter_lines(challenge.material.model_dump(exclude={"facts"}), ""))
