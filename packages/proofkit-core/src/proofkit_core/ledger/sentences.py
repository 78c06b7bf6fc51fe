"""Says what a sentence rests on: the person's words, the facts of the exercise, or the exercise itself."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from proofkit_core.composer.tables import OWN_MARK
from proofkit_core.ledger.amounts import same_amount
from proofkit_core.ledger.reading import Stretch
from proofkit_core.ledger.rules import Span
from proofkit_core.ledger.sources import COMPANY_REF, MIN_RUN, Run, SourceIndex, SourceLine, Sources, is_distinctive
from proofkit_core.packet import SourceKind, Support

EXERCISE_REF = "exercise"
_MARK_WORDS = len(OWN_MARK.split())
FACT_ID = re.compile(r"S\d+")
_CITED = re.compile(r"\[(s\d+)\]")
_OF_MARKS = "facts marked [s"
"""A sentence that explains the marks cites nothing."""
_BACKGROUND = re.compile(r"\bmy (?:own )?background\b")
_OF_EXERCISE = re.compile(r"\b(?:exercise|simulated|practice piece|fictional|invented|made up)\b")
_SELF = re.compile(r"\b(?:i|my|me|we|our)\b")
_DISCLOSING = re.compile(r"\b(?:fictional|invented|simulated|does not exist|practice piece)\b")
_PLANNING = re.compile(r"\b(?:would|could|might|should|if|unless|once|provided|until)\b")
_STRONG_RUN = 3
"""A run with so many distinctive words is no coincidence, however long the statement."""
_MOST_OF = 0.5
"""Share of a statement's words that makes it the source's where the run alone does not."""
_SHORT_FACT = 0.3
"""The same for a whole sentence of fewer than `MIN_RUN` words, such as `Night shift.`."""
_SAME_POINT = 0.6
"""Share of a line's distinctive words that a statement in other words has to hold."""
_MIN_POINT = 3


class Rests(NamedTuple):
    """What a statement rests on."""

    kind: SourceKind
    support: tuple[Support, ...]
    runs: tuple[Run, ...] = ()
    """Where it repeats a source word for word; numbers inside are that source's."""


def rest_of(sentence: Stretch, text: str, sources: Sources) -> Rests:
    """Return what a sentence rests on.

    Args:
        sentence: A statement of `text`.
        text: The carrier's whole text.
        sources: What it may rest on.
    """
    own = _own(sentence, sources)
    cited, unknown = _cited(sentence, sources.scenario)
    if own and (not cited or _SELF.search(sentence.lower) or _share(own.runs, sentence) >= _MOST_OF):
        return own
    if unknown and not cited:
        return Rests(SourceKind.UNSUPPORTED, ())
    if cited:
        return Rests(SourceKind.BRIEF, cited)
    return _given(sentence, sources) or Rests(SourceKind.HYPOTHETICAL, (as_exercise(sentence, text),))


def as_exercise(sentence: Stretch, text: str) -> Support:
    """Return the exercise as source, quoting the words of the statement that say so, if any do."""
    return exercise(text, sentence.label or _planning_words(sentence) or (0, 0))


def exercise(text: str, span: Span) -> Support:
    """Return the exercise as source, with the words of the carrier that say so."""
    start, end = span
    return Support(kind=SourceKind.HYPOTHETICAL, ref=EXERCISE_REF, start=start, end=end, quote=text[start:end])


def speaks_for_itself(sentence: Stretch, rests: Rests) -> bool:
    """Say whether a statement says nothing but how its writer knows, as `I know this from practice` does."""
    if rests.kind is not SourceKind.HYPOTHETICAL or sentence.is_conditional or sentence.amounts:
        return False
    if _OF_EXERCISE.search(sentence.lower):
        return False
    return bool(_SELF.search(sentence.lower)) and len(sentence.distinctive) <= 1


def _planning_words(sentence: Stretch) -> Span | None:
    found = _PLANNING.search(sentence.lower) if sentence.is_conditional else None
    return sentence.place(*found.span()) if found else None


def _own(sentence: Stretch, sources: Sources) -> Rests | None:
    found = sources.user.runs_in(sentence.words)
    marked = len(sentence.words) - (_MARK_WORDS if sentence.lower.endswith(OWN_MARK) else 0)
    sizes = Counter[str]()
    for run in found:
        sizes[run.line.ref] += run.size
    shares = {ref: size / marked for ref, size in sizes.items()}
    runs = [run for run in found if _is_own(run, sentence, shares[run.line.ref])]
    if runs:
        return Rests(SourceKind.YOURS, _supports(runs), tuple(runs))
    line = _same_point(sentence, sources.user.lines)
    if line:
        return Rests(SourceKind.YOURS, (line.whole,))
    # "My background is real" speaks of all of it.
    told = next((line for line in sources.user.lines if line.ref == "background"), None)
    return Rests(SourceKind.YOURS, (told.all,)) if told and _BACKGROUND.search(sentence.lower) else None


def _is_own(run: Run, sentence: Stretch, share: float) -> bool:
    """Say whether a run is the person's words and no coincidence.

    Args:
        run: Words that stand in one of their texts too.
        sentence: The statement.
        share: Share of the statement's words that this text of theirs holds in runs.
    """
    if run.size >= MIN_RUN:
        distinctive = sum(is_distinctive(w.text) for w in sentence.words[run.first : run.first + run.size])
        return distinctive >= _STRONG_RUN or (distinctive > 0 and (run.is_whole or share >= _MOST_OF))
    ref = run.line.ref
    if ref == "name":
        return True
    if ref.startswith("skills"):
        return share >= _MOST_OF
    told = any(is_distinctive(word.text) for word in sentence.words[run.first : run.first + run.size])
    placed = told and ref.startswith(("notes", "answers", "weak_spots"))  # these are put into the texts whole
    return share == 1.0 or (run.size > 1 and (placed or share >= _SHORT_FACT))


def _given(sentence: Stretch, sources: Sources) -> Rests | None:
    """Return the facts of the exercise that a statement repeats for the most part."""
    runs = sources.scenario.runs_in(sentence.words)
    told = any(is_distinctive(w.text) for run in runs for w in sentence.words[run.first : run.first + run.size])
    if told and _share(runs, sentence) >= _MOST_OF:
        # A line of the exercise may say itself which facts it repeats.
        cited = [fact for run in runs for fact in _cited(run.line.stretch, sources.scenario)[0]]
        return Rests(SourceKind.BRIEF, tuple(dict.fromkeys((*_supports(runs), *cited))), tuple(runs))
    names = [run for run in runs if run.line.ref == COMPANY_REF]
    if names and _DISCLOSING.search(sentence.lower):
        return Rests(SourceKind.BRIEF, _supports(runs), tuple(runs))
    if sentence.is_conditional or sentence.label:
        return None
    facts = [line for line in sources.scenario.lines if FACT_ID.fullmatch(line.ref)]
    line = _same_point(sentence, facts, lambda fact: _keeps_numbers(fact.stretch, sentence))
    return Rests(SourceKind.BRIEF, (line.whole,)) if line else None


def _keeps_numbers(fact: Stretch, sentence: Stretch) -> bool:
    """Say whether a statement tells the numbers of a fact, if it has any; without them it is about something else."""
    numbers = [amount for amount in fact.amounts if amount.in_digits]
    return all(any(same_amount(told, amount, fact.lower) for told in sentence.amounts) for amount in numbers)


def _cited(sentence: Stretch, scenario: SourceIndex) -> tuple[tuple[Support, ...], bool]:
    """Return the cited facts, and whether a citation leads nowhere."""
    wanted = () if _OF_MARKS in sentence.lower else dict.fromkeys(_CITED.findall(sentence.lower))
    if not wanted:
        return (), False
    found = {line.ref.lower(): line for line in reversed(scenario.lines)}
    known = [found[ref] for ref in wanted if ref in found]
    return tuple(line.all for line in known), len(known) < len(wanted)


def _same_point(
    sentence: Stretch, lines: Iterable[SourceLine], may_be: Callable[[SourceLine], bool] = lambda _: True
) -> SourceLine | None:
    """Return the line whose point a statement makes in other words, each holding most of the other's words."""
    best: tuple[float, SourceLine | None] = (0.0, None)
    said = sentence.distinctive
    for line in lines:
        meant = line.stretch.distinctive
        shared = len(said & meant)
        if len(meant) < _MIN_POINT or shared < _SAME_POINT * len(meant) or shared < _MOST_OF * len(said):
            continue
        if shared / len(meant) > best[0] and may_be(line):
            best = (shared / len(meant), line)
    return best[1]


def _share(runs: Sequence[Run], sentence: Stretch) -> float:
    return sum(run.size for run in runs) / len(sentence.words) if sentence.words else 0.0


def _supports(runs: Sequence[Run]) -> tuple[Support, ...]:
    return tuple(dict.fromkeys(run.support for run in runs))
