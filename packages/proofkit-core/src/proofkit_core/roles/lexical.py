"""Compares job titles by their words: which words weigh much, which are misspelt, how far two titles agree."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable
from typing import NamedTuple

from pydantic import BaseModel
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W_]+(?:&[^\W_]+)*")
_POSSESSIVE = re.compile(r"['\u2019]s\b|['\u2019]")
_NOISE = re.compile(
    r"\b(?:[mwfdx](?:\s*/\s*[mwfdx*]){1,3}|(?:grade|band|level|tier)(?:\s+\w{1,2})?|class\s+\d|i{2,3}|iv|career\s+chang(?:e|er|ing)|"
    r"(?:wants?|wanting|like|hope|hoping|plan|planning)\s+to|(?:work|job|position|role)\s+(?:as|in|of))\b"
)
"""Marks and phrases that say nothing of the job."""
_FILLERS = frozenset(
    """
    a an and as at become becoming be by for from i in into me move of on or person role some someone somebody the to
    who with would
    """.split()  # noqa: SIM905 - a word list reads best as words
)
_RANKS = frozenset(
    """
    apprentice aspiring associate assistant beginner chief deputy entry experienced freelance freelancer full fulltime
    graduate head hybrid intern internship junior jr lead mid new newly part parttime permanent principal qualified
    remote senior sr staff temp temporary time trainee volunteer
    """.split()  # noqa: SIM905 - a word list reads best as words
)
"""Words that say how high or how long, not what; they weigh little."""
_SHORT_FORMS = {
    "admin": "administrator", "asst": "assistant", "coord": "coordinator", "dev": "developer", "devs": "developer",
    "exec": "executive", "mgmt": "management", "mgr": "manager", "rep": "representative", "spec": "specialist",
    "tech": "technician", "mrktg": "marketing", "mktg": "marketing", "comms": "communications", "org": "organisation",
    "center": "centre",
}  # fmt: skip
_NO_ACTIVITY = frozenset({"booking"})
"""Words that only look like an activity: whoever takes bookings does not keep the books."""
_ACTIVITY = re.compile(r"(?:ysis|ytics|yst|ment|ing|ers?|ors?|e|y)$")
_RANK_WEIGHT = 0.12
_RELATED = 0.9
_MISSPELT = 0.92
_MIN_ROOT = 4
_MIN_PART = 3
_SHORTEST_MISSPELLING = 5
_LONG_WORD = 8
_SHARED_FROM = 5
"""A word that so many roles use names none of them."""


class Weights(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How much each word of the catalogue says about a role: the rarer, the more."""

    of: dict[str, float]
    unknown: float
    """A word that the catalogue lacks weighs most: it is what makes the other job another one."""
    shared: frozenset[str]
    """Words that stand in so many roles that alone they name none, such as `manager`."""

    def __call__(self, word: str) -> float:
        """Return the weight of one word."""
        weight = self.of.get(word, self.unknown)
        return weight * _RANK_WEIGHT if word in _RANKS else weight


def is_rank(word: str) -> bool:
    """Say whether a word tells how high or how long and not what."""
    return word in _RANKS


def title_words(text: str) -> tuple[str, ...]:
    """Return the comparable words of a job title, in order: folded, singular, short forms written out."""
    folded = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    found = (match.group() for match in _WORD.finditer(_NOISE.sub(" ", folded)))
    words = (_SHORT_FORMS.get(word, word) for word in found)
    return tuple(_singular(word) for word in words if word not in _FILLERS and not word.isdigit())


def compound_readings(words: tuple[str, ...], known: Container[str]) -> tuple[tuple[str, ...], ...]:
    """Return the words written the other ways people write compounds: `book keeper` closed, `projectmanager` open.

    Args:
        words: The comparable words of a title.
        known: The words of the catalogue; only these are put together or taken out of a longer word.
    """
    closed = _closed(words, known)
    opened = tuple(part for word in words for part in _opened(word, known))
    return tuple(dict.fromkeys(reading for reading in (closed, opened) if reading != words))


def _closed(words: tuple[str, ...], known: Container[str]) -> tuple[str, ...]:
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in known:
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


def _opened(word: str, known: Container[str]) -> tuple[str, ...]:
    if word in known:
        return (word,)
    cuts = range(_MIN_PART, len(word) - _MIN_PART + 1)
    found = ((word[:cut], word[cut:]) for cut in cuts if word[:cut] in known and word[cut:] in known)
    return next(found, (word,))


def _singular(word: str) -> str:
    if len(word) > _MIN_ROOT and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > _MIN_ROOT - 1 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ics", "ops")):
        return word[:-1]
    return word


def rate_words(titles_by_role: Iterable[Iterable[tuple[str, ...]]]) -> Weights:
    """Return the weight of each word, from how few roles use it."""
    roles = [{word for title in titles for word in title} for titles in titles_by_role]
    counts = Counter(word for words in roles for word in words)
    total = len(roles) + 1
    return Weights(
        of={word: math.log(total / (count + 0.5)) for word, count in counts.items()},
        unknown=math.log(total / 0.5),
        shared=frozenset(word for word, count in counts.items() if count >= _SHARED_FROM),
    )


def respell(word: str, known: Iterable[str]) -> tuple[str, float]:
    """Return the known word a person probably meant, with how sure that is; the word itself where there is none."""
    if len(word) < _SHORTEST_MISSPELLING:
        return word, 1.0
    allowed = 2 if len(word) >= _LONG_WORD else 1
    near = (
        (OSA.distance(word, other, score_cutoff=allowed), other)
        for other in known
        if other[0] == word[0] and abs(len(other) - len(word)) <= allowed and len(other) >= _SHORTEST_MISSPELLING
    )
    best = min(((distance, other) for distance, other in near if distance <= allowed), default=None)
    return (best[1], _MISSPELT) if best else (word, 1.0)


class Term(NamedTuple):
    """A word of a title, prepared for comparison."""

    word: str
    root: str
    weight: float
    sure: float = 1.0
    """How sure the spelling is."""


def title_terms(words: Iterable[str], weigh: Weights) -> tuple[Term, ...]:
    """Prepare the words of a title of the catalogue."""
    return tuple(Term(word, activity_root(word), weigh(word)) for word in words)


def query_terms(words: Iterable[str], weigh: Weights) -> tuple[Term, ...]:
    """Prepare the words of a query; a word the catalogue lacks is taken as a misspelling of a near one."""
    respelt = ((word, 1.0) if word in weigh.of else respell(word, weigh.of) for word in words)
    return tuple(Term(word, activity_root(word), weigh(word), sure) for word, sure in respelt)


def agreement(query: tuple[Term, ...], title: tuple[Term, ...]) -> float:
    """Say how far two titles agree, from 0 to 1: the harmonic mean of the shares of weight that they have in common."""
    left = list(title)
    found = used = 0.0
    for term in query:
        match, likeness = _partner(term, left)
        if match is not None:
            left.remove(match)
            found += term.weight * likeness * term.sure
            used += match.weight * likeness * term.sure
    asked = sum(term.weight for term in query)
    offered = sum(term.weight for term in title)
    if not found or not used:
        return 0.0
    query_share, title_share = found / asked, used / offered
    return 2 * query_share * title_share / (query_share + title_share)


def names_nothing(words: Iterable[str], weigh: Weights) -> bool:
    """Say whether a query is one word that many roles share, such as `senior manager`."""
    telling = [word for word in words if not is_rank(word)]
    return not telling or (len(telling) == 1 and telling[0] in weigh.shared)


def _partner(term: Term, title: list[Term]) -> tuple[Term | None, float]:
    related = None
    for other in title:
        if other.word == term.word:
            return other, 1.0
        if related is None and other.root == term.root and len(term.root) >= _MIN_ROOT:
            related = other
    return related, _RELATED


def activity_root(word: str) -> str:
    """Return what `manager` and `management` or `analyst` and `analytics` share."""
    if word in _NO_ACTIVITY:
        return word
    root = _ACTIVITY.sub("", word)
    return _ACTIVITY.sub("", root) if root.endswith(("e", "y")) else root
