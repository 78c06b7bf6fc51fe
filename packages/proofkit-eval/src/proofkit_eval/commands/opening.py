"""Opens what a plan names: models that answer, and models that judge."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from proofkit_core.errors import InputError
from proofkit_core.generation import PromptKind, TextGenerator
from proofkit_eval.generating.backends import from_generator, from_registry, open_local
from proofkit_eval.generating.completions import from_file, hand_written
from proofkit_eval.generating.composer import composer
from proofkit_eval.generating.contestant import Contestant
from proofkit_eval.heldout.reading import SETS, SetName
from proofkit_eval.plan import ModelSource, Plan, PlannedModel
from proofkit_eval.plan.records import Source
from proofkit_eval.records import ModelRef, Prompt
from proofkit_prompts import Contract

__all__ = ["Opened", "open_contestant", "open_generator"]


class Opened(NamedTuple):
    """A model that is open."""

    generator: TextGenerator
    takes_chat: bool
    """Whether it is spoken to in messages; otherwise in one text."""


@contextmanager
def open_contestant(
    planned: PlannedModel, plan: Plan, at: Path, contract: Contract, *, prompts: Sequence[Prompt]
) -> Generator[Contestant]:
    """Open a model that answers, for as long as it is asked.

    Args:
        planned: The row of the plan.
        plan: The whole plan; its set decides which hand-written answers belong to it.
        at: Where the plan's paths begin.
        contract: The contract that renders.
        prompts: The set; a file of answers may hold answers to no others.

    Raises:
        GenerationError: It cannot be opened.
        InputError: A file of answers cannot be read, or there is nothing of that name.
    """
    match planned.source:
        case ModelSource.COMPOSER:
            yield _named(composer(contract), planned)
        case ModelSource.HAND_WRITTEN:
            yield _named(hand_written(_set_of_hand_written(plan)), planned)
        case ModelSource.ANSWERS:
            known = {prompt.id for prompt in prompts}
            yield from_file(at / planned.path, _ref(planned, contract), kind=planned.prompts, known=known)
        case ModelSource.REGISTRY:
            with _registry(planned, at, contract) as registry:
                yield _named(from_registry(registry, planned.model, contract=contract, family=planned.family), planned)
        case _:
            with _local(planned, at) as backend:
                yield from_generator(
                    backend,
                    contract=contract,
                    backend="llama_cpp",
                    family=planned.family,
                    size_b=planned.size_b,
                    teacher_family=planned.teacher_family,
                    data_family=planned.data_family,
                    name=planned.name,
                    model_id=planned.id,
                )


@contextmanager
def open_generator(source: Source, at: Path, contract: Contract) -> Generator[Opened]:
    """Open a model that judges, for as long as it is asked.

    Args:
        source: Where it is found.
        at: Where the plan's paths begin.
        contract: The contract, for the service's registry.

    Raises:
        GenerationError: It cannot be opened.
        InputError: The file of models has no such model.
    """
    if source.source is ModelSource.REGISTRY:
        with _registry(source, at, contract) as registry:
            registry.require(source.model)
            registry.open(source.model)
            candidate = registry.chain(source.model)[0]
            yield Opened(candidate.generator, takes_chat=candidate.prompts is PromptKind.EDITABLE)
    else:
        with _local(source, at) as backend:
            yield Opened(backend, takes_chat=False)


def _set_of_hand_written(plan: Plan) -> SetName:
    named: dict[str, SetName] = {name: name for name in SETS}
    if plan.set not in named:
        raise InputError(
            f"Texts written by hand come along for {' and '.join(SETS)}, and the plan asks {plan.set!r}. Put those of "
            'your own set into a file, and name it with `source = "answers"`.'
        )
    return named[plan.set]


def _local(source: Source, at: Path):  # noqa: ANN202 - the backend's type would bring the engine
    if source.source is ModelSource.GGUF:
        return open_local(at / source.path, adapter=at / source.adapter if source.adapter else None)
    return open_local(adapter="embedded" if source.source is ModelSource.EMBEDDED else None)


def _registry(source: Source, at: Path, contract: Contract):  # noqa: ANN202 - the registry's type would bring the service
    from proofkit_serve.registry import open_registry  # noqa: PLC0415 - only where the plan names one
    from proofkit_serve.settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings(environ=os.environ, given={"models": str(at / source.path)})
    return open_registry(settings, environ=os.environ, contract=contract)


def _named(contestant: Contestant, planned: PlannedModel) -> Contestant:
    """Return a contestant under the id and name of the plan."""
    told = {
        "id": planned.id,
        "name": planned.name or contestant.ref.name,
        "size_b": planned.size_b or contestant.ref.size_b,
        "teacher_family": planned.teacher_family,
        "data_family": planned.data_family,
    }
    return Contestant(
        ref=contestant.ref.model_copy(update=told),
        kind=contestant.kind,
        decoding=contestant.decoding,
        answer=contestant.answer,
        seed=contestant.seed,
    )


def _ref(planned: PlannedModel, contract: Contract) -> ModelRef:
    return ModelRef(
        id=planned.id,
        name=planned.name or planned.id,
        artifact_digest=planned.artifact_digest,
        family=planned.family,
        size_b=planned.size_b,
        backend="file",
        prompt_set=f"frozen-{contract.version}" if planned.prompts is PromptKind.FROZEN else "editable",
        teacher_family=planned.teacher_family,
        data_family=planned.data_family,
    )
