"""The handshake: a model that was trained on one contract is not asked the prompts of another.

What a model was trained on stands in its file, or in its adapter's: the contract's digest and one a task. A server
does not show its file, so there the same digests stand in the file of models.

`require_known` and `require_trained_on` are for a file that a person named: one that says nothing was not trained on
ProofKit's prompts, and may be asked anything. `greet_trained` and `greet_large` are for the models of a service: there
a small model that says nothing is refused, or marked where somebody allows it all the same.
"""

import re
from collections.abc import Mapping

from pydantic import BaseModel

from proofkit_core.errors import FailureKind, ModelUnavailableError
from proofkit_prompts import Contract
from proofkit_prompts.prompt import FreePrompt, FrozenPrompt

__all__ = [
    "LARGE_FROM_B",
    "Greeting",
    "Training",
    "greet_large",
    "greet_trained",
    "read_training",
    "require_known",
    "require_trained_on",
    "size_in_name",
]

LARGE_FROM_B = 7.0
"""Billions of parameters from which a general model is taken to follow the editable prompts."""

_CONTRACT, _VERSION, _TASK = "proofkit.contract.digest", "proofkit.contract.version", "proofkit.task."


_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)(b|m)(?![a-z0-9])")
_LARGE_FAMILIES = re.compile(
    r"(?<![a-z0-9])(?:claude|command-[ar]|deepseek-(?:chat|r\d|reasoner|v\d)|gemini-\d|glm-\d|gpt-(?:4|5|oss)|grok|"
    r"kimi|llama-?4|minimax|mistral-(?:large|medium)|o[134])(?![a-z])"
)


class Training(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a model says it was trained on."""

    contract_version: str
    contract_digest: str
    task_digests: dict[str, str]


def read_training(metadata: Mapping[str, str]) -> Training | None:
    """Return what the metadata of a model file says, or None where it says nothing.

    Args:
        metadata: Its keys that start with `proofkit.`.
    """
    if _CONTRACT not in metadata:
        return None
    return Training(
        contract_version=metadata.get(_VERSION, ""),
        contract_digest=metadata[_CONTRACT],
        task_digests={key.removeprefix(_TASK): value for key, value in metadata.items() if key.startswith(_TASK)},
    )


def require_known(training: Training | None, contract: Contract) -> None:
    """Refuse a model that knows none of a contract's tasks as they are now.

    Raises:
        ModelUnavailableError: It was trained on another contract.
    """
    if training is None or any(training.task_digests.get(t) == contract.task_digest(t) for t in contract.tasks):
        return
    raise ModelUnavailableError(
        f"The model was trained on contract {training.contract_version} with digest {training.contract_digest[:12]}; "
        f"the prompts here are those of {contract.version} with {contract.digest[:12]}, and no task is the same. "
        f"Use a model trained on {contract.digest[:12]}, or open it with `any_contract=True`, which is then told.",
        kind=FailureKind.REFUSED,
    )


def require_trained_on(training: Training | None, prompt: FrozenPrompt | FreePrompt) -> None:
    """Refuse a task whose bytes the model was not trained on.

    A free prompt is no task of any contract: there is nothing to compare, and whoever asks it marks the answer.

    Raises:
        ModelUnavailableError: The task has another digest than in training, or was not trained at all.
    """
    if training is None or isinstance(prompt, FreePrompt):
        return
    trained = training.task_digests.get(prompt.task, "")
    if trained != prompt.task_digest:
        raise ModelUnavailableError(
            f"The model was trained on the task {prompt.task} with digest {trained[:12] or 'none'}; this prompt has "
            f"{prompt.task_digest[:12]}. Use a model trained on this contract, or open it with `any_contract=True`.",
            kind=FailureKind.REFUSED,
        )


class Greeting(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How a model of a service may be asked."""

    mark: str = ""
    """Why it is asked although it should not be; told with every answer. Empty where all is well."""
    training: Training | None = None
    """What each prompt is compared with; None where any may be asked."""


def greet_trained(training: Training | None, contract: Contract, *, name: str, allow_unknown: bool) -> Greeting:
    """Decide whether a model may be asked the frozen prompts.

    Args:
        training: What it says it was trained on; None where it says nothing.
        contract: The prompts.
        name: Its name, for the message.
        allow_unknown: Whether to ask it in any case, with a mark.

    Raises:
        ModelUnavailableError: It was not trained on any of the prompts, or does not say so.
    """
    here = {task: contract.task_digest(task) for task in contract.tasks}
    trained = training.task_digests if training else {}
    other = sorted(task for task, digest in here.items() if trained.get(task) != digest)
    if not other:
        return Greeting(training=training)
    if allow_unknown:
        if training is None:
            return Greeting(mark=f"{name} was not trained on ProofKit's prompts")
        tasks = "all tasks" if len(other) == len(here) else ", ".join(other)
        return Greeting(mark=f"{name} was trained on other prompts than these for {tasks}")
    if len(other) < len(here):
        return Greeting(training=training)  # each prompt is compared, and those that differ are refused
    if training is None:
        raise _refused(
            f"{name} does not say what it was trained on. The frozen prompts are only for a model that carries the "
            f"digests of contract {contract.version}"
        )
    raise _refused(
        f"{name} was trained on contract {training.contract_version} with digest {training.contract_digest[:12]}; the "
        f"prompts here are those of {contract.version} with {contract.digest[:12]}, and no task is the same"
    )


def greet_large(name: str, *, parameters_b: float | None, allow_unknown: bool) -> Greeting:
    """Decide whether a model may be asked the editable prompts, which are for large general ones.

    Args:
        name: Its name on the server, which often tells its size.
        parameters_b: Its parameters in billions, as somebody declared them.
        allow_unknown: Whether to ask it in any case, with a mark.

    Raises:
        ModelUnavailableError: It is small, or nothing tells that it is large.
    """
    size = size_in_name(name) if parameters_b is None else parameters_b
    if (size is None and _LARGE_FAMILIES.search(name.lower())) or (size is not None and size >= LARGE_FROM_B):
        return Greeting()
    found = f"{name} has {size:g} billion parameters" if size is not None else f"nothing tells how large {name} is"
    if allow_unknown:
        return Greeting(mark=f"{found}, and these prompts are for models with {LARGE_FROM_B:g} billion or more")
    raise _refused(
        f"{found[:1].upper()}{found[1:]}. The editable prompts are for large general models: expected {LARGE_FROM_B:g} "
        f"billion or more, declared as 'parameters_b'. A small model does better when it is trained on the frozen ones"
    )


def size_in_name(name: str) -> float | None:
    """Return the billions of parameters that a name tells, such as 0.135 for `SmolLM2-135M`; None where it does not."""
    sizes = [
        int(times or 1) * float(count) * (1.0 if unit == "b" else 0.001)
        for times, count, unit in _SIZE.findall(name.lower())
    ]
    return max(sizes, default=None)


def _refused(what: str) -> ModelUnavailableError:
    return ModelUnavailableError(
        f"{what}. Use another model, or set 'allow_unknown' to true for this one, which marks every answer.",
        kind=FailureKind.REFUSED,
    )
