"""Drafting with a hosted model through Hugging Face, on the operator's token or on each caller's own.

    with open_hf_inference(identity=identity, model="Qwen/Qwen3-32B", key=token) as backend:
        completion = backend.generate(GenerationRequest(prompt=prompt))

A model repository on the Hub holds files; it answers nothing by itself. Somebody has to serve it: one of the inference
providers, or an endpoint of one's own, whose address is the `base_url` then. Editable prompts only: a hosted chat puts
its own template around what it gets. The Hub's client follows redirects, but takes no token to another host.
"""

import logging
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_core.generation import CancelSignal, Completion, GenerationRequest, ModelIdentity, TextGenerator
from proofkit_serve.backends.http.answer import Answer
from proofkit_serve.backends.http.calling import Take, complete
from proofkit_serve.backends.http.channels import Reasoning
from proofkit_serve.backends.http.deltas import read_object
from proofkit_serve.backends.http.endpoints import configured
from proofkit_serve.backends.http.hub_failures import of_hub_error
from proofkit_serve.backends.http.limits import Limits
from proofkit_serve.backends.http.loop import LoopThread, Work
from proofkit_serve.backends.http.wire import JsonMode, Posting, Wire, post, require_editable
from proofkit_serve.backends.hub_library import without_telemetry

if TYPE_CHECKING:
    from huggingface_hub import AsyncInferenceClient, ChatCompletionStreamOutput

__all__ = ["HfInferenceBackend", "open_hf_inference"]

ROUTER = "Hugging Face"
_log = logging.getLogger(__name__)


class HfInferenceBackend:
    """One hosted model. Any thread may call it, and calls run at the same time."""

    def __init__(  # noqa: PLR0913 - each is a part of its own, and is named
        self,
        identity: ModelIdentity,
        *,
        wire: Wire,
        provider: str,
        own_server: bool,
        key: SecretStr | None,
        open_client: "Callable[[SecretStr], AsyncInferenceClient]",
        work: Work,
        limits: Limits,
    ) -> None:
        """Take over the parts."""
        self._identity = identity
        self._wire = wire
        self._provider = provider
        self._own_server = own_server
        self._key = key
        self._open_client = open_client
        self._work = work
        self._limits = limits
        self._close = weakref.finalize(self, work.close)

    @property
    def identity(self) -> ModelIdentity:
        """Return which model answers, by its name on the Hub."""
        return self._identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,  # noqa: ARG002 - part of the protocol; the line is the provider's
    ) -> Completion:
        """Complete one prompt.

        Args:
            request: The prompt, how to decode it and its time limit.
            cancel: Looked at every 30 ms; once set, the connection is closed.
            on_text: Called in the calling thread with each piece of text; an empty piece tells that the model thinks.
            on_place: Never called: the line is the provider's.

        Returns:
            The completion; `finish_reason` tells whether it is whole.

        Raises:
            PromptKindError: The prompt is a frozen one.
            GenerationError: There is no answer to use, and `kind` tells why.
        """
        return self._ask(self._key, request, cancel=cancel, on_text=on_text)

    def for_token(self, token: SecretStr | None) -> TextGenerator:
        """Return the same model as asked with a caller's own token, which nobody holds once that is let go of."""
        return _WithToken(self, self._ask, token)

    def _ask(
        self,
        token: SecretStr | None,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
    ) -> Completion:
        require_editable(request.prompt)
        key = require_token(token, self._wire.model, own_server=self._own_server, from_caller=self._key is None)
        posting = post(request, self._wire)
        answer = Answer(opening="", stop=(), reasoning=self._wire.reasoning, limits=self._limits)

        async def read(take: Take) -> None:
            try:
                await self._read(key, posting, take)
            except GenerationError:
                raise
            except Exception as error:  # noqa: BLE001 - the edge of the client, whose errors are of many kinds
                raise of_hub_error(
                    error,
                    model=self._wire.model,
                    through=self._provider,
                    key=key,
                    begun=answer.begun,
                    now=datetime.now(UTC),
                ) from None  # the client's own message may repeat the token

        work, limits, model = self._work, self._limits, self._identity
        done = complete(request, read, answer, work=work, limits=limits, model=model, cancel=cancel, on_text=on_text)
        _log.info("%s answered through %s", self._wire.model, self._provider)
        return done

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

    async def _read(self, key: SecretStr, posting: Posting, take: Take) -> None:
        fields = {name: value for name, value in posting.body.items() if name not in {"model", "messages", "stream"}}
        # A client of its own for each call: it holds on to a stream until it is closed itself.
        async with self._open_client(key) as client:
            stream = await client.chat_completion(  # pyright: ignore[reportUnknownMemberType] - the client's own
                posting.body["messages"], model=self._wire.model, stream=True, extra_body=fields
            )
            async for chunk in stream:
                if take(read_object(_event_of(chunk))):
                    return


class _WithToken:
    """The model as asked with one caller's token."""

    def __init__(self, backend: HfInferenceBackend, ask: "_Ask", token: SecretStr | None) -> None:
        self._backend, self._ask, self._token = backend, ask, token

    @property
    def identity(self) -> ModelIdentity:
        return self._backend.identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,
        on_text: Callable[[str], None] | None = None,
        on_place: Callable[[int], None] | None = None,  # noqa: ARG002 - part of the protocol; the line is the provider's
    ) -> Completion:
        return self._ask(self._token, request, cancel=cancel, on_text=on_text)


class _Ask(Protocol):
    def __call__(
        self,
        token: SecretStr | None,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None,
        on_text: Callable[[str], None] | None,
    ) -> Completion: ...


def open_hf_inference(  # noqa: PLR0913 - each is a choice of its own, and has to be named
    *,
    identity: ModelIdentity,
    model: str,
    key: SecretStr | None,
    from_caller: bool = False,
    provider: str = "auto",
    base_url: str = "",
    json_mode: JsonMode = "schema",
    reasoning: Reasoning = "auto",
    reasoning_allowance: int = 0,
    limits: Limits | None = None,
    loop: LoopThread | None = None,
) -> HfInferenceBackend:
    """Prepare to ask a hosted model. Nothing is connected before the first call.

    Args:
        identity: Which model answers, for the record.
        model: Its name on the Hub.
        key: The token that pays; one that this machine keeps for its own use is never taken.
        from_caller: Whether each caller brings a token, through `for_token`; there is no `key` then.
        provider: Who serves it, such as `together`; `auto` leaves the choice to Hugging Face, call by call.
        base_url: An inference endpoint of one's own, instead of a provider.
        json_mode: How a schema is asked for; the answer is checked in any case.
        reasoning: How the model thinks aloud.
        reasoning_allowance: Tokens it may spend on that, on top of the task's cap.
        limits: How long each stage may take, and how much is read.
        loop: A loop's thread to share with other backends; without it, one of its own, which is better: the Hub's
            client reads its certificates anew for each call, and that takes 20 ms of the loop's time.

    Returns:
        The backend, to be used in a `with` statement or closed by hand.

    Raises:
        InputError: The base URL is none.
        ModelUnavailableError: There is no token, or the Hub's client is not installed.
    """
    if not from_caller:
        require_token(key, model, own_server=bool(base_url), from_caller=False)
    chosen = limits or Limits()
    target = configured(base_url).url if base_url else ""
    through = target or (ROUTER if provider == "auto" else provider)
    # The router finds a named provider by itself; the client would look it up with a call that blocks the loop.
    asked = model if base_url or provider == "auto" else f"{model}:{provider}"
    wire = Wire(
        name="chat", model=asked, json_mode=json_mode, reasoning=reasoning, reasoning_allowance=reasoning_allowance
    )
    open_client = _client_opener(target, chosen)
    work = Work(loop, at_end=_nothing)
    return HfInferenceBackend(
        identity,
        wire=wire,
        provider=through,
        own_server=bool(base_url),
        key=None if from_caller else key,
        open_client=open_client,
        work=work,
        limits=chosen,
    )


def require_token(token: SecretStr | None, model: str, *, own_server: bool, from_caller: bool) -> SecretStr:
    """Return a token that may be sent.

    Args:
        token: What there is.
        model: The model, for the message.
        own_server: Whether it goes to an endpoint of the operator's own, whose keys may look like anything.
        from_caller: Whether callers bring it, for the message.

    Raises:
        ModelUnavailableError: There is none, or it is a key of another service.
    """
    todo = "Send it in the header `X-Model-Token`." if from_caller else "Set the variable that `key_env` names."
    if token is None or not token.get_secret_value():
        raise ModelUnavailableError(
            f"Got no token for {model!r}. Expected the user's own, which pays for the call. {todo}",
            kind=FailureKind.AUTH,
        )
    if not own_server and not token.get_secret_value().startswith("hf_"):
        raise ModelUnavailableError(
            f"Got a key of another service for {model!r}. Expected a token of Hugging Face, which begins with `hf_`. "
            f"{todo}",
            kind=FailureKind.AUTH,
        )
    return token


def _client_opener(base_url: str, limits: Limits) -> "Callable[[SecretStr], AsyncInferenceClient]":
    try:
        from huggingface_hub import AsyncInferenceClient  # noqa: PLC0415 - an extra, and slow to import

        without_telemetry()
    except ImportError:
        raise ModelUnavailableError(
            "The package `huggingface-hub` is not installed. Expected it for hosted models. Install the extra "
            "`proofkit-serve[hf]`.",
            kind=FailureKind.REFUSED,
        ) from None
    # The client hands its timeout to the HTTP library, which takes one for each stage: only connecting has one here.
    timeout = cast("float", (limits.connect_s, None, None, None))

    def open_client(key: SecretStr) -> "AsyncInferenceClient":
        if base_url:
            return AsyncInferenceClient(base_url=base_url, token=key.get_secret_value(), timeout=timeout)
        return AsyncInferenceClient(provider="auto", token=key.get_secret_value(), timeout=timeout)

    return open_client


def _event_of(chunk: "ChatCompletionStreamOutput") -> dict[str, Any]:
    """Return a chunk as the event it came in.

    The client's records are mappings too, in which fields are kept that it does not know, such as some names for the
    thinking; but only in the innermost ones.
    """
    # Any field may be None, whatever the client's types say.
    choices = [
        {"delta": cast("dict[str, Any]", choice.delta), "finish_reason": choice.finish_reason}
        for choice in chunk.choices or ()
    ]
    return {"choices": choices, "usage": cast("dict[str, Any] | None", chunk.usage)}


async def _nothing() -> None:
    """Do nothing at the end: each call closed its own connections."""
