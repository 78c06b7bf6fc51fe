"""Checks any text that a person or a program brings, against the facts it may rest on."""

from proofkit_core.checking.files import Opened, check_opened, fix_file, open_file, open_text
from proofkit_core.checking.fixing import require_fixable
from proofkit_core.checking.grounds import Asked
from proofkit_core.checking.records import CheckedFinding, CheckReport, Counts, Fixed, Suggestion
from proofkit_core.checking.rows import Row, RowContext, RowFailure, RowFinding, RowResult, check_row, check_rows

__all__ = [
    "Asked",
    "CheckReport",
    "CheckedFinding",
    "Counts",
    "Fixed",
    "Opened",
    "Row",
    "RowContext",
    "RowFailure",
    "RowFinding",
    "RowResult",
    "Suggestion",
    "check_opened",
    "check_row",
    "check_rows",
    "fix_file",
    "open_file",
    "open_text",
    "require_fixable",
]
