"""The root of ProofKit's error tree, and what can go wrong with a prompt contract.

    ProofKitError                  every error ProofKit raises on purpose
    └── ContractError              the prompt contract was used or stored wrongly
        ├── UnknownTaskError       no such task in this contract
        ├── FieldError             a field is missing, unknown or of the wrong kind
        ├── PromptKindError        a prompt of one set was handed to a backend of the other
        ├── ContractDriftError     frozen bytes changed
        └── OutputParseError       a completion does not have the shape its task promises

Rule for adding one: a new class only where a caller would act differently on it. `proofkit_core.errors`
continues the tree; it starts here because this package imports no other.
"""


class ProofKitError(Exception):
    """Base of every error ProofKit raises on purpose; its text can be shown to a person."""


class ContractError(ProofKitError):
    """The prompt contract was used or stored wrongly."""


class UnknownTaskError(ContractError):
    """The contract has no task of that name."""


class FieldError(ContractError):
    """A field is missing, unknown or of the wrong kind for its task."""


class PromptKindError(ContractError, TypeError):
    """A prompt of one set was handed to a backend that takes the other."""


class ContractDriftError(ContractError):
    """Frozen bytes of a contract differ from its lock."""


class OutputParseError(ContractError, ValueError):
    """A completion does not have the shape that its task promises."""
