"""The servers of one model: streams, and small questions about what they are."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_serve.backends.http.calling import Take
from proofkit_serve.backends.http.deltas import DONE, read_delta
from proofkit_serve.backends.http.endpoints import Endpoint, EndpointPool
from proofkit_serve.backends.http.transport import Transport
from proofkit_serve.backends.http.wire import Posting, messages_of

__all__ = ["Servers"]

_NO_SUCH_ROUTE = frozenset({FailureKind.NOT_FOUND, FailureKind.REFUSED, FailureKind.BAD_ANSWER})


class Servers:
    """Used on the loop's thread."""

    def __init__(self, pool: EndpointPool, transport: Transport) -> None:
        """Take over the parts."""
        self._pool = pool
        self._transport = transport

    @property
    def in_flight(self) -> dict[str, int]:
        """Return how many requests are under way, by base URL."""
        return self._pool.in_flight

    async def stream(self, posting: Posting, take: Take, *, same_as: FrozenPrompt | None) -> None:
        """Send a request to one of the servers, and hand on what comes back.

        Args:
            posting: The request.
            take: Takes in what each event brings.
            same_as: The prompt whose bytes the server's own template has to make of the messages, if any.

        Raises:
            GenerationError: There is no answer to use.
        """

        def read(payload: str) -> bool:
            return payload != DONE and take(read_delta(payload))

        with self._pool.take() as endpoint:
            if same_as is not None:
                await self._require_same_template(endpoint, same_as)
            await self._transport.stream(endpoint, posting.path, posting.body, read)

    async def models(self) -> tuple[str, ...]:
        """Return the names of the models that the first server says it has.

        Raises:
            GenerationError: It does not answer, or not with a list of models.
        """
        endpoint = self._pool.endpoints[0]
        answer = await self._transport.ask(endpoint, "GET", f"{endpoint.url}/models")
        listed = answer.get("data")
        entries = cast("list[object]", listed) if isinstance(listed, list) else []
        named = [cast("dict[str, object]", entry) for entry in entries if isinstance(entry, dict)]
        return tuple(str(entry["id"]) for entry in named if "id" in entry)

    async def properties(self) -> dict[str, Any] | None:
        """Return what llama-server tells of itself at `/props`; None for other servers.

        Raises:
            GenerationError: The first server does not answer.
        """
        endpoint = self._pool.endpoints[0]
        return await self._ask_if_there(endpoint, "GET", "props", None)

    async def prompt_of(self, messages: Sequence[Mapping[str, str]]) -> str | None:
        """Return the prompt that the first server makes of messages by its own template; None where it does not tell.

        Raises:
            GenerationError: It does not answer.
        """
        return await self._apply_template(self._pool.endpoints[0], messages)

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def _apply_template(self, endpoint: Endpoint, messages: Sequence[Mapping[str, str]]) -> str | None:
        made = await self._ask_if_there(endpoint, "POST", "apply-template", {"messages": list(messages)})
        prompt = made.get("prompt") if made else None
        return prompt if isinstance(prompt, str) else None

    async def _ask_if_there(
        self, endpoint: Endpoint, method: str, path: str, body: Mapping[str, Any] | None
    ) -> dict[str, Any] | None:
        try:
            return await self._transport.ask(endpoint, method, f"{endpoint.root}/{path}", body)
        except GenerationError as error:
            if error.kind in _NO_SUCH_ROUTE:
                return None
            raise

    async def _require_same_template(self, endpoint: Endpoint, prompt: FrozenPrompt) -> None:
        made = await self._apply_template(endpoint, messages_of(prompt.system, prompt.user))
        if made != prompt.text:
            problem = "makes another prompt of these messages" if made else "does not tell its template"
            raise ModelUnavailableError(
                f"{endpoint.shown} {problem}, so a chat would not give the model the bytes it was trained on. Use "
                f"the wire `completions`, or give the server the contract's chat template.",
                kind=FailureKind.REFUSED,
            )
