"""The values of a check: what a file says, piece by piece, and what was found in it."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_core.integrity import Action, Carrier, Disclosing, Outcome


class Form(StrEnum):
    """How a file holds its text."""

    TEXT = "text"
    JSON = "JSON"
    HTML = "HTML"
    WORD = "Word"
    PDF = "PDF"


class Piece(NamedTuple):
    """A text that is reviewed on its own."""

    text: str
    carrier: Carrier
    disclosing: Disclosing
    start: int = 0
    """Where it begins in the source's text."""
    places: tuple[int, ...] = ()
    """Where each of its characters, and its end, stands in the source's text; empty where they stand in a row."""
    label: str = ""
    """What it is inside the file, such as `post.text`."""

    def place(self, offset: int) -> int:
        """Return where a character of the piece stands in the source's text."""
        return self.places[offset] if self.places else self.start + offset


class Mark(NamedTuple):
    """A part of a file begins here."""

    start: int
    label: str
    """In words, such as `page 2`."""


class Source(NamedTuple):
    """A file as it was read."""

    name: str
    form: Form
    text: str
    """What all places refer to: the file's own text, or the words taken out of a Word or PDF file."""
    line_starts: tuple[int, ...]
    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...] = ()


class Suggestion(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A safe change."""

    before: str
    """The sentence as it stands; empty where something is added."""
    after: str


class CheckedFinding(BaseModel, frozen=True, strict=True, extra="forbid"):
    """A claim that the facts do not carry, with its place in the file."""

    file: str
    where: str
    """The part of the file in words, such as `page 2` or `post.text`; empty where line and column say enough."""
    line: int
    column: int
    """Counted in characters from 1, like the line."""
    start: int
    end: int
    """Place in the file's text, counted from 0."""
    quote: str
    rule: str
    action: Action
    reason: str
    suggestion: Suggestion | None
    """None where no safe change is known."""


class Counts(BaseModel, frozen=True, strict=True, extra="forbid"):
    """How many claims there were."""

    found: int
    checked: int
    unsupported: int


class CheckReport(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a check found."""

    file: str
    outcome: Outcome
    """`edited` says that each finding has a safe change; nothing is written by the check itself."""
    findings: tuple[CheckedFinding, ...]
    """In order of place."""
    counts: Counts
    checked_files: tuple[str, ...]
    """More than one for a packet folder."""
    notices: tuple[str, ...]

    @property
    def is_supported(self) -> bool:
        """Say whether every claim is carried; a finding that only warns asks for no change."""
        return all(finding.action is Action.KEEP for finding in self.findings)


class FileEdit(NamedTuple):
    """One change, placed in the text of its file."""

    start: int
    end: int
    after: str


class Checked(NamedTuple):
    """A report with the changes that it suggests."""

    report: CheckReport
    edits: tuple[tuple[FileEdit, ...], ...]
    """For each source, in order of place."""


class Fixed(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What was written."""

    file: str
    kept_as: str
    """The file that holds the text as it was; empty where nothing was written."""
    changes: int
    left: CheckReport
    """What a check of the changed text finds."""
