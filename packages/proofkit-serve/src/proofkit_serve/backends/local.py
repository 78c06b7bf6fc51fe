"""A model inside this process: what every engine's backend is, once its weights are open."""

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import CancelSignal, Completion, FinishReason, GenerationRequest, ModelIdentity
from proofkit_prompts import Contract, load_contract, require_rendered
from proofkit_serve.backends.decoding.memory import process_bytes
from proofkit_serve.backends.decoding.warming import plan_warm_up
from proofkit_serve.backends.handshake import Training, require_known, require_trained_on

if TYPE_CHECKING:
    from proofkit_serve.backends.decoding.worker import Worker
    from proofkit_serve.backends.decoding.written import Decoded

__all__ = ["LocalBackend", "MemoryUse", "OnBehalf", "ReuseFigures", "completion_of", "shake_hands"]


class MemoryUse(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Memory of an open model, in bytes."""

    model: int
    """Weights; llama.cpp maps them from the file, so other processes share them."""
    context: int
    """Keys and values of a full context."""
    prefixes: int
    """Copies of prompts at the moment."""
    process: int | None
    """Everything that this process holds at the moment; None where the system does not tell."""


class ReuseFigures(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How much of the prompts needed no evaluation, since the model was opened."""

    prompts: int
    prompt_tokens: int
    reused_tokens: int
    copies: int
    """Prompts of which a copy is kept at the moment."""


class LocalBackend:
    """One open model. Any thread may call it; calls are answered one at a time, requesters in turn.

    A requester is whoever gets a fair share: a person or a session. A call that names none counts as its thread's.
    """

    def __init__(self, worker: "Worker", identity: ModelIdentity, training: Training | None = None) -> None:
        """Take over a running worker; `open_llama_cpp` and `open_transformers` make one."""
        self._worker = worker
        self._training = training
        self._identity = identity
        # Also runs when the program ends, so that an engine is not freed under a running thread.
        self._close = weakref.finalize(self, worker.close)

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        return self._identity

    @property
    def training(self) -> Training | None:
        """Return what the model says it was trained on; None where it says nothing, or that is not looked at."""
        return self._training

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
        requester: str = "",
    ) -> Completion:
        """Complete one prompt.

        Args:
            request: The prompt, how to decode it and its time limit.
            cancel: Checked at each token, at each chunk of the prompt and while waiting.
            on_text: Called in the calling thread with each piece of text; the pieces together are the text.
            on_place: Called in the calling thread with the number of calls before this one whenever it changes, 0 as
                the work begins. It may grow: those who asked for less come first.
            requester: Who asks, for the turns.

        Returns:
            The completion; `finish_reason` tells whether it is whole.

        Raises:
            PromptKindError: The prompt is of the editable set.
            ModelUnavailableError: The model was trained on other bytes for this task.
            GenerationError: The prompt does not fit, its schema cannot be enforced, too many calls wait, the answer is
                empty, or the backend is closed.
        """
        prompt = require_rendered(request.prompt)
        require_trained_on(self._training, prompt)
        answer = self._worker.answer(
            request,
            prompt,
            requester=f"requester {requester}" if requester else f"thread {threading.get_ident()}",
            cancel=cancel,
            on_text=on_text,
            on_place=on_place,
        )
        return completion_of(answer.decoded, self._identity, called_at=answer.called_at, queued_s=answer.queued_s)

    def for_requester(self, requester: str) -> "OnBehalf":
        """Return this model as one requester's own: the same in all but whose turn its calls take."""
        return OnBehalf(self, requester)

    def warm_up(self, contract: Contract | None = None) -> threading.Event:
        """Get ready while nobody asks: evaluate how prompts of a contract begin, and compile the schemas of its tasks.

        Calls that come meanwhile are answered first; they wait for one short step at most.

        Args:
            contract: The contract; without it, the one that ProofKit uses.

        Returns:
            Set once that is done.
        """
        return self._worker.warm_up(plan_warm_up(contract or load_contract()))

    def read_ahead(self, request: GenerationRequest) -> threading.Event:
        """Evaluate a prompt while nobody asks, because somebody is likely to ask with it next.

        Calls that come meanwhile are answered first. What is written then is the same as without.

        Args:
            request: What is likely to be asked; only its prompt counts.

        Returns:
            Set once that is done, or another call came between.

        Raises:
            PromptKindError: The prompt is of the editable set.
        """
        return self._worker.read_ahead(require_rendered(request.prompt).text)

    def memory(self) -> MemoryUse:
        """Return how much memory the model takes."""
        state = self._worker.state
        return MemoryUse(
            model=state.model_bytes if state else 0,
            context=state.context_bytes if state else 0,
            prefixes=state.prefixes.stored_bytes if state else 0,
            process=process_bytes(),
        )

    def reuse(self) -> ReuseFigures:
        """Return how much of the prompts needed no evaluation."""
        use = self._worker.state.prefixes if self._worker.state else None
        return ReuseFigures(
            prompts=use.prompts if use else 0,
            prompt_tokens=use.prompt_tokens if use else 0,
            reused_tokens=use.reused_tokens if use else 0,
            copies=use.copies if use else 0,
        )

    def close(self) -> None:
        """Stop the thread and free the model; may be called again."""
        self._close()

    def __enter__(self) -> Self:
        """Return the open backend."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the backend."""
        self.close()


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """A model as one requester's own. Closing it is left to who opened it."""

    backend: LocalBackend
    requester: str

    @property
    def identity(self) -> ModelIdentity:
        """Return which weights answer."""
        return self.backend.identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete one prompt, as `LocalBackend.generate` does, in the requester's turn."""
        return self.backend.generate(
            request, cancel=cancel, on_text=on_text, on_place=on_place, requester=self.requester
        )


def completion_of(decoded: "Decoded", identity: ModelIdentity, *, called_at: float, queued_s: float) -> Completion:
    """Return what was written as a completion of these weights.

    Args:
        decoded: What was written.
        identity: Whose weights wrote it.
        called_at: `perf_counter` at the call.
        queued_s: Seconds until the work began.

    Raises:
        GenerationError: The answer is whole, and empty.
    """
    total = perf_counter() - called_at
    if decoded.finish_reason is FinishReason.STOP and not decoded.text.strip():
        raise GenerationError(
            f"The model {identity.name} ended its answer without a word. Expected text. Ask again with another seed, "
            f"or let the composer write.",
            kind=FailureKind.EMPTY,
        )
    return Completion(
        text=decoded.text,
        finish_reason=decoded.finish_reason,
        model=identity,
        prompt_tokens=decoded.prompt_tokens,
        reused_tokens=decoded.reused_tokens,
        completion_tokens=decoded.completion_tokens,
        first_token_s=total if decoded.first_token_at is None else decoded.first_token_at - called_at,
        total_s=total,
        queued_s=queued_s,
    )


def shake_hands(
    identity: ModelIdentity, training: Training | None, *, any_contract: bool
) -> tuple[ModelIdentity, Training | None]:
    """Check what a model was trained on before it is asked.

    Args:
        identity: Which weights it is.
        training: What it says it was trained on.
        any_contract: Ask it even where it was trained on another contract.

    Returns:
        The identity, marked where the model was trained on another contract, and what each prompt has to fit.

    Raises:
        ModelUnavailableError: It was trained on another contract.
    """
    contract = load_contract()
    if not any_contract:
        require_known(training, contract)
        return identity, training
    if training is None or training.contract_digest == contract.digest:
        return identity, None
    name = f"{identity.name} (trained on another contract, {training.contract_digest[:12]})"
    return identity.model_copy(update={"name": name}), None
