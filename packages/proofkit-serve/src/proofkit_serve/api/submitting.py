"""Takes a generation: what the HTTP API and the pages have to check before anything is made."""

import asyncio

from pydantic import SecretStr

from proofkit_core.errors import InputError
from proofkit_serve.api.services import Services
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.jobs.job import Job
from proofkit_serve.jobs.possible import require_possible
from proofkit_serve.sessions import Document
from proofkit_serve.wire.kinds import Kind, ProblemError
from proofkit_serve.wire.requests import GenerationInput


async def submit(
    given: Services, document: Document, owner: str, wanted: GenerationInput, *, token: SecretStr | None = None
) -> Job:
    """Have something made of a session, or refuse it at once.

    Args:
        given: What it is made with.
        document: The session as it stands.
        owner: Whose it is.
        wanted: What to make.
        token: The caller's own, for a model that takes one; it is kept for this generation alone.

    Raises:
        ProblemError: Too much waits already, too many tokens were written, or the server stops.
        EventRefusedError: Something else has to come first.
    """
    _require_tokens(given, owner)
    require_possible(document, wanted)
    await _require_model(given, document)
    return await given.jobs.submit(document.id, owner, wanted, token=token)


def _require_tokens(given: Services, owner: str) -> None:
    wait_s = given.tokens.wait_s(owner)
    if wait_s > 0:
        most = given.settings.limits.tokens_per_day
        told = f"More than {most:,} tokens were written for you in a day. Ask again later, or choose the template."
        raise ProblemError(Kind.TOKENS_SPENT, told, retry_after_s=wait_s)


async def _require_model(given: Services, document: Document) -> None:
    """Refuse at once what would fail later: a model that the operator took away since it was chosen."""
    try:
        await asyncio.to_thread(given.registry.chain, document.model_choice)
    except InputError as error:
        raise EventRefusedError(f"{error} Choose another one for the session.") from error
