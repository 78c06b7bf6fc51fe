"""The servers that one model is served by, and which of them is asked next."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from random import Random
from time import monotonic
from urllib.parse import urlsplit

from pydantic import BaseModel

from proofkit_core.errors import FailureKind, GenerationError, InputError

__all__ = ["Endpoint", "EndpointPool", "configured"]

REST_S = 5.0
"""How long an endpoint is left out after it refused a connection, while another one is there."""


class Endpoint(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One server."""

    url: str
    """Where requests go, up to and including `/v1`, without a slash at the end."""
    shown: str
    """The URL for messages."""

    @property
    def root(self) -> str:
        """Return the URL without `/v1`, where llama-server has routes of its own."""
        return self.url.removesuffix("/v1")


def configured(base_url: str) -> Endpoint:
    """Return the endpoint that a base URL of the server's configuration names.

    Args:
        base_url: With or without the path; `/v1` is meant where there is none.

    Raises:
        InputError: It is not the URL of a server.
    """
    parts = urlsplit(base_url)
    if "@" in parts.netloc:  # not repeated, because it may hold a password
        raise InputError("Got a base URL with a user name in it. Expected none: name the variable of the key instead.")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise InputError(
            f"Got the base URL {base_url!r}. Expected http or https, a host and a path, such as "
            f"`http://127.0.0.1:8080/v1`. Correct it."
        )
    url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1'}"
    return Endpoint(url=url, shown=url)


class EndpointPool:
    """Takes the less busy of two endpoints chosen by chance. Used in one thread: the loop's.

    By chance, because several programs that all pick the least busy one by what each of them knows pick the same.
    """

    def __init__(
        self, endpoints: Sequence[Endpoint], *, random: Random, clock: Callable[[], float] = monotonic
    ) -> None:
        """Start with all idle.

        Raises:
            InputError: There is none.
        """
        if not endpoints:
            raise InputError("Got no base URL. Expected at least one. Name the server that this model is served by.")
        self._in_flight = dict.fromkeys(endpoints, 0)
        self._rests_until = dict.fromkeys(endpoints, 0.0)
        self._random = random
        self._clock = clock

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return all endpoints, as they were given."""
        return tuple(self._in_flight)

    @property
    def in_flight(self) -> dict[str, int]:
        """Return how many requests are under way, by the URL as it is shown."""
        return {endpoint.shown: count for endpoint, count in self._in_flight.items()}

    @contextmanager
    def take(self) -> Generator[Endpoint]:
        """Give out an endpoint, and count the request as under way until the block ends."""
        endpoint = self._choose()
        self._in_flight[endpoint] += 1
        try:
            yield endpoint
        except GenerationError as error:
            if error.kind is FailureKind.CONNECT:
                self._rests_until[endpoint] = self._clock() + REST_S
            raise
        finally:
            self._in_flight[endpoint] -= 1

    def _choose(self) -> Endpoint:
        now = self._clock()
        ready = [endpoint for endpoint in self._in_flight if self._rests_until[endpoint] <= now]
        candidates = ready or list(self._in_flight)
        drawn = self._random.sample(candidates, k=min(2, len(candidates)))
        return min(drawn, key=self._in_flight.__getitem__)
