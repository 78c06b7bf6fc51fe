"""ProofKit's error tree above the prompt contract.

    ProofKitError (proofkit_prompts.errors)
    ├── InputError                what a person handed in cannot be used; nothing was written
    │   ├── BriefError            the brief is missing, broken or breaks a rule
    │   ├── OutputPathError       the place to write to cannot be used
    │   └── PacketFileError       a packet file cannot be read back
    ├── DataError                 a record shipped with ProofKit breaks its own schema
    │   └── StaleIndexError       an index was built from other records than the ones at hand
    ├── GenerationError           a backend gave no usable completion
    │   ├── ModelUnavailableError the model file or server is missing, corrupt or refused
    │   └── GenerationCancelledError  the caller asked to stop
    └── ExportRefusedError        a carrier breaks the integrity policy; nothing was written

Rule for adding one: a new class only where a caller would act differently on it. Every message says what was
got, what was expected and what to do next.
"""

from proofkit_prompts.errors import ProofKitError

__all__ = [
    "BriefError",
    "DataError",
    "ExportRefusedError",
    "GenerationCancelledError",
    "GenerationError",
    "InputError",
    "ModelUnavailableError",
    "OutputPathError",
    "PacketFileError",
    "ProofKitError",
    "StaleIndexError",
]


class InputError(ProofKitError):
    """What a person handed in cannot be used; nothing was written."""


class BriefError(InputError):
    """The brief is missing, broken or breaks a rule."""


class OutputPathError(InputError):
    """The place to write to cannot be used."""


class PacketFileError(InputError):
    """A packet file cannot be read back."""


class DataError(ProofKitError):
    """A record shipped with ProofKit breaks its own schema."""


class StaleIndexError(DataError):
    """An index was built from other records than the ones at hand."""


class GenerationError(ProofKitError):
    """A backend gave no usable completion."""


class ModelUnavailableError(GenerationError):
    """The model file or server is missing, corrupt or refused."""


class GenerationCancelledError(GenerationError):
    """The caller asked to stop."""


class ExportRefusedError(ProofKitError):
    """A carrier breaks the integrity policy; nothing was written."""
