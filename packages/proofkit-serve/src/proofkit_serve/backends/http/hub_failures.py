"""What the Hub's client raises, as the errors of this program."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from pydantic import SecretStr

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError
from proofkit_serve.backends.http.failures import of_status, of_transport, server_words

__all__ = ["of_hub_error"]

_NOBODY_SERVES = re.compile(r"not supported by|model_not_supported|no (?:inference )?provider", re.IGNORECASE)
_NOT_FOUND = 404


def of_hub_error(
    error: Exception, *, model: str, through: str, key: SecretStr, begun: bool, now: datetime
) -> GenerationError:
    """Return what went wrong.

    Args:
        error: What the client raised.
        model: The model's name on the Hub.
        through: Who was to serve it.
        key: The token, which is taken out of what the server said.
        begun: Whether any of the answer came.
        now: The time, for a date in `Retry-After`.
    """
    where = f"{model} through {through}"
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if isinstance(status, int):
        body = _body_of(response).replace(key.get_secret_value().encode(), b"***")
        words = server_words(body)
        if status == _NOT_FOUND or _NOBODY_SERVES.search(words):
            return _nobody_serves(model, through, words)
        headers = cast("Mapping[str, str]", getattr(response, "headers", {}))
        lowered = {name.lower(): value for name, value in headers.items()}
        return of_status(status, lowered, body, where=where, now=now)
    if isinstance(error, TimeoutError):  # only the connection has a limit of the client's own
        return ModelUnavailableError(
            f"{where}: no connection in time. Expected one within `connect_s`. Check the network.",
            kind=FailureKind.CONNECT,
        )
    if type(error).__module__.startswith("httpx"):
        return of_transport(error, where=where, begun=begun)
    if isinstance(error, ValueError):
        return GenerationError(
            f"{where} sent what is no event of a chat. Expected JSON. Try another provider.",
            kind=FailureKind.BAD_ANSWER,
        )
    return GenerationError(
        f"{where} broke its answer off ({type(error).__name__}). Expected a whole one. Try again.",
        kind=FailureKind.SERVER,
    )


def _body_of(response: object) -> bytes:
    try:
        return bytes(getattr(response, "content", b""))
    except RuntimeError:  # the client does not read a body whose length it is not told
        return b""


def _nobody_serves(model: str, through: str, words: str) -> ModelUnavailableError:
    said = f" and said {words!r}" if words else ""
    return ModelUnavailableError(
        f"Nobody serves {model!r} through {through}: the server knows no such model{said}. A model repository on the "
        f"Hub holds files; it is not an endpoint that answers. Choose a model that an inference provider serves, name "
        f"an endpoint of your own as `base_url`, or open its GGUF file with llama.cpp.",
        kind=FailureKind.NOT_FOUND,
    )
