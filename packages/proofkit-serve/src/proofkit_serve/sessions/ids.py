"""Ids that nobody can guess."""

import base64
import secrets
from collections.abc import Callable

ID_BYTES = 18
"""Random bytes of an id: 144 bits."""

Entropy = Callable[[int], bytes]
"""Returns so many random bytes; tests hand in their own."""
IdFactory = Callable[[str], str]
"""Makes an id of a kind, such as `s`."""


def id_factory(entropy: Entropy = secrets.token_bytes) -> IdFactory:
    """Return what makes ids.

    Args:
        entropy: Where the random bytes come from.
    """

    def made(kind: str) -> str:
        return f"{kind}_{base64.urlsafe_b64encode(entropy(ID_BYTES)).decode()}"

    return made


def new_id(kind: str) -> str:
    """Return an id from the operating system's random bytes.

    Args:
        kind: Up to twelve small letters that say what it is: `s`, `gen`, `prop`, `key`.
    """
    return id_factory()(kind)
