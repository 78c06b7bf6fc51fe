"""The session that an address names, for the visitor whose it is; anybody else is told that there is none."""

from typing import Annotated

from fastapi import Depends

from proofkit_serve.api.routes.paths import SessionId
from proofkit_serve.api.services import Given, Owner
from proofkit_serve.sessions import Document

__all__ = ["Opened"]


async def _opened(session_id: SessionId, given: Given, owner: Owner) -> Document:
    return await given.store.load_session(session_id, owner)


Opened = Annotated[Document, Depends(_opened)]
"""The session of `{session_id}`; a page of another's session answers 404 in the same words as one that never was."""
