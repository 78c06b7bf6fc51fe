"""The models of a service: what a file says of them, which may be asked with which prompts, and their chains."""

from proofkit_serve.registry.file import ModelFile, read_models
from proofkit_serve.registry.open import open_registry
from proofkit_serve.registry.registry import Registry
from proofkit_serve.registry.spec import BackendName, Capabilities, ContractStamp, ModelSpec
from proofkit_serve.registry.states import ModelState, ModelStatus

__all__ = [
    "BackendName",
    "Capabilities",
    "ContractStamp",
    "ModelFile",
    "ModelSpec",
    "ModelState",
    "ModelStatus",
    "Registry",
    "open_registry",
    "read_models",
]
