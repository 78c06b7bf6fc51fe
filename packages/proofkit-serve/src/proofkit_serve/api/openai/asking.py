"""Asks one model in a thread of the pool, and brings its text to the event loop as it comes."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError, ModelUnavailableError
from proofkit_core.generation import Candidate, Completion, Decoding, FinishReason, GenerationRequest
from proofkit_prompts.prompt import FreePrompt, FrozenPrompt
from proofkit_serve.api.services import Services
from proofkit_serve.jobs.outbox import Outbox
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.openai import Sampling

MODEL_ALIAS = "proofkit"
_BUSY = frozenset({FailureKind.QUEUE, FailureKind.BREAKER_OPEN, FailureKind.RATE_LIMITED})
_LATER_S = 5.0
_UNFIT = (
    "The model cannot take this request: most often the prompt leaves no room for an answer of `max_tokens`. "
    "Send a shorter one, or ask for less."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to one model."""

    model_id: str
    candidate: Candidate
    prompt: FrozenPrompt | FreePrompt
    decoding: Decoding
    counted: Outbox[int]
    """Tokens on their way to the asker's account."""


def served_models(given: Services) -> tuple[str, ...]:
    """Return the models that can be asked directly: those in this process. Others have an address of their own."""
    ids = given.registry.in_process
    first = given.registry.default_id
    return (first, *(each for each in ids if each != first)) if first in ids else ids


def model_id_of(name: str, given: Services) -> str:
    """Return the id of the model that a caller names.

    Raises:
        ProblemError: There is no such model here.
    """
    served = served_models(given)
    if name in served:
        return name
    if name == MODEL_ALIAS and served:
        return served[0]
    known = ", ".join((MODEL_ALIAS, *served)) if served else "none: this server writes by the template alone"
    raise ProblemError(Kind.MODEL_NOT_FOUND, f"There is no such model to ask here; there are {known}.")


async def question(wanted: Sampling, prompt: FrozenPrompt | FreePrompt, owner: str, given: Services) -> Asked:
    """Return the question, ready to be asked.

    Args:
        wanted: How to write.
        prompt: What to ask.
        owner: Who asks.
        given: Where the models are.

    Raises:
        ProblemError: There is no such model here.
    """
    model_id = model_id_of(wanted.model, given)
    counted = Outbox[int](asyncio.get_running_loop(), lambda counts: given.tokens.take(owner, sum(counts)))
    chain = await asyncio.to_thread(given.registry.chain, model_id, requester=owner, on_tokens=counted.put_piece)
    decoding = Decoding(
        temperature=wanted.temperature or 0.0, repeat_penalty=wanted.repeat_penalty, seed=wanted.seed or 0
    )
    return Asked(model_id, chain[0], prompt, decoding, counted)


async def pieces(asked: Asked, given: Services) -> AsyncIterator[str | Completion]:
    """Yield the text as it is written, the first piece at once, and at the end the completion.

    Hanging up stops the model.

    Args:
        asked: The question.
        given: Where the pool is.

    Raises:
        ProblemError: The model gave no answer, or too much waits.
    """
    arrived: asyncio.Queue[str | Completion | Exception] = asyncio.Queue()
    written = Outbox[str | Completion | Exception](asyncio.get_running_loop(), lambda items: _arrive(arrived, items))
    cancel = threading.Event()

    def work() -> None:
        request = GenerationRequest(prompt=asked.prompt, decoding=asked.decoding, time_limit_s=given.settings.budget_s)
        try:
            written.put(asked.candidate.generator.generate(request, cancel=cancel, on_text=written.put_piece))
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: the waiting caller is always told
            written.put(error)

    # A turn of its own for each call: a front end asks for many people with one key. At the model, owners take turns.
    ticket = given.jobs.lend(f"call {secrets.token_hex(8)}", work)
    try:
        while True:
            item = await arrived.get()
            if isinstance(item, str):
                yield item
                continue
            asked.counted.flush()
            if isinstance(item, Exception):
                raise _problem(item)
            yield item
            return
    finally:
        cancel.set()
        given.jobs.take_back(ticket)


def reason_of(completion: Completion) -> str:
    """Return why the answer ends, in OpenAI's words."""
    return "stop" if completion.finish_reason is FinishReason.STOP else "length"


def _arrive(
    arrived: "asyncio.Queue[str | Completion | Exception]", items: Sequence[str | Completion | Exception]
) -> None:
    """Put in what was handed over together, its text as one."""
    if text := "".join(item for item in items if isinstance(item, str)):
        arrived.put_nowait(text)
    for item in items:  # one at most, and the last: nothing is written after it
        if not isinstance(item, str):
            arrived.put_nowait(item)


def _problem(error: Exception) -> Exception:
    if isinstance(error, GenerationCancelledError) or not isinstance(error, GenerationError):
        return error
    if error.kind in _BUSY:
        told = "The model has too much to do, or rests after failures. Ask again in a few seconds."
        return ProblemError(Kind.BUSY, told, retry_after_s=error.retry_after_s or _LATER_S)
    if error.kind is FailureKind.REFUSED and not isinstance(error, ModelUnavailableError):
        # Sent again, it would be refused again.
        return ProblemError(Kind.INVALID_REQUEST, _UNFIT)
    told = f"The model gave no answer ({error.kind.value}). Ask again, or use a session, where the template steps in."
    return ProblemError(Kind.GENERATION_FAILED, told)
