"""Digests: how ProofKit says which bytes something was made from."""

import hashlib
import json

from pydantic import BaseModel


def digest_bytes(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: object) -> bytes:
    """Return JSON with sorted keys and no spare white space, as UTF-8."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(value: object) -> str:
    """Return the SHA-256 (hex) of a value's canonical JSON."""
    return digest_bytes(canonical_json(value))
