"""What is chosen where a case offers alternatives: the first of each for the original, drawn ones for grown rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from proofkit_core.seeds import stream

T = TypeVar("T")
ORIGINAL = 0
"""Number of the variation that stands in the file as written."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One way through the alternatives of a case."""

    case_id: str
    number: int
    """0 is the original; every other number makes other choices."""
    seed: int
    forced: tuple[tuple[str, str], ...] = ()
    """Swapped words that are set, by key; to see what one of them changes."""

    @property
    def is_original(self) -> bool:
        """Say whether everything is as written by hand."""
        return self.number == ORIGINAL

    def pick(self, name: str, options: Sequence[T]) -> T:
        """Return one of the options.

        Args:
            name: What is chosen; another name draws from another stream.
            options: At least one.
        """
        if self.is_original or len(options) == 1:
            return options[0]
        return options[self._stream(name).randrange(len(options))]

    def turn(self, name: str, options: Sequence[T]) -> T:
        """Return one of the options, each in turn as the number grows, in an order drawn for the case."""
        if self.is_original:
            return options[0]
        order = list(range(len(options)))
        stream("grow", self.seed, self.case_id, name).shuffle(order)
        return options[order[self.number % len(order)]]

    def keep(self, name: str, share: float) -> bool:
        """Say whether something optional stays; always in the original.

        Args:
            name: What it is.
            share: How often it stays, from 0 to 1.
        """
        return self.is_original or self._stream(name).random() < share

    def order(self, name: str, items: Sequence[T]) -> tuple[T, ...]:
        """Return the items in some order; as written in the original."""
        mixed = list(items)
        if not self.is_original:
            self._stream(name).shuffle(mixed)
        return tuple(mixed)

    def _stream(self, name: str) -> random.Random:
        return stream("grow", self.seed, self.case_id, self.number, name)
