"""What can go wrong while a model is made.

    ProofKitError (proofkit_prompts.errors)
    └── TrainError                    nothing is left under a final name
        ├── MaterialError             hand-written training material breaks its form
        ├── DataSetError              a data set is missing, damaged or of another contract
        ├── RecipeError               a recipe has an unknown key or a value that cannot be used
        ├── BaseError                 the base model or its tokenizer cannot be used
        ├── PreflightError            the run would not do what its recipe says
        ├── CheckpointError           a checkpoint is of another run, incomplete or damaged
        ├── RunFailedError            training ended without having trained
        └── ModelFileError            a model file cannot be written, or is not what it says

Rule for adding one: a new class only where a caller would act differently on it. Every message says what was got, what
was expected and what to do next.
"""

from proofkit_prompts.errors import ProofKitError

__all__ = [
    "BaseError",
    "CheckpointError",
    "DataSetError",
    "MaterialError",
    "ModelFileError",
    "PreflightError",
    "RecipeError",
    "RunFailedError",
    "TrainError",
]


class TrainError(ProofKitError):
    """A step in the making of a model was refused or failed."""


class MaterialError(TrainError):
    """Hand-written training material breaks its form."""


class DataSetError(TrainError):
    """A data set is missing, damaged or of another contract."""


class RecipeError(TrainError):
    """A recipe has an unknown key or a value that cannot be used."""


class BaseError(TrainError):
    """The base model or its tokenizer cannot be used."""


class PreflightError(TrainError):
    """The run would not do what its recipe says."""


class CheckpointError(TrainError):
    """A checkpoint is of another run, incomplete or damaged."""


class RunFailedError(TrainError):
    """Training ended without having trained."""


class ModelFileError(TrainError):
    """A model file cannot be written, or is not what it says."""
