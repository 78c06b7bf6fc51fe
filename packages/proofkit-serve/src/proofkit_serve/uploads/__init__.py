"""Takes the text out of files that people upload, in a process of its own with limits on time, memory and size.

Importing this package loads no reader: the process that reads a file loads it.
"""

from proofkit_serve.uploads.errors import UploadBrokenError, UploadTooLargeError, UploadTypeError
from proofkit_serve.uploads.kinds import UploadKind, sniff_kind
from proofkit_serve.uploads.limits import UploadLimits
from proofkit_serve.uploads.reading import read_upload
from proofkit_serve.uploads.records import UploadedText

__all__ = [
    "UploadBrokenError",
    "UploadKind",
    "UploadLimits",
    "UploadTooLargeError",
    "UploadTypeError",
    "UploadedText",
    "read_upload",
    "sniff_kind",
]
