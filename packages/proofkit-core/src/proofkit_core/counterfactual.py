"""The counterfactual swap: the same brief with one fact changed must change the packet there and only there.

A writer that ignores the person changes nothing; one that makes things up as it goes changes everything. Both show
when the two packets are laid side by side, sentence by sentence.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, zip_longest
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.errors import BriefError
from proofkit_core.faithfulness import plain_words, words_kept
from proofkit_core.ledger.carriers import CarrierText, Texts, carrier_texts, is_markdown
from proofkit_core.ledger.reading import read_lines, read_statements

_ITEM = re.compile(r"(?P<name>skills|weak_spots|notes)\[(?P<number>\d+)\]")
_ANSWER = "answers."
_ITEM_OF = re.compile(r"(?<=\])\.\w+$")
"""What tells the question of a talking point from its answer."""


class Swap(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One fact of a brief and what stands there instead."""

    field: str
    """Where it stands, as the ledger names it: `background`, `notes[0]`, `answers.recommendation.date`."""
    old: str
    new: str


class Link(StrEnum):
    """How a difference hangs together with the fact that was changed."""

    HOLDS = "holds the fact"
    BESIDE = "stands in the paragraph, row or talking point of the fact"
    COUNTS = "counts the rows among which the fact stands"
    INSTEAD = "is a row about the people of the fact's own row, which stands in for it"
    STRAY = "has nothing to do with the fact"


class Difference(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A sentence that is not the same in both packets."""

    carrier: str
    before: str
    """Empty where the sentence is new."""
    after: str
    """Empty where the sentence is gone."""
    link: Link


class Comparison(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a swap changed in a packet."""

    swap: Swap
    differences: tuple[Difference, ...]

    @property
    def changed_there(self) -> bool:
        """Say whether a sentence that holds the fact changed."""
        return any(difference.link is Link.HOLDS for difference in self.differences)

    @property
    def only_there(self) -> bool:
        """Say whether nothing else changed."""
        return not self.strays

    @property
    def strays(self) -> tuple[Difference, ...]:
        """Return the differences that have nothing to do with the fact."""
        return tuple(difference for difference in self.differences if difference.link is Link.STRAY)


def swap_fact(brief: Brief, swap: Swap) -> Brief:
    """Return the brief with one fact changed and every other word as it was.

    Args:
        brief: What the person typed.
        swap: Which fact, and what stands there instead.

    Raises:
        BriefError: The brief has no such field, or the fact does not stand in it.
    """
    item = _ITEM.fullmatch(swap.field)
    if item:
        texts: tuple[str, ...] = getattr(brief, item["name"])
        number = int(item["number"])
        _check(swap, texts[number] if number < len(texts) else "")
        changed = tuple(_replaced(text, swap) if n == number else text for n, text in enumerate(texts))
        return brief.model_copy(update={item["name"]: changed})
    if swap.field.startswith(_ANSWER):
        ref = swap.field.removeprefix(_ANSWER)
        _check(swap, brief.answers.get(ref, ""))
        return brief.model_copy(update={"answers": brief.answers | {ref: _replaced(brief.answers[ref], swap)}})
    typed = getattr(brief, swap.field, "")
    _check(swap, typed if isinstance(typed, str) else "")
    return brief.model_copy(update={swap.field: _replaced(typed, swap)})


def compare_packets(before: Texts, after: Texts, swap: Swap) -> Comparison:
    """Return every sentence in which two packets differ, and what each has to do with the fact.

    Args:
        before: The packet of the brief as it was.
        after: The packet of the brief with the fact changed, made with the same seed.
        swap: What was changed.
    """
    return compare_texts(carrier_texts(before), carrier_texts(after), swap)


def compare_texts(before: Sequence[CarrierText], after: Sequence[CarrierText], swap: Swap) -> Comparison:
    """Return every sentence in which two lots of texts differ, such as what a model wrote before it was checked.

    Args:
        before: The texts for the brief as it was, each under a name.
        after: Those for the brief with the fact changed.
        swap: What was changed.
    """
    sides = _read(before), _read(after)
    pairs = [
        pair
        for series in dict.fromkeys((*sides[0], *sides[1]))
        for pair in _pairs(*(side.get(series, []) for side in sides))
    ]
    facts = _Fact(swap.old), _Fact(swap.new)
    sided = (side for pair in pairs for side in _sides(pair, facts))
    rows = frozenset(said.around for said, fact in sided if said.in_table and fact.is_in(said.around))
    return Comparison(swap=swap, differences=tuple(_difference(pair, facts, rows) for pair in pairs))


def run_swap(brief: Brief, swap: Swap, make: Callable[[Brief], Texts]) -> Comparison:
    """Make both packets and compare them.

    Args:
        brief: The brief as it was.
        swap: Which fact to change.
        make: Makes a packet; it has to use the same seed, role index and model each time.

    Raises:
        BriefError: The fact does not stand in the brief.
    """
    changed = swap_fact(brief, swap)
    return compare_packets(make(brief), make(changed), swap)


def _check(swap: Swap, text: str) -> None:
    if not swap.old or swap.old not in text:
        raise BriefError(
            f"The brief has no {swap.old!r} in {swap.field!r}. Expected words that stand there, in a field such as "
            "'background', 'notes[0]' or 'answers.recommendation.date'; name the fact as it was typed."
        )


def _replaced(text: str, swap: Swap) -> str:
    return text.replace(swap.old, swap.new)


class _Said(NamedTuple):
    """A sentence or cell, with all that stands in its paragraph, row, bullet or talking point."""

    carrier: str
    text: str
    around: str
    in_table: bool


_Pair = tuple[_Said | None, _Said | None]


def _read(found: Sequence[CarrierText]) -> dict[str, list[_Said]]:
    """Return what texts say by series: a section, the post, all bullets, all talking points."""
    series: dict[str, list[_Said]] = {}
    for item, texts in groupby(found, key=lambda each: _ITEM_OF.sub("", each.carrier)):
        series.setdefault(item.partition("[")[0], []).extend(_read_item([*texts]))
    return series


def _read_item(texts: Sequence[CarrierText]) -> Iterator[_Said]:
    whole = "\n".join(found.text for found in texts) if len(texts) > 1 else ""
    for carrier, text in texts:
        read = read_statements(text, plain=not is_markdown(carrier))
        places = [(-1, each.row) if each.row >= 0 else (each.passage, -1) for each in read]
        lines = [text[slice(*each.span)] for each in read]
        around: dict[tuple[int, int], list[str]] = {}
        for place, line in zip(places, lines, strict=True):
            around.setdefault(place, []).append(line)
        for place, line in zip(places, lines, strict=True):
            yield _Said(carrier, line, whole or "\n".join(around[place]), in_table=place[1] >= 0)


def _pairs(before: Sequence[_Said], after: Sequence[_Said]) -> Iterator[_Pair]:
    matcher = SequenceMatcher(None, [said.text for said in before], [said.text for said in after], autojunk=False)
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag != "equal":
            yield from zip_longest(before[low:high], after[start:end])


class _Fact:
    """A fact, ready to be found in sentences."""

    def __init__(self, text: str) -> None:
        lines = [text[slice(*line.span)] for line in read_lines(text)]
        self._pieces = [piece for piece in lines if words_kept(piece, "").total] or [text]

    def is_in(self, text: str) -> bool:
        """Say whether a text holds the fact, or a sentence of it."""
        return any(_holds(text, piece) for piece in self._pieces)


def _holds(text: str, piece: str) -> bool:
    kept = words_kept(piece, text)
    return kept.kept == kept.total if kept.total else f" {plain_words(piece)} " in f" {plain_words(text)} "


def _sides(pair: _Pair, facts: tuple[_Fact, _Fact]) -> list[tuple[_Said, _Fact]]:
    return [(said, fact) for said, fact in zip(pair, facts, strict=True) if said]


def _difference(pair: _Pair, facts: tuple[_Fact, _Fact], rows: frozenset[str]) -> Difference:
    before, after = (said.text if said else "" for said in pair)
    carrier = next(said.carrier for said in pair if said)
    return Difference(carrier=carrier, before=before, after=after, link=_link(pair, facts, rows))


def _link(pair: _Pair, facts: tuple[_Fact, _Fact], rows: frozenset[str]) -> Link:
    sides = _sides(pair, facts)
    if any(fact.is_in(said.text) for said, fact in sides):
        return Link.HOLDS
    if any(fact.is_in(said.around) for said, fact in sides):
        return Link.BESIDE
    before, after = (plain_words(said.text) if said else "" for said in pair)
    if rows and before == after:
        return Link.COUNTS
    return Link.INSTEAD if all(_is_about_the_same(said, rows) for said, _ in sides) else Link.STRAY


def _is_about_the_same(said: _Said, rows: frozenset[str]) -> bool:
    """Say whether the first cell of a row names what a row that holds the fact names."""
    first = said.around.split("\n", 1)[0]
    return said.in_table and any(words_kept(first, row).kept for row in rows)
