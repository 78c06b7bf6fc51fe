"""Starts a draft, once: a button that is pressed twice starts no second one."""

from pydantic import SecretStr

from proofkit_serve.api.services import Services
from proofkit_serve.api.submitting import submit
from proofkit_serve.sessions import Document
from proofkit_serve.wire.requests import GenerationInput

__all__ = ["started"]


async def started(
    given: Services, document: Document, owner: str, wanted: GenerationInput, *, token: SecretStr | None = None
) -> str:
    """Return the id of the draft of something: of one that runs already, or of a new one.

    Args:
        given: What it is made with.
        document: The session.
        owner: Whose it is.
        wanted: What to make.
        token: The person's own, for a model that takes one.

    Raises:
        ProblemError: Too much waits already, or the server stops.
        EventRefusedError: Something else has to come first.
    """
    text = wanted.model_dump_json()
    running = await given.store.generations_of(document.id, owner)
    same = next((each for each in running if not each.status.ended and each.request_json == text), None)
    if same is not None:
        return same.id
    return (await submit(given, document, owner, wanted, token=token)).id
