"""Deals sentence frames: each at most once in a packet, in an order that the seed decides."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from proofkit_core.seeds import stream

_SLOT_WORD = re.compile(r"\{([a-z_]+)\}")


@cache
def load_frames() -> Mapping[str, tuple[str, ...]]:
    """Return all frames by slot, such as `tradeoff.first`."""
    text = files("proofkit_core.composer").joinpath("data", "frames.toml").read_text(encoding="utf-8")
    return dict(_flatten(tomllib.loads(text), ""))


def _flatten(table: Mapping[str, object], prefix: str) -> list[tuple[str, tuple[str, ...]]]:
    slots: list[tuple[str, tuple[str, ...]]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            slots.extend(_flatten(value, f"{prefix}{key}."))  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, list):
            slots.append((f"{prefix}{key}", tuple(str(v) for v in value)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return slots


class FrameDeck:
    """A shuffled deck of frames a slot. Dealing is the only state, and it belongs to one packet."""

    def __init__(self, brief_digest: str, seed: int) -> None:
        """Shuffle every slot by the brief and the seed."""
        self._left: dict[str, list[str]] = {}
        self._told: set[str] = set()
        for slot, frames in load_frames().items():
            order = list(frames)
            stream(brief_digest, seed, "frames", slot).shuffle(order)
            self._left[slot] = order
        self._order = {slot: tuple(order) for slot, order in self._left.items()}

    def left(self, slot: str) -> int:
        """Return how many frames of a slot have not been dealt."""
        return len(self._left[slot])

    def deal(self, slot: str, **words: str) -> str:
        """Take the next frame of a slot and fill it.

        Raises:
            LookupError: All frames of the slot have been dealt; ask `left` first where that can happen.
        """
        if not self._left[slot]:
            raise LookupError(f"no frame is left in slot {slot!r}; add some to frames.toml or use fewer")
        return _filled(self._left[slot].pop(), words)

    def at(self, slot: str, number: int, **words: str) -> str:
        """Return a frame of a slot by its number and leave it there; after the last one they begin again.

        What is chosen by number hangs on nothing that was dealt before.
        """
        frames = self._order[slot]
        return _filled(frames[number % len(frames)], words)

    def once(self, slot: str, number: int) -> str:
        """Return a frame by its number the first time it is asked for, and an empty text from then on."""
        frame = self.at(slot, number)
        if frame in self._told:
            return ""
        self._told.add(frame)
        return frame


def _filled(frame: str, words: Mapping[str, str]) -> str:
    # One pass, so that braces in a person's words stay as they were typed.
    return _SLOT_WORD.sub(lambda m: words[m[1]], frame)
