"""Reads event streams, and goes on where one broke off."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from proofkit_serve.wire.events import GenerationEventBody, read_event_body


class Event(NamedTuple):
    """One event of a generation."""

    id: int
    """Its number within the generation; what comes after it can be asked for by it."""
    body: GenerationEventBody


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events of a stream; one that was cut off in the middle is left out.

    Args:
        lines: The stream's lines, without their ends.
    """
    number, data = 0, ""
    for line in lines:
        if not line:
            if data:
                yield Event(number, read_event_body(data))
            data = ""
        elif line.startswith("id:"):
            number = int(line.removeprefix("id:"))
        elif line.startswith("data:"):
            data += line.removeprefix("data:").removeprefix(" ")
