"""Server-sent events, read from bytes as they come."""

from proofkit_core.errors import FailureKind, GenerationError

__all__ = ["EventReader"]

_DATA = (b"data", b"error")
"""llama-server names the field `error` where generation fails in mid-stream."""


class EventReader:
    """Puts the payloads of events together. Comments, which only keep a connection open, are dropped."""

    def __init__(self, *, line_bytes: int) -> None:
        """Start empty.

        Args:
            line_bytes: Longest line that is read.
        """
        self._line_bytes = line_bytes
        self._held = b""
        self._data: list[bytes] = []

    def push(self, chunk: bytes) -> list[str]:
        """Add bytes and return the payloads of the events that are now whole.

        Raises:
            GenerationError: A line does not end.
        """
        self._held += chunk
        # A line may end in CR, LF or both; a CR at the very end may still be followed by its LF.
        kept = b"\r" if self._held.endswith(b"\r") else b""
        lines = self._held[: len(self._held) - len(kept)].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._held = lines.pop() + kept
        if len(self._held) > self._line_bytes:
            raise GenerationError(
                f"The server sent a line of over {self._line_bytes} bytes. Expected events of a few hundred. Use "
                f"another server or model.",
                kind=FailureKind.BAD_ANSWER,
            )
        payloads = [self._take(line) for line in lines]
        return [payload for payload in payloads if payload]

    def finish(self) -> list[str]:
        """Return what the last event has so far, now that nothing follows."""
        last = self.push(b"\n") if self._held else []
        return [*last, *([payload] if (payload := self._take(b"")) else [])]

    def _take(self, line: bytes) -> str:
        """Take in one line; an empty one ends an event, whose payload is returned."""
        if not line:
            payload, self._data = b"\n".join(self._data), []
            return payload.decode(errors="replace")
        field, _, value = line.partition(b":")
        if field in _DATA:
            self._data.append(value.removeprefix(b" "))
        return ""
