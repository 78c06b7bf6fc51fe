"""What the jobs are given, and what they tell about themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pydantic import SecretStr

from proofkit_core.drafting.events import OnDraftEvent
from proofkit_core.generation import Candidate
from proofkit_core.workshop import Workshop
from proofkit_serve.settings import Settings
from proofkit_serve.store.protocol import Store


class Models(Protocol):
    """The registry, as far as jobs need it."""

    @property
    def default_id(self) -> str:
        """Return the model of a session that chose none."""
        ...

    def chain(
        self,
        model_id: str,
        *,
        requester: str = "",
        on_tokens: Callable[[int], None] | None = None,
        token: SecretStr | None = None,
    ) -> tuple[Candidate, ...]:
        """Return the models to ask in turn, as one requester's own; `on_tokens` is told what they write.

        Those that are asked with the requester's own token get `token`, and no other does.

        Raises:
            InputError: There is no such model.
        """
        ...

    def observer(self) -> OnDraftEvent:
        """Return what counts how the drafts of one generation fare."""
        ...


class Ended(NamedTuple):
    """A generation that is over, for the figures."""

    kind: str
    status: str
    seconds: float
    tokens: int
    owner: str


@dataclass(frozen=True, slots=True)
class JobSettings:
    """What the jobs work with."""

    settings: Settings
    store: Store
    models: Models
    workshop: Workshop
    """With everything but the models, which each session chooses."""
    on_event: OnDraftEvent
    """Told every event of every desk, in the thread that drafts."""
    on_tokens: Callable[[str, int], None]
    """Told for whom so many tokens were written, as they are, in the event loop."""
    on_end: Callable[[Ended], None]
    """Told every generation that is over, in the event loop."""
