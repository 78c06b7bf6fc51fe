"""The way back from a text in another form to the original: runs of characters, each with its place."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Span = tuple[int, int]


class Piece(NamedTuple):
    """A stretch of the new text and the range of the original it stands for."""

    at: int
    size: int
    low: int
    high: int

    @property
    def is_run(self) -> bool:
        """Say whether it stands for the original character by character."""
        return self.high - self.low == self.size


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Where each character of a new text comes from. Ordinary text is one run, so the map is short."""

    at: Sequence[int]
    """Where each piece begins in the new text, and behind the last one its size."""
    low: Sequence[int]
    """Where each piece begins in the original."""
    high: Sequence[int]

    def piece(self, place: int) -> Piece:
        """Return the piece that holds a place of the new text."""
        return self._piece(max(0, min(bisect_right(self.at, place), len(self.low)) - 1))

    def span(self, start: int, end: int) -> Span:
        """Return the original range of a new one; an empty one stands right behind the character before it."""
        if not self.low:
            return 0, 0
        if len(self.low) == 1 and 0 <= start < end <= self.at[1] == self.high[0] - self.low[0]:
            return self.low[0] + start, self.low[0] + end
        if start < end:
            return self.start(start), self.end(end - 1)
        place = self.end(start - 1) if start else self.low[0]
        return place, place

    def start(self, place: int) -> int:
        """Return where the original of a character begins."""
        piece = self.piece(place)
        return piece.low + place - piece.at if piece.is_run else piece.low

    def end(self, place: int) -> int:
        """Return where the original of a character ends."""
        piece = self.piece(place)
        return piece.low + place - piece.at + 1 if piece.is_run else piece.high

    def place_of(self, original: int) -> int:
        """Return the last character that begins at a place of the original or before it."""
        number = bisect_right(self.low, original) - 1
        if number < 0:
            return 0
        piece = self._piece(number)
        within = original - piece.low if piece.is_run else piece.size
        return piece.at + max(0, min(within, piece.size - 1))

    def through(self, inner: "OffsetMap") -> "OffsetMap":
        """Return the map of a text that was made from a text that was itself made from the original.

        Args:
            inner: The way back from the text in the middle.
        """
        tracing = Tracing()
        for piece in (self._piece(number) for number in range(len(self.low))):
            if piece.is_run:
                _split(tracing, piece, inner)
            else:
                low, high = inner.span(piece.low, piece.high)
                tracing.place(piece.size, low, high)
        return tracing.map()

    def _piece(self, number: int) -> Piece:
        at = self.at[number]
        return Piece(at, self.at[number + 1] - at, self.low[number], self.high[number])


def _split(tracing: "Tracing", run: Piece, inner: OffsetMap) -> None:
    place = run.low
    while place < run.high:
        part = inner.piece(place)
        size = min(run.high, part.at + part.size) - place
        low = part.low + place - part.at if part.is_run else part.low
        tracing.place(size, low, low + size if part.is_run else part.high)
        place += size


@dataclass(slots=True)
class Tracing:
    """Puts a new text together and keeps its way back."""

    pieces: list[str] = field(default_factory=list[str])
    at: list[int] = field(default_factory=list[int])
    low: list[int] = field(default_factory=list[int])
    high: list[int] = field(default_factory=list[int])
    size: int = 0
    in_run: bool = False

    def put(self, chars: str, start: int, end: int) -> None:
        """Add characters that stand for a range of the original; a run where both are of one length."""
        if chars:
            self.pieces.append(chars)
            self.place(len(chars), start, end)

    def place(self, size: int, low: int, high: int) -> None:
        """Add a piece to the map alone."""
        is_run = high - low == size
        if is_run and self.in_run and self.high[-1] == low:
            self.high[-1] = high
        else:
            self.at.append(self.size)
            self.low.append(low)
            self.high.append(high)
            self.in_run = is_run
        self.size += size

    def text(self) -> str:
        """Return the new text."""
        return "".join(self.pieces)

    def map(self) -> OffsetMap:
        """Return its way back."""
        return OffsetMap([*self.at, self.size], self.low, self.high)
