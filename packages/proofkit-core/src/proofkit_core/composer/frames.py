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
        for slot, frames in load_frames().items():
            order = list(frames)
            stream(brief_digest, seed, "frames", slot).shuffle(order)
            self._left[slot] = order

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
        # One pass, so that braces in a person's words stay as they were typed.
        return _SLOT_WORD.sub(lambda m: words[m[1]], self._left[slot].pop())
