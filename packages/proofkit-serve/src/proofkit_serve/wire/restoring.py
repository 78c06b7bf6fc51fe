"""Checks what a restored file holds that only the answers read: a file that would break them later is refused now."""

from pydantic import ValidationError

from proofkit_serve.errors import PersonFileError
from proofkit_serve.store.person_file import PersonGeneration
from proofkit_serve.wire.events import GenerationOutcome, read_event_body


def require_readable(generation: PersonGeneration) -> None:
    """See that a generation's result and events can be answered with.

    Args:
        generation: As a file holds it.

    Raises:
        PersonFileError: They cannot.
    """
    numbers = [event.seq for event in generation.events]
    try:
        if generation.result_json is not None:
            GenerationOutcome.model_validate_json(generation.result_json)
        for event in generation.events:
            read_event_body(event.event_json)
    except ValidationError:
        # The cause is left out: it quotes what the person typed.
        raise _damaged(generation.id) from None
    if numbers != list(range(1, len(numbers) + 1)) or "\0" in generation.request_json:
        raise _damaged(generation.id)


def _damaged(generation_id: str) -> PersonFileError:
    return PersonFileError(
        f"The file is damaged: the events or the result of the generation {generation_id} cannot be read. Nothing was "
        "restored; use another copy of the file."
    )
