"""Checks files against the facts and says where in them each finding stands."""

from bisect import bisect_right
from collections.abc import Sequence

from proofkit_core.checking.json_strings import encode_string
from proofkit_core.checking.records import (
    Checked,
    CheckedFinding,
    CheckReport,
    Counts,
    FileEdit,
    Form,
    Piece,
    Source,
)
from proofkit_core.checking.suggesting import Change, Reviewed, review_piece, suggestion_for
from proofkit_core.integrity import Action, FactLedger, Finding, Outcome

_ORDER = tuple(Outcome)


def check_sources(name: str, sources: Sequence[Source], facts: FactLedger, *, notices: tuple[str, ...] = ()) -> Checked:
    """Return what the rules say about some files, with the changes they suggest.

    Args:
        name: What the person asked to check.
        sources: The files, as they were read.
        facts: What their statements may rest on.
        notices: What the person should know about how it was checked.
    """
    reviewed = [[(piece, review_piece(piece, facts)) for piece in source.pieces] for source in sources]
    every = [result.verdict for pieces in reviewed for _, result in pieces]
    findings = [
        finding
        for source, pieces in zip(sources, reviewed, strict=True)
        for finding in sorted(_findings(source, pieces), key=lambda found: (found.start, found.end))
    ]
    report = CheckReport(
        file=name,
        outcome=max((verdict.outcome for verdict in every), key=_ORDER.index, default=Outcome.CLEAN),
        findings=tuple(dict.fromkeys(findings)),
        counts=Counts(
            found=sum(verdict.claims_found for verdict in every),
            checked=sum(verdict.claims_checked for verdict in every),
            unsupported=sum(verdict.claims_unsupported for verdict in every),
        ),
        checked_files=tuple(source.name for source in sources),
        notices=notices,
    )
    return Checked(report, tuple(_edits(source, pieces) for source, pieces in zip(sources, reviewed, strict=True)))


def _findings(source: Source, pieces: Sequence[tuple[Piece, Reviewed]]) -> list[CheckedFinding]:
    return [_placed(source, piece, result, finding) for piece, result in pieces for finding in result.verdict.findings]


def _placed(source: Source, piece: Piece, result: Reviewed, finding: Finding) -> CheckedFinding:
    start, end = piece.place(finding.start), piece.place(finding.end)
    line = bisect_right(source.line_starts, start)
    part = bisect_right(source.marks, start, key=lambda mark: mark.start)
    return CheckedFinding(
        file=source.name,
        where=piece.label or (source.marks[part - 1].label if part else ""),
        line=line,
        column=start - source.line_starts[line - 1] + 1,
        start=start,
        end=end,
        quote=finding.quote,
        rule=finding.rule,
        action=finding.action,
        reason=finding.reason,
        suggestion=None if finding.action is Action.KEEP else suggestion_for(piece.text, finding, result.changes),
    )


def _edits(source: Source, pieces: Sequence[tuple[Piece, Reviewed]]) -> tuple[FileEdit, ...]:
    """Return all changes as they are written into the file."""
    is_ascii = source.text.isascii()
    breaks = "\r\n" if "\r\n" in source.text else "\n"
    edits: list[FileEdit] = []
    for piece, result in pieces:
        for change in result.changes:
            after = (
                encode_string(change.after, is_ascii=is_ascii)
                if source.form is Form.JSON
                else change.after.replace("\n", breaks)
            )
            edits.append(FileEdit(*_span(piece, change), after))
    return tuple(edits)


def _span(piece: Piece, change: Change) -> tuple[int, int]:
    return piece.place(change.start), piece.place(change.end)
