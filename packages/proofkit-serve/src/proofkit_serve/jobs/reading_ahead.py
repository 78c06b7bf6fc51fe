"""Lets a model read the prompt of a section while the person still reads the page about it.

The first word of a draft waits for its prompt to be read, about two thirds of which are the same for all sections of a
session. The rest is read once somebody opens the section, so that the first word comes as soon as it is asked for.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from proofkit_core import steps
from proofkit_core.errors import GenerationCancelledError, ProofKitError
from proofkit_core.generation import CancelSignal, Completion, GenerationRequest, ModelIdentity
from proofkit_core.workshop import Workshop
from proofkit_serve.backends.local import LocalBackend
from proofkit_serve.errors import log_line
from proofkit_serve.registry.registry import Registry
from proofkit_serve.sessions import Document, brief_of, material_of

__all__ = ["read_ahead"]

_LOG = logging.getLogger("proofkit_serve.jobs")


class _Reader:
    """Stands where a model stands: has it read the first prompt, and writes nothing."""

    def __init__(self, backend: LocalBackend) -> None:
        self._backend = backend

    @property
    def identity(self) -> ModelIdentity:
        return self._backend.identity

    def generate(
        self,
        request: GenerationRequest,
        *,
        cancel: CancelSignal | None = None,  # noqa: ARG002 - as `TextGenerator` has it
        on_text: Callable[[str], None] | None = None,  # noqa: ARG002 - the same
        on_place: Callable[[int], None] | None = None,  # noqa: ARG002 - the same
    ) -> Completion:
        self._backend.read_ahead(request)
        raise GenerationCancelledError("Nothing is to be written yet; the prompt was to be read.")


def read_ahead(document: Document, section_id: str, registry: Registry, workshop: Workshop) -> None:
    """Let the session's model read what the draft of a section will be asked with, where it runs in this process.

    The prompt is the very one that the draft is asked with: the same steps make it. Nothing is written and nothing is
    counted. Where that is not possible, the draft itself says why.

    Args:
        document: The session, with its exercise.
        section_id: The section that is likely to be drafted next.
        registry: The models.
        workshop: What packets are made with.
    """
    try:
        backend = registry.in_this_process(document.model_choice)
        if backend is None:
            return
        first = registry.chain(document.model_choice)[0]
        reader = replace(workshop, candidates=(replace(first, generator=_Reader(backend)),))
        material = material_of(document)
        desk = steps.open_desk(brief_of(document), reader, material.challenge)
        steps.write_section(material, section_id, desk)
    except GenerationCancelledError:
        return
    except ProofKitError as error:
        _LOG.info("the prompt of a section was not read ahead: %s", log_line(error))
