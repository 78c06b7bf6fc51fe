"""What went wrong on the way to a server and back, as the errors of this program.

The text of a server is only ever shown in short and without the key; of an answer to a refused key nothing is shown,
because servers repeat parts of it.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from proofkit_core.errors import FailureKind, GenerationError, ModelUnavailableError

__all__ = ["is_waking", "of_error_object", "of_status", "of_transport", "read_retry_after", "server_words"]

LONGEST_WORDS = 200
WAKING_RETRY_S = 5.0
"""When to ask again a server that says it is loading, but not for how long."""
_LOADING = re.compile(r"\bloading\b|\bwarming\b|\bwaking\b|\bstarting\b", re.IGNORECASE)
_CONNECTING = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ProxyError"})
_AUTH, _PAYMENT = frozenset({401, 403}), 402
_NOT_FOUND = frozenset({404, 405, 410, 501})
_TOO_MANY, _TIMED_OUT, _UNAVAILABLE = 429, 408, 503
_REDIRECT, _CLIENT, _SERVER = 300, 400, 500


def is_waking(error: GenerationError) -> bool:
    """Return whether a server is only starting up: it said when to come back."""
    return error.kind is FailureKind.SERVER and error.retry_after_s is not None


def of_status(status: int, headers: Mapping[str, str], body: bytes, *, where: str, now: datetime) -> GenerationError:
    """Return the error that a status other than 200 stands for.

    Args:
        status: The status.
        headers: The headers, by lower-case name.
        body: The start of the body.
        where: The URL, to be shown.
        now: The time, for a date in `Retry-After`.
    """
    words = server_words(body)
    retry_after = read_retry_after(headers.get("retry-after", ""), now=now)
    said = f" and said {words!r}" if words else ""
    if status in _AUTH:
        return ModelUnavailableError(
            f"{where} answered {status}: it takes no such key, or this key may not use the model. Check the variable "
            f"that holds the key.",
            kind=FailureKind.AUTH,
        )
    if status == _PAYMENT:
        return ModelUnavailableError(
            f"{where} answered 402: the account behind the key has nothing left to spend. Top it up, or choose another "
            f"model.",
            kind=FailureKind.AUTH,
        )
    if status in _NOT_FOUND:
        return ModelUnavailableError(
            f"{where} answered {status}{said}. Expected a server that knows this model at that path. Check the base "
            f"URL and the model's name.",
            kind=FailureKind.NOT_FOUND,
        )
    if status == _TOO_MANY:
        return GenerationError(
            f"{where} answered 429{said}: too many requests. Try again later.",
            kind=FailureKind.RATE_LIMITED,
            retry_after_s=retry_after,
        )
    if status >= _SERVER or status == _TIMED_OUT:
        if status == _UNAVAILABLE and retry_after is None and _LOADING.search(words):
            retry_after = WAKING_RETRY_S
        return GenerationError(
            f"{where} answered {status}{said}. Expected 200. Try again; if it stays, look into the server's log.",
            kind=FailureKind.SERVER,
            retry_after_s=retry_after,
        )
    return _refused(status, where, said)


def _refused(status: int, where: str, said: str) -> GenerationError:
    if _REDIRECT <= status < _CLIENT:
        advice = "Redirects are not followed, because the key would go along. Name the final URL"
    else:
        advice = "Check the model's settings: context size, JSON mode and dialect"
    return GenerationError(
        f"{where} answered {status}{said}. Expected 200. {advice}.",
        kind=FailureKind.REFUSED,
    )


def of_error_object(event: Mapping[str, Any]) -> GenerationError:
    """Return the error that an event in mid-stream tells of."""
    error = event.get("error")
    code = cast("dict[str, Any]", error).get("code") if isinstance(error, dict) else event.get("code")
    words = server_words(json.dumps(event).encode())
    kind = FailureKind.RATE_LIMITED if str(code) == str(_TOO_MANY) else FailureKind.SERVER
    return GenerationError(
        f"The server broke its answer off and said {words!r}. Expected a whole answer. Try again.", kind=kind
    )


def of_transport(error: Exception, *, where: str, begun: bool) -> GenerationError:
    """Return the error that a broken connection stands for.

    Args:
        error: What the HTTP library raised. It is told by its name, which httpx and its successor share.
        where: The URL, to be shown.
        begun: Whether any of the answer came.
    """
    name = type(error).__name__
    if name in _CONNECTING:
        return ModelUnavailableError(
            f"Nothing answered at {where} ({name}: {str(error)[:LONGEST_WORDS]}). Expected a server that listens. "
            f"Start it, or correct the base URL.",
            kind=FailureKind.CONNECT,
        )
    if not begun:
        return GenerationError(
            f"{where} closed the connection before it answered ({name}). Expected an answer. Try again.",
            kind=FailureKind.CONNECT,
        )
    return GenerationError(
        f"{where} closed the connection in the middle of the answer ({name}). Expected the whole of it. Try again.",
        kind=FailureKind.CUT,
    )


def read_retry_after(value: str, *, now: datetime) -> float | None:
    """Return how many seconds a `Retry-After` header asks to wait; None where it says nothing sensible.

    Args:
        value: Seconds, or a date as in HTTP.
        now: The time.
    """
    text = value.strip()
    if re.fullmatch(r"\d{1,7}(\.\d{1,6})?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    # Dates without a zone are in UTC, by the standard.
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def server_words(body: bytes) -> str:
    """Return what a server says about an error, in short; empty where it says nothing readable."""
    try:
        value: object = json.loads(body)
    except ValueError:
        return ""
    words = _find_words(value)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", words).strip()[:LONGEST_WORDS]


def _find_words(value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    found = cast("dict[str, object]", value)
    inner = (_find_words(found.get(name)) for name in ("error", "message", "detail"))
    return next((words for words in inner if words), "")
