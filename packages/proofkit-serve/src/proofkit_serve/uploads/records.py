"""What comes out of an uploaded file."""

from pydantic import BaseModel, Field

from proofkit_serve.uploads.kinds import UploadKind


class UploadedText(BaseModel, frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True):
    """The text of an uploaded file, cleaned; nothing of the file is kept."""

    kind: UploadKind = Field(strict=False)
    text: str
    characters: int
    notices: tuple[str, ...] = ()
    """What was cut or taken out, told plainly."""
