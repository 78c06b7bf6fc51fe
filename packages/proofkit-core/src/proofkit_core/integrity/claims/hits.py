"""Finds candidates for claims: runs the claim grammar over all passages of a text at once."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proofkit_core.integrity.claims.grammar import ClaimPattern, load_grammar
from proofkit_core.integrity.claims.needs import mask_of
from proofkit_core.integrity.claims.page import Page
from proofkit_core.integrity.reading.folding import PERSON
from proofkit_core.integrity.reading.passages import PassageKind
from proofkit_core.integrity.reading.words import BREAK, Word
from proofkit_core.integrity.records import Carrier

Range = tuple[int, int]
_NO_PROSE = frozenset({PassageKind.CODE})


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern that fits. Places are folded ones of its page."""

    row: ClaimPattern
    page: Page
    start: int
    end: int
    parts: dict[str, Range]
    """Named parts of the pattern: `verb`, `own`, `people`, `client`, `be`."""

    @property
    def has_subject(self) -> bool:
        """Say whether it starts at `I`, `we` or the person's name."""
        return self.page.lower.startswith(("i ", "we ", "i'", "we'", PERSON), self.start)

    def word(self, part: str) -> str:
        """Return a named part's words in lower case; empty where the pattern has none."""
        return self.page.lower[slice(*self.parts[part])] if part in self.parts else ""


def find_hits(pages: Sequence[Page], carrier: Carrier) -> Iterator[Hit]:
    """Yield every place where a pattern of the grammar fits, pattern by pattern.

    Args:
        pages: The passages of the text, opened.
        carrier: What kind of text it is; some patterns count in some carriers only.
    """
    pages = [page for page in pages if page.passage.kind not in _NO_PROSE]
    line, starts = _joined(pages)
    held = mask_of(frozenset(line))
    fitting = [pattern for pattern in load_grammar().patterns if all(map(held.__and__, pattern.needs))]
    for row, search in ((pattern.row, pattern.search) for pattern in fitting):
        if row.carriers and carrier not in row.carriers:
            continue
        for match in search.finditer(line):
            first = match.start() + (line[match.start()] == BREAK)
            number = bisect_right(starts, first) - 1
            page, offset = pages[number], starts[number]
            if first < min(match.end(), offset + len(page.words)):
                words = page.words
                parts = {
                    name: _range(words, low - offset, high - offset)
                    for name in match.re.groupindex
                    if (low := match.start(name)) >= 0 and (high := match.end(name)) > low
                }
                start, end = _range(words, first - offset, match.end() - offset)
                yield Hit(row, page, start, end, parts)


def _joined(pages: Sequence[Page]) -> tuple[str, list[int]]:
    """Return the signs of all pages in a row, and where each page begins in it."""
    pieces: list[str] = [BREAK]
    starts: list[int] = []
    place = 1
    for page in pages:
        starts.append(place)
        pieces += [page.signs, BREAK]
        place += len(page.signs) + 1
    return "".join(pieces), starts


def _range(words: Sequence[Word], low: int, high: int) -> Range:
    return words[low].start, words[min(high, len(words)) - 1].end
