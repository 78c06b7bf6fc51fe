"""Drafting with a model behind an OpenAI-compatible server: vLLM, llama-server, Ollama, or a hosted one.

    with open_openai_compatible(identity=identity, base_urls=("http://127.0.0.1:8080/v1",), model="tuned") as backend:
        completion = backend.generate(GenerationRequest(prompt=prompt))

A frozen prompt goes to `/v1/completions` as the contract rendered it, because the model was trained on those bytes.
A server that puts a template around it would change them, so chat is for the editable prompts; for a frozen one the
server has to show, prompt by prompt, that its own template makes the same text.
"""

import weakref
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from proofkit_core.errors import InputError
from proofkit_core.generation import (
    CancelSignal,
    Completion,
    FinishReason,
    GenerationRequest,
    ModelIdentity,
    PromptKind,
)
from proofkit_prompts import require_frozen
from proofkit_prompts.prompt import EditablePrompt, FreePrompt, FrozenPrompt
from proofkit_serve.backends.handshake import Training, require_trained_on
from proofkit_serve.backends.http.answer import Answer
from proofkit_serve.backends.http.calling import Take, complete
from proofkit_serve.backends.http.channels import Reasoning
from proofkit_serve.backends.http.endpoints import EndpointPool, configured
from proofkit_serve.backends.http.limits import Limits
from proofkit_serve.backends.http.loop import LoopThread, Work
from proofkit_serve.backends.http.wire import Dialect, JsonMode, Wire, WireName, messages_of, post, require_editable

if TYPE_CHECKING:
    from proofkit_serve.backends.http.servers import Servers

__all__ = ["OpenAICompatibleBackend", "open_openai_compatible"]

SHORT_ASK_S = 3.0
"""How long a server may take to answer a small question, such as which models it has."""


class OpenAICompatibleBackend:
    """One model behind one or more servers. Any thread may call it, and calls run at the same time."""

    def __init__(
        self,
        identity: ModelIdentity,
        *,
        wire: Wire,
        prompts: PromptKind,
        servers: "Servers",
        work: Work,
        limits: Limits,
        training: Training | None,
    ) -> None:
        """Take over the parts."""
        self._identity = identity
        self._wire = wire
        self._prompts = prompts
        self._servers = servers
        self._work = work
        self._limits = limits
        self._training = training
        self._close = weakref.finalize(self, work.close)

    @property
    def identity(self) -> ModelIdentity:
        """Return which model answers, by the server's name for it."""
        return self._identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,
    ) -> Completion:
        """Complete one prompt.

        Args:
            request: The prompt, how to decode it and its time limit.
            cancel: Looked at every 30 ms; once set, the connection is closed, which ends the work on the server.
            on_text: Called in the calling thread with each piece of text; an empty piece tells that the model thinks.
            on_place: Never called: the line is the server's.

        Returns:
            The completion; `finish_reason` tells whether it is whole.

        Raises:
            PromptKindError: The prompt is not of the kind that this model is asked.
            GenerationError: There is no answer to use, and `kind` tells why.
        """
        del on_place
        prompt = request.prompt
        self._require_kind(prompt)
        posting = post(request, self._wire)
        answer = Answer(opening=request.opening, stop=posting.stop, reasoning=self._wire.reasoning, limits=self._limits)
        ends = [place for mark in posting.stop if (place := request.opening.find(mark)) >= 0]
        if ends:  # the answer is over before a server is asked
            text = request.opening[: min(ends)]
            if on_text is not None:
                on_text(text)
            return answer.completion(text, FinishReason.STOP, self._identity)
        same_as = prompt if self._wire.name == "chat" and isinstance(prompt, FrozenPrompt) else None

        async def read(take: Take) -> None:
            await self._servers.stream(posting, take, same_as=same_as)

        return complete(
            request,
            read,
            answer,
            work=self._work,
            limits=self._limits,
            model=self._identity,
            cancel=cancel,
            on_text=on_text,
        )

    @property
    def in_flight(self) -> dict[str, int]:
        """Return how many requests are under way, by base URL."""
        return self._servers.in_flight

    def models(self, *, timeout_s: float = SHORT_ASK_S) -> tuple[str, ...]:
        """Return the names of the models that the first server says it has.

        Raises:
            GenerationError: It does not answer, or not with a list of models.
        """
        return self._work.wait_for(self._servers.models, timeout_s=timeout_s)

    def server_prompt(self, system: str, user: str, *, timeout_s: float = SHORT_ASK_S) -> str | None:
        """Return the prompt that the first server makes of two messages by its own template.

        Returns:
            The text; None where the server has no route to ask for it, which only llama-server has.

        Raises:
            GenerationError: It does not answer.
        """
        return self._work.wait_for(partial(self._servers.prompt_of, messages_of(system, user)), timeout_s=timeout_s)

    def server_facts(self, *, timeout_s: float = SHORT_ASK_S) -> dict[str, Any]:
        """Return what the first server tells of itself: `models` it lists, and llama-server's `props` or None.

        Raises:
            GenerationError: It does not answer.
        """
        properties = self._work.wait_for(self._servers.properties, timeout_s=timeout_s)
        return {"models": list(self.models(timeout_s=timeout_s)), "props": properties}

    def close(self) -> None:
        """End what is under way and close all connections; may be called again."""
        self._close()

    def __enter__(self) -> Self:
        """Return the open backend."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the backend."""
        self.close()

    def _require_kind(self, prompt: FrozenPrompt | EditablePrompt | FreePrompt) -> None:
        if self._prompts is PromptKind.FROZEN:
            require_trained_on(self._training, require_frozen(prompt))
        else:
            require_editable(prompt)


def open_openai_compatible(  # noqa: PLR0913 - each is a choice of its own, and has to be named
    *,
    identity: ModelIdentity,
    model: str,
    base_urls: Sequence[str] = (),
    key: SecretStr | None = None,
    wire: WireName = "completions",
    prompts: PromptKind | None = None,
    json_mode: JsonMode = "schema",
    dialect: Dialect = "generic",
    reasoning: Reasoning = "auto",
    reasoning_allowance: int = 0,
    limits: Limits | None = None,
    training: Training | None = None,
    ca_file: Path | None = None,
    loop: LoopThread | None = None,
    seed: int = 0,
) -> OpenAICompatibleBackend:
    """Prepare to ask a model over HTTP. Nothing is connected before the first call.

    Args:
        identity: Which model answers, for the record.
        model: The servers' name for it.
        base_urls: Servers that all have the model, from the server's own configuration.
        key: The configuration's key for `base_urls`, sent to these servers and nowhere else.
        wire: `completions` for prompts as they are, `chat` where the server applies its own template.
        prompts: The kind of prompt it takes; without it, frozen ones for `completions` and editable ones for `chat`.
        json_mode: How a schema is asked for; the answer is checked in any case.
        dialect: Whose names the other fields have.
        reasoning: How the model thinks aloud.
        reasoning_allowance: Tokens it may spend on that, on top of the task's cap.
        limits: How long each stage may take, and how much is read.
        training: What the model was trained on, where that is known.
        ca_file: Certificates to trust instead of the usual ones.
        loop: A loop's thread to share with other backends; without it, one of its own.
        seed: For the choice among servers that are equally busy.

    Returns:
        The backend, to be used in a `with` statement or closed by hand.

    Raises:
        InputError: A base URL is none, there is none, or the choices do not go together.
    """
    kind = prompts or (PromptKind.FROZEN if wire == "completions" else PromptKind.EDITABLE)
    _check_choices(wire, kind, dialect)
    pool = EndpointPool([*map(configured, base_urls)], random=Random(seed))  # noqa: S311 - spreads load, guards nothing
    chosen = limits or Limits()
    servers = _servers(pool, key, chosen, ca_file)
    asked = Wire(
        name=wire,
        model=model,
        json_mode=json_mode,
        dialect=dialect,
        reasoning=reasoning,
        reasoning_allowance=reasoning_allowance,
    )
    work = Work(loop, at_end=servers.close)
    return OpenAICompatibleBackend(
        identity, wire=asked, prompts=kind, servers=servers, work=work, limits=chosen, training=training
    )


def _servers(pool: EndpointPool, key: SecretStr | None, limits: Limits, ca_file: Path | None) -> "Servers":
    # The HTTP library takes a tenth of a second, and importing this module must stay light.
    from proofkit_serve.backends.http.servers import Servers  # noqa: PLC0415
    from proofkit_serve.backends.http.transport import Transport  # noqa: PLC0415

    return Servers(pool, Transport(key=key, limits=limits, ca_file=ca_file))


def _check_choices(wire: WireName, prompts: PromptKind, dialect: Dialect) -> None:
    if wire == "completions" and prompts is PromptKind.EDITABLE:
        raise InputError("Got editable prompts on the wire `completions`. Expected `chat`: they have no template.")
    if wire == "completions" and dialect == "ollama":
        raise InputError(
            "Got the wire `completions` for Ollama, which puts its own template around such prompts. Expected a server "
            "that takes them as they are, such as llama-server or vLLM; or use `chat` with editable prompts."
        )
