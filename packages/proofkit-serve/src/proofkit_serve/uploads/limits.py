"""How much work an uploaded file may make."""

from pydantic import BaseModel, Field


class UploadLimits(BaseModel, frozen=True, strict=True, extra="forbid"):
    """The most that is spent on one uploaded file."""

    max_bytes: int = Field(default=2_000_000, gt=0)
    max_pages: int = Field(default=60, gt=0)
    """Pages of a PDF."""
    max_unpacked_bytes: int = Field(default=40_000_000, gt=0)
    """What a Word file may unpack to."""
    max_ratio: int = Field(default=100, gt=1)
    """How many times larger one part of a Word file may be than it is packed."""
    max_entries: int = Field(default=2_000, gt=0)
    """Parts of a Word file."""
    cpu_s: int = Field(default=10, gt=0)
    """Seconds of computing."""
    wall_s: float = Field(default=15.0, gt=0)
    """Seconds in all."""
    memory_bytes: int = Field(default=512 * 1024 * 1024, gt=0)
    """Address space of the process that reads the file."""
