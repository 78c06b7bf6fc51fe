"""The handshake: a model that was trained on one contract is not asked the prompts of another.

What a model was trained on stands in its file, or in its adapter's: the contract's digest and one a task. A model
that says nothing was not trained on ProofKit's prompts, and may be asked anything.
"""

from collections.abc import Mapping

from pydantic import BaseModel

from proofkit_core.errors import ModelUnavailableError
from proofkit_prompts import Contract
from proofkit_prompts.prompt import FrozenPrompt

__all__ = ["Training", "read_training", "require_known", "require_trained_on"]

_CONTRACT, _VERSION, _TASK = "proofkit.contract.digest", "proofkit.contract.version", "proofkit.task."


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
        f"Use a model trained on {contract.digest[:12]}, or open it with `any_contract=True`, which is then told."
    )


def require_trained_on(training: Training | None, prompt: FrozenPrompt) -> None:
    """Refuse a prompt whose bytes the model was not trained on.

    Raises:
        ModelUnavailableError: The task has another digest than in training, or was not trained at all.
    """
    if training is None:
        return
    trained = training.task_digests.get(prompt.task, "")
    if trained != prompt.task_digest:
        raise ModelUnavailableError(
            f"The model was trained on the task {prompt.task} with digest {trained[:12] or 'none'}; this prompt has "
            f"{prompt.task_digest[:12]}. Use a model trained on this contract, or open it with `any_contract=True`."
        )
