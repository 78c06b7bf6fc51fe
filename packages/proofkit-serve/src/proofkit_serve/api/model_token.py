"""The caller's own token for a model's provider: read by the call that asks for a generation, and kept by nobody."""

from typing import Annotated

from fastapi import Header
from pydantic import SecretStr

__all__ = ["HEADER", "ModelToken", "secret"]

HEADER = "X-Model-Token"
ModelToken = Annotated[
    str | None,
    Header(
        alias=HEADER,
        pattern=r"^[!-~]{8,512}$",
        description=(
            "Your own token for the provider of a model whose `needs_token` is true. It is used for this generation "
            "alone, and never stored, logged or shown. Any other model does not get it."
        ),
    ),
]


def secret(token: str | None) -> SecretStr | None:
    """Return a token as what no message and no log shows."""
    return SecretStr(token) if token else None
