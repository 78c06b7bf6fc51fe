"""Bytes of tokens to text: whole characters only, cut at the first stop string."""

import codecs
from collections.abc import Sequence

__all__ = ["TextStream"]


class TextStream:
    """Collects what was written, and holds back what may yet turn out to be a stop string."""

    def __init__(self, stop: Sequence[str]) -> None:
        """Start empty, to end at the first of some strings."""
        self._stop = [text for text in stop if text]
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self.stopped = False

    def push(self, data: bytes) -> str:
        """Add bytes and return the text that is now certain."""
        if self.stopped:
            return ""
        # A token may end inside a character; the decoder keeps such bytes until the rest comes.
        self._held += self._decoder.decode(data)
        ends = [place for text in self._stop if (place := self._held.find(text)) >= 0]
        if ends:
            self.stopped = True
            certain, self._held = self._held[: min(ends)], ""
            return certain
        kept = max((_overlap(self._held, text) for text in self._stop), default=0)
        cut = len(self._held) - kept
        certain, self._held = self._held[:cut], self._held[cut:]
        return certain

    def finish(self) -> str:
        """Return what was held back, now that nothing follows. Bytes of an unfinished character are dropped."""
        rest, self._held = self._held, ""
        return rest


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of a text are the start of a stop string."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)
