"""What the ledger takes from the inside of the integrity rules, in one place: how they cut, fold and read a text.

Everything else in the ledger goes through here or through the public names of `proofkit_core.integrity`.
"""

import re
from functools import cache

from proofkit_core.integrity import Action, Carrier, FactLedger, reviewed
from proofkit_core.integrity.facts.index import tokens_of
from proofkit_core.integrity.figures.notation import figure_pattern, figure_words
from proofkit_core.integrity.figures.quantities import (
    Quantity,
    UnitKind,
    is_plural,
    near,
    read_quantities,
    same_quantity,
)
from proofkit_core.integrity.reading.clauses import clause_bounds, is_conditional, sentence_bounds
from proofkit_core.integrity.reading.folding import Folded, fold_passage
from proofkit_core.integrity.reading.passages import Passage, PassageKind, read_passages

__all__ = [
    "Folded",
    "Passage",
    "PassageKind",
    "Quantity",
    "Span",
    "UnitKind",
    "clause_bounds",
    "counted_nouns",
    "find_all_labelled",
    "find_dates",
    "find_label",
    "find_loose",
    "find_names",
    "fold_passage",
    "is_conditional",
    "is_numbered",
    "is_plural",
    "near",
    "read_passages",
    "read_quantities",
    "same_quantity",
    "sentence_bounds",
    "tokens_of",
]

Span = tuple[int, int]
_REAL_LIFE = frozenset({Action.REWRITE_EMPLOYMENT, Action.REWRITE_CLIENT, Action.FLAG, Action.LABEL_HYPOTHETICAL})
_LANGUAGE_RULE = "language.unsupported"
"""Says that the rules cannot read a sentence; where it comes from is another question."""
_DIGIT = re.compile(r"\d")


def find_loose(text: str, facts: FactLedger) -> list[Span]:
    """Return the places where a text says something real, or a figure, that no fact carries."""
    verdict = reviewed(text, facts, Carrier.SECTION)
    found = (each for each in verdict.findings if each.action in _REAL_LIFE and each.rule != _LANGUAGE_RULE)
    return [(each.start, each.end) for each in found]


def find_dates(lower: str) -> list[Span]:
    """Return the places of dates and times of day in a folded, lower-case text."""
    return [found.span() for found in figure_pattern("date").finditer(lower)] if _DIGIT.search(lower) else []


def find_names(lower: str) -> list[Span]:
    """Return the places of numbers that count nothing: versions, codes, phone numbers, figures of speech."""
    kinds = ("named", "idiom") if _DIGIT.search(lower) else ("idiom",)
    return [found.span() for kind in kinds for found in figure_pattern(kind).finditer(lower)]


def is_numbered(before: str) -> bool:
    """Say whether what stands before a bare number makes it a name, as in `step 2`."""
    return bool(figure_pattern("numbered").search(before))


def find_label(lower: str) -> Span | None:
    """Return the place of the words by which a statement says that it is assumed, estimated or invented."""
    found = figure_pattern("labelled").search(lower)
    return found.span() if found else None


def find_all_labelled(lower: str) -> Span | None:
    """Return the place of the words by which a text says that all of its figures are hypothetical."""
    found = figure_pattern("all_labelled").search(lower)
    return found.span() if found else None


@cache
def counted_nouns() -> frozenset[str]:
    """Return nouns that are usually counted, of people's work and of documents."""
    return figure_words("scale") | figure_words("document")
