"""Contestants behind the backends of the service: a model in this process, or one of a file of models."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from proofkit_core.drafting.desk import DECODING
from proofkit_core.errors import FailureKind, GenerationCancelledError, GenerationError
from proofkit_core.generation import (
    CancelSignal,
    Decoding,
    FinishReason,
    GenerationRequest,
    ModelIdentity,
    PromptKind,
    TextGenerator,
)
from proofkit_eval.generating.asking import Asked
from proofkit_eval.generating.contestant import Answer, Contestant, decoded, family_of
from proofkit_eval.records import ModelRef
from proofkit_prompts import Contract

if TYPE_CHECKING:
    from proofkit_serve import LlamaCppBackend
    from proofkit_serve.registry import Registry

__all__ = ["TIME_LIMIT_S", "from_generator", "from_registry", "open_local"]

TIME_LIMIT_S = 600.0
"""Seconds for one answer: a slow machine must not make a model look worse."""


def from_generator(  # noqa: PLR0913 - each is something of its own that a generator does not know of itself
    generator: TextGenerator,
    *,
    contract: Contract,
    backend: str,
    kind: PromptKind = PromptKind.FROZEN,
    decoding: Decoding = DECODING,
    family: str = "",
    size_b: float | None = None,
    teacher_family: str = "",
    data_family: str = "",
    name: str = "",
    model_id: str = "",
    time_limit_s: float = TIME_LIMIT_S,
    cancel: CancelSignal | None = None,
) -> Contestant:
    """Return a contestant of something that completes prompts.

    Args:
        generator: A backend that is open, so that it knows its weights.
        contract: The contract that renders.
        backend: What runs it, such as `llama_cpp`.
        kind: Which set of prompts it is asked with.
        decoding: How its tokens are chosen.
        family: Who made the model first; otherwise what its name tells.
        size_b: Billions of parameters, where they are known.
        teacher_family: Family of the model it was distilled from.
        data_family: Family of the model that wrote its training data.
        name: Name on the board; otherwise its own.
        model_id: Id on the board; otherwise its own.
        time_limit_s: Seconds for one answer.
        cancel: Set to stop.
    """
    identity = generator.identity
    ref = ModelRef(
        id=model_id or identity.id,
        name=name or identity.name,
        artifact_digest=identity.artifact_digest or identity.id,
        base_digest=identity.base_digest,
        family=family or family_of(identity.id),
        size_b=size_b,
        backend=backend,
        prompt_set=f"frozen-{contract.version}" if kind is PromptKind.FROZEN else _editable_set(contract),
        teacher_family=teacher_family,
        data_family=data_family,
    )

    def answer(asked: Asked) -> Answer:
        request = GenerationRequest(prompt=asked.rendered, decoding=decoding, time_limit_s=time_limit_s)
        return _answer(generator, request, identity, cancel)

    return Contestant(ref=ref, kind=kind, decoding=decoded(decoding), answer=answer, seed=decoding.seed)


def from_registry(
    registry: "Registry",
    model_id: str,
    *,
    contract: Contract,
    decoding: Decoding = DECODING,
    family: str = "",
    cancel: CancelSignal | None = None,
) -> Contestant:
    """Return a contestant of a model that a file of models names, asked within the limits of that file.

    Args:
        registry: The open registry.
        model_id: Id in the file.
        contract: The contract that renders.
        decoding: How its tokens are chosen.
        family: Who made the model first; otherwise what its name tells.
        cancel: Set to stop.

    Raises:
        InputError: There is no such model, or it is the template, which `composer` stands for.
        GenerationError: It cannot be opened.
    """
    spec = registry.require(model_id)
    registry.open(model_id)  # only an open model knows its weights, and its answers stand under them
    candidate = registry.chain(model_id)[0]
    return from_generator(
        candidate.generator,
        contract=contract,
        backend=spec.backend.value,
        kind=candidate.prompts,
        decoding=decoding,
        family=family or family_of(f"{spec.model} {spec.id}"),
        size_b=spec.parameters_b,
        name=spec.shown_name,
        model_id=spec.id,
        cancel=cancel,
    )


def open_local(
    model_path: Path | None = None, *, adapter: Path | Literal["embedded"] | None = "embedded"
) -> "LlamaCppBackend":
    """Open a model in this process; it is asked whatever contract it was trained on, for that is what is measured.

    Args:
        model_path: A GGUF file; without it, the model that comes along.
        adapter: A file, `embedded` for the one that comes along, None for the bare model.

    Returns:
        The open model, to be used in a `with` statement.

    Raises:
        ModelUnavailableError: A file is missing or corrupt, or llama.cpp does not load.
    """
    from proofkit_serve import open_llama_cpp  # noqa: PLC0415 - loads an engine

    return open_llama_cpp(model_path, adapter=adapter, any_contract=True)


def _answer(
    generator: TextGenerator, request: GenerationRequest, identity: ModelIdentity, cancel: CancelSignal | None
) -> Answer:
    try:
        completion = generator.generate(request, cancel=cancel)
    except GenerationError as error:
        if error.kind is FailureKind.EMPTY:  # an answer too: the model had nothing to say
            return Answer(text="", finish_reason="empty")
        raise
    if completion.finish_reason is FinishReason.CANCELLED:
        raise GenerationCancelledError("Stopped while an answer was being written; it is asked again.")
    if completion.finish_reason is FinishReason.DEADLINE:
        raise GenerationError(
            f"No whole answer within {request.time_limit_s:.0f} s. Expected one: how fast this machine is must not "
            "count against the model. Run again with fewer programs beside it.",
            kind=FailureKind.TOTAL,
        )
    _check_same(completion.model, identity)
    return Answer(
        text=completion.text,
        finish_reason=completion.finish_reason.value,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        seconds=completion.total_s,
    )


def _check_same(found: ModelIdentity, expected: ModelIdentity) -> None:
    if (found.artifact_digest, found.base_digest) != (expected.artifact_digest, expected.base_digest):
        raise GenerationError(
            f"{found.name} answered with the weights {found.artifact_digest[:12]}, and the run began with "
            f"{expected.artifact_digest[:12]}. Expected one model from the first answer to the last. Start the run "
            "again; it asks the new weights under a key of their own.",
            kind=FailureKind.REFUSED,
        )


def _editable_set(contract: Contract) -> str:
    from proofkit_prompts import render_editable  # noqa: PLC0415 - reads its files

    fields = {"target_role": "any", "background": "any", "work_sample": "any"}
    return render_editable("scenario", fields, contract=contract).prompt_set
