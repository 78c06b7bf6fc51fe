"""Has something made that takes no time as a rule, so the page waits for it for a moment."""

import asyncio

from pydantic import SecretStr

from proofkit_serve.api.services import Services
from proofkit_serve.api.submitting import submit
from proofkit_serve.sessions import Document
from proofkit_serve.wire.requests import GenerationInput

__all__ = ["made_soon"]

_WAIT_S = 1.5
"""After it, the page is shown and says what is being done."""


async def made_soon(
    given: Services, document: Document, owner: str, wanted: GenerationInput, *, token: SecretStr | None = None
) -> Document:
    """Return the session with what was wanted, or as it stands if that takes longer; the work goes on.

    Args:
        given: What it is made with.
        document: The session, with a goal.
        owner: Whose it is.
        wanted: What to make.
        token: The person's own, for a model that takes one.

    Raises:
        ProblemError: Too much waits already, or the server stops.
    """
    job = await submit(given, document, owner, wanted, token=token)

    async def ended() -> None:
        while not job.ended:
            await job.more(len(job.events))

    try:
        async with asyncio.timeout(_WAIT_S):
            await ended()
    except TimeoutError:
        pass
    return await given.store.load_session(document.id, owner)
