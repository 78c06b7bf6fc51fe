"""Digests of what must not change unnoticed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Tokenizer(Protocol):
    """Any tokenizer that reads special tokens in the text it is given."""

    @property
    def name(self) -> str:
        """Return the name under which token digests are kept, such as `smollm2-135m-instruct`."""
        ...

    def encode(self, text: str) -> Sequence[int]:
        """Return the token ids of a whole prompt."""
        ...


def sha256(raw: bytes) -> str:
    """Return the SHA-256 of raw bytes, in hex."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which a program that only imports this package need not pay for

    return hashlib.sha256(raw).hexdigest()


def canonical_json(value: Any) -> bytes:  # noqa: ANN401
    """Return the canonical JSON of a value made of text, whole numbers, booleans, lists and objects.

    Keys are sorted, no space is added and nothing is escaped that need not be, as in RFC 8785 for such values.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def ordered_json(value: Any) -> str:  # noqa: ANN401
    """Return compact JSON that keeps the order of properties, which a schema's readers depend on."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def text_digest(prompts: Mapping[str, str]) -> str:
    """Return the digest of rendered goldens.

    Args:
        prompts: Whole prompts by golden name.
    """
    return sha256(canonical_json({name: sha256(text.encode()) for name, text in prompts.items()}))


def token_digest(prompts: Mapping[str, str], tokenizer: Tokenizer) -> str:
    """Return the digest of the token ids of rendered goldens under one tokenizer.

    Args:
        prompts: Whole prompts by golden name.
        tokenizer: The tokenizer of the models in question.
    """
    ids = {name: [int(token) for token in tokenizer.encode(text)] for name, text in prompts.items()}
    return sha256(canonical_json(ids))
