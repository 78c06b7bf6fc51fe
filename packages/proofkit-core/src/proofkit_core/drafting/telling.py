"""Tells what happens to one piece of text, and keeps the rule that texts of two attempts are never spliced."""

from collections.abc import Callable
from threading import Lock

from proofkit_core.drafting.events import Attempt, Delta, DraftEvent, FellBack, OnDraftEvent, Queued, Validated, Void
from proofkit_core.generation import ModelIdentity
from proofkit_core.packet import Fallback, FallbackReason, Writer
from proofkit_core.wording import capitalised


class Telling:
    """The events of one piece of text. A backend may call from its own threads, and too late."""

    def __init__(self, on_event: OnDraftEvent | None) -> None:
        """Start before the first attempt.

        Args:
            on_event: Who listens; None where nobody does.
        """
        self._on_event = on_event
        self._lock = Lock()
        self._number = 0
        self._is_open = False
        self._is_heard = False

    @property
    def has_listener(self) -> bool:
        """Say whether somebody listens."""
        return self._on_event is not None

    def begin(self, model: ModelIdentity, prompt_set: str, mark: str) -> None:
        """Tell that a model is being asked."""
        with self._lock:
            self._number += 1
            self._is_open = True
            self._tell(Attempt(number=self._number, model=model, prompt_set=prompt_set, mark=mark))

    def text_listener(self) -> Callable[[str], None]:
        """Return what takes the pieces of this attempt's text."""
        number = self._number

        def on_text(text: str) -> None:
            with self._lock:
                if text and self._is_now(number):
                    self._is_heard = True
                    self._tell(Delta(text=text))

        return on_text

    def place_listener(self) -> Callable[[int], None]:
        """Return what takes the places of this attempt in the backend's queue."""
        number = self._number

        def on_place(position: int) -> None:
            with self._lock:
                if self._is_now(number):
                    self._tell(Queued(position=position))

        return on_place

    def end(self) -> None:
        """Take no more pieces of this attempt."""
        with self._lock:
            self._is_open = False

    def turn_down(self, reason: FallbackReason) -> None:
        """End the attempt and take back what was told of its text."""
        with self._lock:
            self._is_open = False
            if self._is_heard:
                self._is_heard = False
                self._tell(Void(attempt=self._number, reason=reason))

    def fall_back(self, fallback: Fallback, model: ModelIdentity, *, to: str, then: str) -> None:
        """Tell that a model is given up for this text.

        Args:
            fallback: Why.
            model: The model.
            to: What is used instead.
            then: What happens instead, as a clause.
        """
        message = f"{capitalised(fallback.message)} ({model.name}), so {then}."
        with self._lock:
            self._tell(FellBack(reason=fallback.reason, message=message, from_model=model.name, to=to))

    def settle(self, writer: Writer) -> None:
        """Tell that the text is settled."""
        with self._lock:
            self._tell(Validated(attempt=self._number, writer=writer))

    def _is_now(self, number: int) -> bool:
        return self._is_open and number == self._number

    def _tell(self, event: DraftEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)
