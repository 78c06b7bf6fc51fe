"""What can go wrong in sessions and in the store, below ProofKit's error tree.

    ProofKitError (proofkit_prompts.errors)
    ├── SessionError                  what was asked of a session cannot be done; nothing was changed
    │   ├── NotFoundError             there is none of that id for this owner
    │   │   ├── SessionNotFoundError
    │   │   ├── RevisionNotFoundError     the session never had that revision
    │   │   ├── GenerationNotFoundError
    │   │   └── KeyNotFoundError
    │   ├── RevisionConflictError     somebody else wrote first
    │   └── EventRefusedError         the event does not fit the document
    │       └── OutdatedResultError   what it was made from has changed since
    ├── StoreError                    the store could not do its work; nothing was half written
    │   ├── StoreUnavailableError     it is away or busy; trying again later can help
    │   ├── StoreFullError            there is no room left
    │   ├── StoreReadOnlyError        it takes no writes
    │   ├── StoreSchemaError          its tables are not those of this version
    │   └── StoreDataError            a stored record cannot be read
    └── InputError (proofkit_core.errors)
        ├── StoreAddressError         the database URL cannot be used
        └── PersonFileError           a file with a person's data cannot be restored
            └── PersonFileClashError      what it holds is in the store already

Another's session is told in the same words as one that never was.
"""

from proofkit_core.errors import InputError
from proofkit_prompts.errors import ProofKitError

__all__ = [
    "EventRefusedError",
    "GenerationNotFoundError",
    "KeyNotFoundError",
    "NotFoundError",
    "OutdatedResultError",
    "PersonFileClashError",
    "PersonFileError",
    "RevisionConflictError",
    "RevisionNotFoundError",
    "SessionError",
    "SessionNotFoundError",
    "StoreAddressError",
    "StoreDataError",
    "StoreError",
    "StoreFullError",
    "StoreReadOnlyError",
    "StoreSchemaError",
    "StoreUnavailableError",
    "log_line",
]


class SessionError(ProofKitError):
    """What was asked of a session cannot be done; nothing was changed."""


class NotFoundError(SessionError):
    """There is none of that id for this owner."""


class SessionNotFoundError(NotFoundError):
    """This owner has no such session."""


class RevisionNotFoundError(NotFoundError):
    """The session never had that revision."""


class GenerationNotFoundError(NotFoundError):
    """This owner has no such generation."""


class KeyNotFoundError(NotFoundError):
    """There is no such API key."""


class RevisionConflictError(SessionError):
    """Somebody else wrote first; nothing was changed."""

    def __init__(self, *, expected: int, actual: int) -> None:
        """Tell both revisions.

        Args:
            expected: The revision that the caller had read.
            actual: The revision that the session has.
        """
        super().__init__(
            f"The session has changed: expected revision {expected}, it is at {actual}. Nothing was written; "
            "read the session again and repeat the change."
        )
        self.expected = expected
        self.actual = actual


class EventRefusedError(SessionError):
    """The event does not fit the document; nothing was changed."""


class OutdatedResultError(EventRefusedError):
    """What the result was made from has changed since; nothing was changed."""


class StoreError(ProofKitError):
    """The store could not do its work; nothing was half written."""

    where: str = ""
    """The store's file or server, without a password: for logs, not for people who call the service."""


class StoreUnavailableError(StoreError):
    """The store is away or busy; trying again later can help."""

    def __init__(self, message: str, *, retry_after_s: float = 2.0) -> None:
        """Tell what happened and when to try again.

        Args:
            message: What was got, what was expected and what to do next.
            retry_after_s: Seconds to wait before trying again.
        """
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreFullError(StoreError):
    """There is no room left for the store."""


class StoreReadOnlyError(StoreError):
    """The store takes no writes."""


class StoreSchemaError(StoreError):
    """The tables are not those of this version."""


class StoreDataError(StoreError):
    """A stored record cannot be read."""


class StoreAddressError(InputError):
    """The database URL cannot be used."""


class PersonFileError(InputError):
    """A file with a person's data cannot be restored; nothing was written."""


class PersonFileClashError(PersonFileError):
    """Something that the file holds is in the store already, under the same id; nothing was written."""


def log_line(error: Exception) -> str:
    """Return what a log may say of an error.

    The store's errors tell where it is and what to do. Of any other error only the class is told: its text can hold
    what somebody typed.
    """
    name = type(error).__name__
    if not isinstance(error, StoreError):
        return name
    place = f" at {error.where}" if error.where else ""
    return f"{name}{place}: {error}"
