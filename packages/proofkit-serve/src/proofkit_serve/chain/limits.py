"""The limits of one try, watched over any backend through its cancel signal."""

from collections.abc import Callable

from pydantic import BaseModel, Field

from proofkit_core.errors import FailureKind
from proofkit_core.generation import CancelSignal

__all__ = ["TryLimits", "Watch"]


class TryLimits(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How long each stage of one try may take, in seconds."""

    connect_s: float = Field(default=3.0, gt=0.0)
    """Until a connection stands; kept by the backend itself."""
    queue_s: float = Field(default=20.0, gt=0.0)
    """Waiting for a free place, where the backend tells the position."""
    first_token_s: float = Field(default=15.0, gt=0.0)
    idle_s: float = Field(default=10.0, gt=0.0)
    """Between two pieces of text."""
    total_s: float = Field(default=45.0, gt=0.0)


class Watch:
    """A cancel signal that is also set once a stage takes too long.

    A backend looks at it at each token or every few milliseconds, so this holds for backends that know no limits.
    """

    def __init__(
        self,
        limits: TryLimits,
        *,
        ends_at: float,
        clock: Callable[[], float],
        cancel: CancelSignal | None,
        opening: str,
        on_text: Callable[[str], None] | None,
        on_place: Callable[[int], None] | None,
    ) -> None:
        """Start the clock of the first stage.

        Args:
            limits: How long each stage may take.
            ends_at: When all of it must be over, by `clock`.
            clock: Seconds that only go forward.
            cancel: The person's own signal.
            opening: Words that are told as text before the model wrote any.
            on_text: Told each piece of text.
            on_place: Told each place in the queue.
        """
        self.overdue: FailureKind | None = None
        """The stage that took too long."""
        self.has_told = False
        """Whether text reached `on_text`."""
        self._limits, self._ends_at, self._clock, self._cancel = limits, ends_at, clock, cancel
        self._on_text, self._on_place = on_text, on_place
        self._since = clock()
        self._queued = False
        self._heard = False
        self._opening_left = len(opening)

    def is_set(self) -> bool:
        """Return True once the work should stop."""
        if self._cancel is not None and self._cancel.is_set():
            return True
        if self.overdue is None:
            self.overdue = self._late_stage()
        return self.overdue is not None

    def on_text(self, piece: str) -> None:
        """Take in a piece of text; an empty one is a sign of life."""
        if self._opening_left:
            told = min(self._opening_left, len(piece))
            self._opening_left -= told
            beyond = told < len(piece)
        else:
            beyond = True
        if beyond:
            self._heard = True
            self._since = self._clock()
        if piece and self._on_text is not None:
            self.has_told = True
            self._on_text(piece)

    def on_place(self, place: int) -> None:
        """Take in how many calls are before this one."""
        if self._queued != (place > 0):
            self._queued = place > 0
            self._since = self._clock()
        elif not self._heard and place == 0:
            self._since = self._clock()
        if self._on_place is not None:
            self._on_place(place)

    def _late_stage(self) -> FailureKind | None:
        now = self._clock()
        if now >= self._ends_at:
            return FailureKind.TOTAL
        if self._queued:
            stage, limit = FailureKind.QUEUE, self._limits.queue_s
        elif self._heard:
            stage, limit = FailureKind.IDLE, self._limits.idle_s
        else:
            stage, limit = FailureKind.FIRST_TOKEN, self._limits.first_token_s
        return stage if now - self._since > limit else None
