"""Counts, from what the desk tells, which model's answers were turned down and why."""

from collections.abc import Callable

from proofkit_core.drafting.events import Attempt, DraftEvent, FellBack, Void
from proofkit_core.generation import ModelIdentity
from proofkit_core.packet import FallbackReason

__all__ = ["QUALITY", "observe"]

QUALITY = frozenset(
    {
        FallbackReason.LENGTH,
        FallbackReason.EMPTY,
        FallbackReason.BAD_FORMAT,
        FallbackReason.ECHO,
        FallbackReason.REPETITION,
        FallbackReason.WRONG_SCRIPT,
        FallbackReason.DROPPED_POINTS,
        FallbackReason.INTEGRITY,
        FallbackReason.OFF_TOPIC,
        FallbackReason.WISH_MISSED,
    }
)
"""Reasons for which an answer came and was turned down."""


def observe(count: Callable[[ModelIdentity, FallbackReason], None]) -> Callable[[DraftEvent], None]:
    """Return what takes the events of one piece of text after another, in the order in which they are told.

    Args:
        count: Called once for each attempt that is known to have been turned down for its quality.
    """
    return _Observer(count).take


class _Observer:
    """Remembers whose attempt is under way."""

    def __init__(self, count: Callable[[ModelIdentity, FallbackReason], None]) -> None:
        self._count = count
        self._model: ModelIdentity | None = None

    def take(self, event: DraftEvent) -> None:
        if isinstance(event, Attempt):
            self._model = event.model
        elif isinstance(event, Void | FellBack) and self._model is not None:
            if event.reason in QUALITY:
                self._count(self._model, event.reason)
            self._model = None  # text that is taken back and the fall back after it are one failure
