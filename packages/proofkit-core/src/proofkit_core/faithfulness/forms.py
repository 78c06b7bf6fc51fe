"""The lemma of a word: which base forms an English word may be a form of, however it is spelled.

There is no dictionary here, so a form may have two candidates (`visited`: visit, visite). Two words are forms of one
word where they have a candidate in common; a derived word (`quick`, `quickly`) is another word.
"""

import re
import tomllib
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

_LEAST = 3
"""Letters of a base form."""
_TAIL = re.compile(r"(?:n't|'(?:s|ll|ve|re|d|m))$")
_SILENT_E = re.compile(r"[^aeiou]*[aeiouy][^aeiouwxy]")
"""One syllable with one short vowel keeps its consonant single only before a silent e: `hoping`, but `hopping`."""
_DOUBLED = re.compile(r"([bcdfgklmnprstvz])\1$")
_SIBILANT = ("s", "x", "z", "ch", "sh", "o")
_VOWEL = re.compile(r"[aeiouy]")
_ENDINGS = (
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e|es|ed|ing|er|ers|ation|ations)$)"), "iz"),
    (re.compile(r"ys(?=(?:e|es|ed|ing|er|ers)$)"), "yz"),
    (re.compile(r"(?<=[bdgilmnptv])our(?=$|a|e|f|h|i|l|s)"), "or"),
    (re.compile(r"(?<=[bt])re$"), "er"),
    (re.compile(r"(?<=al|ol|at)ogue$"), "og"),
)
_SPELLED = 5
"""Shorter words are spelled one way; `hour` and `four` stay."""


class Forms(NamedTuple):
    """What the table of forms says."""

    bases: dict[str, frozenset[str]]
    alone: frozenset[str]
    words: dict[str, str]
    pieces: dict[str, str]
    short: frozenset[str]


@cache
def load_forms() -> Forms:
    """Return the table of irregular forms and spellings."""
    text = files("proofkit_core.faithfulness").joinpath("data", "forms.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    bases: dict[str, set[str]] = defaultdict(set)
    for line in raw["irregular"]:
        base, *others = line.split()
        for form in others:
            bases[form].add(base)
    return Forms(
        bases={form: frozenset(found) for form, found in bases.items()},
        alone=frozenset(raw["alone"].split()),
        words=raw["spelling"]["words"],
        pieces=raw["spelling"]["pieces"],
        short=frozenset(raw["short"]["words"].split()),
    )


def without_tail(folded: str) -> str:
    """Return a folded word without a possessive or a contracted verb."""
    return _TAIL.sub("", folded)


@lru_cache(maxsize=16384)
def base_forms(word: str) -> frozenset[str]:
    """Return the base forms that a word may belong to, each in one spelling.

    Args:
        word: Folded, without a possessive.
    """
    return frozenset(_one_spelling(base) for base in (word, *_bases(word)))


def _bases(word: str) -> list[str]:
    forms = load_forms()
    if word in forms.alone:
        return []
    if word in forms.bases:
        return sorted(forms.bases[word])
    found = _of_plural(word) or _of_verb(word, "ed") or _of_verb(word, "ing")
    return [base for base in found if len(base) >= _LEAST and _VOWEL.search(base)]


def _of_plural(word: str) -> list[str]:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return []
    if word.endswith("ies"):
        return [f"{word[:-3]}y", word[:-1]]
    return [word[:-1], word[:-2]] if word.endswith("es") and word[:-2].endswith(_SIBILANT) else [word[:-1]]


def _of_verb(word: str, ending: str) -> list[str]:
    root = word.removesuffix(ending)
    if root == word or not root or word.endswith("eed"):
        return []
    if ending == "ed" and root.endswith("i"):
        return [f"{root[:-1]}y", f"{root}e"]
    if _DOUBLED.search(root):
        return [root, root[:-1]]
    return [f"{root}e"] if _SILENT_E.fullmatch(root) else [root, f"{root}e"]


def _one_spelling(word: str) -> str:
    forms = load_forms()
    if word in forms.words:
        return forms.words[word]
    if len(word) < _SPELLED:
        return word
    for piece, instead in forms.pieces.items():
        word = word.replace(piece, instead)
    for ending, instead in _ENDINGS:
        word = ending.sub(instead, word)
    return word
