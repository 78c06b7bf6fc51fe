"""Says which words of a role stand in a job ad, and which of these the person named too. It compares words, no more."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.cleaning import reads_as_english, reads_as_instruction
from proofkit_core.faithfulness.reading import read_tokens
from proofkit_core.faithfulness.tokens import plain_view
from proofkit_core.roles.records import RoleRecord
from proofkit_core.wording import sentences

_BETWEEN = 3
"""So many other words may stand among those of a term: `giving regular, useful feedback` names `giving feedback`."""
_FILLERS = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "the", "to", "with", "your"}
)

_Keys = frozenset[str]


class AdTerm(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A skill or a word of the trade that stands in the ad."""

    term: str
    """As the catalogue has it, or as the person typed it."""
    is_yours: bool
    """Whether the person named it too."""


class AdReading(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What came of a job ad."""

    role_name: str
    """The name of the role that stands in it, its title if it does; empty where none does."""
    terms: tuple[AdTerm, ...]
    """The person's skills first, then those of the role, then its vocabulary."""
    reads_as_english: bool
    """Whether it seems to be in the language of the catalogue, so that finding nothing says something."""


class _Words(NamedTuple):
    """The words of a text, sentence by sentence, ready to be looked up."""

    lines: tuple[tuple[_Keys, ...], ...]
    places: dict[str, tuple[tuple[int, int], ...]]
    """Line and place of each word, under each name it is compared by."""


def read_job_ad(brief: Brief, role: RoleRecord, *, vocabulary: bool = True) -> AdReading:
    """Compare a job ad with the words of a role and with what the person typed.

    Sentences that talk to the program are left out; the rest is searched for words and never obeyed.

    Args:
        brief: Holds the ad, and what the person says of themselves. Weak spots are nothing that they can do already.
        role: The role that the work sample is written for.
        vocabulary: Whether to look for the words of the trade; not where they were taken from the ad itself.
    """
    ad = _looked_up(line for line in sentences(brief.job_ad) if not reads_as_instruction(line))
    own = (brief.background, *brief.skills, brief.resume, *brief.notes, *brief.answers.values())
    typed = _looked_up(line for text in own for line in sentences(text))
    known = _each_once((*brief.skills, *role.skills, *(role.vocabulary if vocabulary else ())))
    named = ((term, words) for term, words in known if _stands(words, ad, _BETWEEN))
    names = (name for name in (role.title, *role.aliases) if _stands(_term_words(name), ad, 0))
    return AdReading(
        role_name=next(names, ""),
        terms=tuple(AdTerm(term=term, is_yours=_stands(words, typed, _BETWEEN)) for term, words in named),
        reads_as_english=reads_as_english(brief.job_ad),
    )


def _each_once(terms: Iterable[str]) -> list[tuple[str, tuple[_Keys, ...]]]:
    """Return the terms with their words, without those that say in another form what one before them says."""
    found: list[tuple[str, tuple[_Keys, ...]]] = []
    for term in terms:
        words = _term_words(term)
        if not any(_are_same(words, before) for _, before in found):
            found.append((term, words))
    return found


def _are_same(words: tuple[_Keys, ...], others: tuple[_Keys, ...]) -> bool:
    return len(words) == len(others) and all(word & other for word, other in zip(words, others, strict=True))


def _looked_up(texts: Iterable[str]) -> _Words:
    lines = tuple(_words(text) for text in texts)
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, line in enumerate(lines):
        for place, keys in enumerate(line):
            for key in keys:
                places[key].append((number, place))
    return _Words(lines, {key: tuple(found) for key, found in places.items()})


def _words(text: str) -> tuple[_Keys, ...]:
    """Return the words of a text, each under the base forms it may belong to."""
    return tuple(token.keys for token in read_tokens(plain_view(text)) if token.folded)


def _term_words(term: str) -> tuple[_Keys, ...]:
    """Return the words of a term that tell something."""
    tokens = read_tokens(plain_view(term))
    return tuple(token.keys for token in tokens if token.folded and token.folded not in _FILLERS)


def _stands(words: tuple[_Keys, ...], text: _Words, between: int) -> bool:
    """Say whether all words of a term stand near each other in one sentence, with so many others among them."""
    if not words:
        return False
    first, *others = words
    reach = len(words) + between
    for line, place in {found for key in first for found in text.places.get(key, ())}:
        near = text.lines[line][max(0, place - reach + 1) : place + reach]
        if all(any(word & keys for keys in near) for word in others):
            return True
    return False
