"""API keys: made once, shown once, and known to the server by their digest alone."""

import hashlib
import re
import secrets
from typing import NamedTuple

PREFIX = "pk_"
_KEY = re.compile(r"pk_[A-Za-z0-9_-]{43}")


class NewKey(NamedTuple):
    """A key and what is stored of it."""

    key: str
    """Shown once to whoever asked for it."""
    digest: str
    """SHA-256 (hex). The key holds 256 random bits, so there is nothing that a slow hash could protect."""


def new_key() -> NewKey:
    """Return a new key."""
    key = PREFIX + secrets.token_urlsafe(32)
    return NewKey(key, key_digest(key))


def key_digest(key: str) -> str:
    """Return what the store knows a key by."""
    return hashlib.sha256(key.encode()).hexdigest()


def bearer_key(authorization: str | None) -> str | None:
    """Return the key of an `Authorization` header, or None where it holds none that could be ours."""
    scheme, _, value = (authorization or "").partition(" ")
    key = value.strip()
    return key if scheme.lower() == "bearer" and _KEY.fullmatch(key) else None
