"""The vocabulary of the claim grammar: which classes a word belongs to, and the sign that stands for it.

A passage is read as a string of signs, one character for each word, so that an ordinary regular expression over signs
is a pattern over words. That is shorter, quicker and far easier to read than one over letters.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from proofkit_core.integrity.reading.folding import COMPANY, PERSON

BREAK = "\n"
"""Sign between two passages; no pattern runs across it."""
FIRST_SIGN = 0x4E00
"""Signs are taken from a block of the basic plane, where the `re` module tests sets by table look-up."""
_TOKEN = re.compile(
    rf"{COMPANY}+|{PERSON}+|n't\b|'(?:ve|re|d|ll|m|s)\b|\d(?:[\d.,]*\d)?|[^\W\d_]+?(?=n't\b)|[^\W_]+(?:[-_]+[^\W_]+)*|[^\w\s]"
)
_BEGINNERS = frozenset(".!?:;\u2022\u2014\u2013")
"""Marks after which a capital is no sign of a name."""
_SHAPES = ("number", "capital", "ly", "ed", "ing", "word", "mark")
"""Classes of words that are not in the vocabulary, told by their shape; `number` holds digits."""


class Word(NamedTuple):
    """A word of a passage with its place in the folded text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, their classes and their signs."""

    classes: Mapping[str, frozenset[str]]
    """Name to words; the shape classes hold their own name in angle brackets."""
    signs: Mapping[str, str]
    """Word, or shape in angle brackets, to sign."""
    bases: Mapping[str, str]
    """Every form of a known verb to its base form."""
    same: tuple[frozenset[str], ...]
    """Groups of base forms that say the same about the same deed."""

    def signs_of(self, words: Iterable[str]) -> str:
        """Return the signs of some words."""
        return "".join(sorted({self.signs[word] for word in words}))


def split_words(lower: str) -> list[Word]:
    """Return the words and marks of a folded, lower-case passage; `didn't` is two words.

    Args:
        lower: Folded text.
    """
    return [Word(m[0], *m.span()) for m in _TOKEN.finditer(lower)]


def sign_words(words: Iterable[Word], folded: str, vocabulary: Vocabulary) -> str:
    """Return one sign for each word.

    Args:
        words: Words of a passage.
        folded: The folded passage with its case kept; capitals make an unknown word a name.
        vocabulary: Where to look the words up.
    """
    known = vocabulary.signs
    signs: list[str] = []
    begins = True
    for word in words:
        signs.append(known.get(word.text) or known[_shape(word, folded, begins=begins)])
        begins = word.text in _BEGINNERS
    return "".join(signs)


def _shape(word: Word, folded: str, *, begins: bool) -> str:
    text = word.text
    if text[0] == COMPANY:
        return "<company>"
    if text[0] == PERSON:
        return "<person>"
    if text[0].isdigit():
        return "<number>"
    if not text[0].isalpha():
        return "<mark>"
    if folded[word.start].isupper() and not (begins and _ending(text) != "word"):
        return "<capital>"
    return f"<{_ending(text)}>"


def _ending(text: str) -> str:
    return next((shape for shape in ("ly", "ed", "ing") if text.endswith(shape)), "word")


@cache
def load_vocabulary(literals: frozenset[str]) -> Vocabulary:
    """Return the vocabulary shipped with the rules.

    Args:
        literals: Further words that patterns name one by one.
    """
    source = files("proofkit_core.integrity").joinpath("data", "words.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(source)
    classes: dict[str, frozenset[str]] = {name: frozenset(text.split()) for name, text in raw["words"].items()}
    bases: dict[str, str] = {}
    irregular = {line.split()[0]: line.split() for line in raw["irregular"]["forms"]}
    doubled = frozenset(raw["irregular"]["doubled"].split())
    for group, text in raw["verbs"].items():
        forms = [_forms(base, irregular, doubled) for base in text.split()]
        for number, name in enumerate(("base", "past", "part", "ing", "s")):
            classes[f"{group}.{name}"] = frozenset(form[number] for form in forms)
        for form in forms:
            for spelled in reversed(form):
                bases[spelled] = form[0]
    shapes = {shape: frozenset({f"<{shape}>"}) for shape in (*_SHAPES, "company", "person")}
    for word in literals.difference(*classes.values()):
        shapes[_ending(word)] |= {word}
    known = _ordered({**classes, **shapes}, literals)
    signs = {word: chr(FIRST_SIGN + number) for number, word in enumerate(known)}
    same = tuple(frozenset(group.split()) for group in raw["same"]["groups"])
    return Vocabulary(classes={**classes, **shapes}, signs=signs, bases=bases, same=same)


def _ordered(classes: Mapping[str, frozenset[str]], literals: frozenset[str]) -> list[str]:
    """Return all words, those of the same classes side by side, so that a class is a few ranges of signs."""
    member: dict[str, list[str]] = {word: [] for word in literals}
    for name in sorted(classes):
        for word in classes[name]:
            member.setdefault(word, []).append(name)
    return sorted(member, key=lambda word: (member[word], word))


def _forms(base: str, irregular: Mapping[str, list[str]], doubled: frozenset[str]) -> tuple[str, str, str, str, str]:
    """Return base form, past form, participle, gerund and third person of a verb."""
    stem = base + base[-1] if base in doubled else base
    if base.endswith("e"):
        past, gerund = f"{base}d", f"{base[:-1]}ing" if not base.endswith(("ee", "oe", "ye")) else f"{base}ing"
    elif base.endswith("y") and base[-2] not in "aeiou":
        past, gerund = f"{base[:-1]}ied", f"{base}ing"
    else:
        past, gerund = f"{stem}ed", f"{stem}ing"
    if base in irregular:
        _, past, part, gerund = irregular[base]
    else:
        part = past
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        third = f"{base}es"
    elif base.endswith("y") and base[-2] not in "aeiou":
        third = f"{base[:-1]}ies"
    else:
        third = f"{base}s"
    return base, past, part, gerund, third


def iter_members(vocabulary: Vocabulary, name: str) -> Iterator[str]:
    """Yield the words of a class.

    Args:
        vocabulary: Where the class stands.
        name: Its name.
    """
    yield from sorted(vocabulary.classes[name])
