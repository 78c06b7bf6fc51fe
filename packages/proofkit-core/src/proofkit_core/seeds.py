"""Named random streams: every choice draws from its own, so that one more choice moves no other."""

import hashlib
import random


def stream(*names: str | int) -> random.Random:
    """Return a generator seeded by the names alone, the same on every platform and hash seed.

    Args:
        names: What the stream is for, such as a brief's digest, the seed and `company`.
    """
    material = "\x1f".join(str(name) for name in names).encode()
    return random.Random(int.from_bytes(hashlib.sha256(material).digest(), "big"))  # noqa: S311 - choices, not secrets
