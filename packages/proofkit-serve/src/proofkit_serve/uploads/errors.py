"""Why an uploaded file cannot be used. All are input errors: nothing was kept."""

from proofkit_core.errors import InputError


class UploadTypeError(InputError):
    """An uploaded file is of a kind that is not read."""


class UploadTooLargeError(InputError):
    """An uploaded file is larger, or unpacks to more, than is read."""


class UploadBrokenError(InputError):
    """An uploaded file is damaged, locked, holds no text, or takes too much work to read."""
