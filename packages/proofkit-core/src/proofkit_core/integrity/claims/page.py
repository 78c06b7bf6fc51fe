"""What the extractors read: a passage with its folded view, its sentences, its words and what the facts cover."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from proofkit_core.faithfulness import stem
from proofkit_core.integrity.claims.claim import Change, Claim, Standing
from proofkit_core.integrity.claims.grammar import load_grammar
from proofkit_core.integrity.facts.index import Facts, Token, tokens_of
from proofkit_core.integrity.figures.quantities import Quantity, read_quantities
from proofkit_core.integrity.reading.clauses import bounds_around, clause_bounds, sentence_bounds
from proofkit_core.integrity.reading.folding import Folded, fold_passage
from proofkit_core.integrity.reading.passages import Passage, read_passages
from proofkit_core.integrity.reading.words import Word, sign_words, split_words
from proofkit_core.integrity.records import Carrier


@dataclass(frozen=True)
class Page:
    """One passage, opened. Places are folded ones unless said otherwise."""

    source: str
    """The original text, whole."""
    passage: Passage
    folded: Folded
    facts: Facts
    carrier: Carrier
    header_text: str | None = None
    """For a cell below a header row: its column's header, folded."""

    @property
    def lower(self) -> str:
        """Return the folded text in lower case."""
        return self.folded.lower

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Return the ranges of the sentences."""
        return sentence_bounds(self.lower)

    @cached_property
    def tokens(self) -> list[Token]:
        """Return the words."""
        return tokens_of(self.lower)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Return the quantities, in order."""
        return read_quantities(self.lower)

    def quantities_in(self, start: int, end: int) -> list[Quantity]:
        """Return the quantities that lie in a range."""
        first = bisect_left(self.quantities, start, key=lambda quantity: quantity.start)
        last = bisect_left(self.quantities, end, key=lambda quantity: quantity.start)
        return [quantity for quantity in self.quantities[first:last] if quantity.end <= end]

    def tokens_in(self, start: int, end: int) -> list[Token]:
        """Return the words of a range."""
        first = bisect_left(self.tokens, start, key=lambda token: token.start)
        return self.tokens[first : bisect_left(self.tokens, end, key=lambda token: token.start)]

    def stems_of(self, start: int, end: int) -> set[str]:
        """Return the comparison forms of the words in a range, numbers left out."""
        return {stem(token.word) for token in self.tokens_in(start, end) if not token.word[0].isdigit()}

    @cached_property
    def words(self) -> list[Word]:
        """Return the words and marks, as the claim grammar counts them."""
        return split_words(self.lower)

    @cached_property
    def signs(self) -> str:
        """Return one sign for each of `words`."""
        # Where every letter is a capital, none is the sign of a name.
        text = self.folded.text
        return sign_words(self.words, self.lower if text.isupper() else text, load_grammar().vocabulary)

    @cached_property
    def from_user(self) -> list[bool]:
        """Say for each word whether it stands in a run of the person's own words."""
        return self.facts.user.covered(self.tokens)

    def sentence_at(self, place: int) -> tuple[int, int]:
        """Return the sentence that holds a place."""
        return bounds_around(self.sentences, place)

    def sentence_of(self, original: int) -> int:
        """Return where the sentence begins that holds a place of the original."""
        return self.sentence_at(self.folded.place_of(original))[0]

    def clause_at(self, place: int) -> tuple[int, int]:
        """Return the clause that holds a place."""
        return bounds_around(self._clauses, place)

    @cached_property
    def _clauses(self) -> list[tuple[int, int]]:
        return [clause for start, end in self.sentences for clause in clause_bounds(self.lower, start, end)]

    @cached_property
    def _quotes(self) -> list[int]:
        return [match.start() for match in re.finditer('"', self.lower)]

    def is_quoted(self, place: int) -> bool:
        """Say whether a place stands between double quotation marks."""
        before = bisect_left(self._quotes, place)
        return before % 2 == 1 and before < len(self._quotes)

    def source_has_marks(self, start: int, end: int) -> bool:
        """Say whether a range of the original holds Markdown marks."""
        return any(mark in self.source[start:end] for mark in "*_~`[]|>")

    def is_users_own(self, start: int, end: int) -> bool:
        """Say whether all words of a range are the person's own, in their order."""
        if not self.facts.user.grams:
            return False
        first = bisect_left(self.tokens, start, key=lambda token: token.start)
        last = bisect_left(self.tokens, end, key=lambda token: token.start)
        return first < last and all(self.from_user[first:last])

    def claim(
        self,
        rule: str,
        start: int,
        end: int,
        standing: Standing,
        *,
        changes: Sequence[tuple[int, int, str]] = (),
        support: tuple[str, ...] = (),
    ) -> Claim:
        """Return a claim with its places put back into the original."""
        placed = tuple(Change(*self.folded.span(low, high), after) for low, high, after in changes)
        low, high = self.folded.span(start, end)
        return Claim(rule, low, high, standing, placed, support)


def open_pages(text: str, facts: Facts, carrier: Carrier) -> tuple[Page, ...]:
    """Return the passages of a text, each opened for reading."""
    pages: list[Page] = []
    ledger = facts.ledger
    for passage in read_passages(text):
        folded = fold_passage(text, passage.spans, ledger.company, ledger.people, escaped=passage.escaped)
        header = fold_passage(text, [passage.header], escaped=passage.escaped).lower if passage.header else None
        pages.append(Page(text, passage, folded, facts, carrier, header))
    return tuple(pages)
