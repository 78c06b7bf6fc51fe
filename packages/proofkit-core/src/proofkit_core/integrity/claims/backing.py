"""Looks a statement about the person's life up in what the person said."""

from enum import StrEnum
from functools import cache

from proofkit_core.faithfulness import fold, is_distinctive, stem
from proofkit_core.integrity.claims.grammar import load_grammar
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.facts.index import FactSentence
from proofkit_core.integrity.figures.quantities import UnitKind

ENOUGH_SHARED = 0.6
"""Share of a statement's distinctive words that one fact has to hold to carry it."""
_WITH_NUMBER = 0.5
"""The same where the facts hold every number of the statement too."""
_ALL_SHARED = 0.8
"""Share that carries it even where the fact uses another verb."""


class Backing(StrEnum):
    """How far the person's facts carry a statement."""

    YES = "yes"
    NO = "no"


def back(
    page: Page, start: int, end: int, verb: str, spoken: frozenset[str] = frozenset()
) -> tuple[Backing, tuple[str, ...]]:
    """Say whether the person's facts carry a statement about their life, and which do.

    Args:
        page: The passage.
        start: Where the statement begins in it.
        end: Where it ends.
        verb: Base form of its verb; empty where it has none of weight.
        spoken: Verbs of no weight that the claim is told with: whoever looked after somebody may have cared for them.

    Returns:
        The backing, and the refs of the facts that give it.
    """
    facts = page.facts.user
    if not facts.sentences:
        return Backing.NO, ()
    numbers = [q for q in page.quantities_in(start, end) if any(q.values)]
    refs = tuple(facts.carries_number(q) for q in numbers)
    if not all(refs):
        return Backing.NO, ()
    own = _stems_of(verb) | {stem(word) for word in spoken}
    words, wanted, plain = set[str](), set[str](), set[str]()
    for token in page.tokens_in(start, end):
        word = stem(token.word)
        words.add(word)
        if word in own or word[0].isdigit() or any(q.start <= token.start < q.end for q in numbers):
            continue
        if is_distinctive(token.word):
            wanted.add(word)
        elif word not in _class("function"):
            plain.add(word)
    scope = words & (_scope() | _class("groups"))
    # Where nothing distinctive is said every plain word counts: `I led the crew` is not carried by `shift lead`.
    wanted = wanted or plain
    for sentence in (*facts.sentences, *facts.wholes):
        if _carries(sentence, wanted, scope, verb, has_numbers=bool(numbers)):
            return Backing.YES, tuple(dict.fromkeys((sentence.ref, *refs)))
    return Backing.NO, ()


def _carries(sentence: FactSentence, wanted: set[str], scope: set[str], verb: str, *, has_numbers: bool) -> bool:
    if (scope & _scope() and not _scope() & sentence.words) or (scope & _class("groups")) - sentence.words:
        return False
    if not wanted:
        return has_numbers or bool(verb and verb not in _strict_verbs() and says_verb(sentence, verb))
    shared = len(wanted & sentence.words) / len(wanted)
    if verb in _strict_verbs() and not says_verb(sentence, verb):
        return shared >= _ALL_SHARED and not scope
    return shared >= (_WITH_NUMBER if has_numbers else ENOUGH_SHARED)


def says_verb(sentence: FactSentence, verb: str) -> bool:
    """Say whether a fact holds a verb or one that says the same.

    Args:
        sentence: The fact.
        verb: Base form.
    """
    group = {verb}
    for same in load_grammar().vocabulary.same:
        if verb in same:
            group |= same
    return any(_stems_of(word) & sentence.words for word in group)


@cache
def _stems_of(verb: str) -> frozenset[str]:
    if not verb:
        return frozenset()
    bases = load_grammar().vocabulary.bases
    return frozenset(
        {stem(verb), stem(f"{verb.removesuffix('e')}er"), *(stem(form) for form, base in bases.items() if base == verb)}
    )


@cache
def _class(name: str) -> frozenset[str]:
    """Return the comparison forms of a class of words."""
    return frozenset(stem(word) for word in load_grammar().vocabulary.classes[name])


@cache
def _scope() -> frozenset[str]:
    """Return the words of command: who helped did not lead."""
    classes = load_grammar().vocabulary.classes
    forms = (form for name in ("base", "past", "part", "ing", "s") for form in classes[f"command.{name}"])
    return _class("leads_others") | {stem(form) for form in forms}


@cache
def _strict_verbs() -> frozenset[str]:
    """Return the verbs that no other verb stands for: of command, and of results."""
    classes = load_grammar().vocabulary.classes
    return classes["lead.base"] | classes["change.base"]


@cache
def weighty_verbs() -> frozenset[str]:
    """Return every form of the verbs that no other verb stands for."""
    bases = load_grammar().vocabulary.bases
    return frozenset(form for form, base in bases.items() if base in _strict_verbs())


def is_told(page: Page, start: int, end: int, deeds: frozenset[str]) -> str:
    """Return the ref of a fact of the exercise that says what a statement says, or an empty string.

    Args:
        page: The passage.
        start: Where the statement begins in it.
        end: Where it ends.
        deeds: Its verbs, of which the fact has to hold one; none need to be held where there are none.
    """
    facts = page.facts.scenario
    wanted = {stem(token.word) for token in page.tokens_in(start, end) if is_distinctive(token.word)}
    numbers = [q for q in page.quantities_in(start, end) if any(q.values) and q.kind is not UnitKind.NONE]
    if not wanted or not all(facts.carries_number(q) for q in numbers):
        return ""
    stems = {stem(fold(word)) for word in deeds}
    fitting = [s for s in facts.sentences if not stems or stems & s.words]
    best = max(fitting, key=lambda s: len(wanted & s.words), default=None)
    return best.ref if best and len(wanted & best.words) / len(wanted) >= ENOUGH_SHARED else ""
