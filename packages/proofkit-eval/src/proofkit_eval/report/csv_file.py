"""Writes the board as CSV, one figure a line, for spreadsheets and other programs."""

import csv
import io
from collections.abc import Iterator

from proofkit_eval.board.records import Board, Figure, Row, Share

__all__ = ["HEADER", "write_csv"]

HEADER = ("model", "kind", "artifact_digest", "column", "measure", "value", "low", "high", "n", "missing", "note")
_RISKY = ("=", "+", "-", "@", "\t", "\r")

Line = tuple[str, str, float | int | None, float | None, float | None, int, int, str]


def write_csv(board: Board) -> str:
    """Return the board as CSV. An empty value is one that was not found out; it is no 0.

    Args:
        board: The board.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for row in board.rows:
        for line in _lines(row, board):
            cells = (row.name, row.kind, row.model.artifact_digest, *line)
            writer.writerow(["" if cell is None else _safe(cell) for cell in cells])
    return out.getvalue()


def _lines(row: Row, board: Board) -> Iterator[Line]:
    found = row.coverage
    missing = len(found.missing)
    yield ("coverage", "answered", found.answered, None, None, found.expected, missing, "")
    yield ("coverage", "void", found.void, None, None, found.answered, 0, "")
    yield ("coverage", "repaired", found.repaired, None, None, found.answered, 0, "")
    yield ("gates", "hard_failed", row.hard_failed, None, None, found.answered, 0, "")
    for name, gate in row.gates.items():
        yield _share("gates", name, gate)
    faith = row.faithfulness
    yield _figure("faithfulness", "anchor_recall", faith.anchor_recall)
    yield _share("faithfulness", "swap_followed", faith.swap_followed)
    yield _figure("faithfulness", "unsupported_rate", faith.unsupported_rate)
    yield _figure("faithfulness", "template_distance", faith.template_distance)
    yield _figure("faithfulness", "words", faith.words)
    for cell in row.judges:
        name, value, low, high, n, gone, note = _figure("judges", cell.judge, cell.score)[1:]
        told = "; ".join(text for text in (note, *cell.greyed) if text)
        yield ("judges", name, value, low, high, n, gone, told)
        yield ("judges", f"{cell.judge}: scored", cell.scored, None, None, cell.expected, cell.missing, "")
    for ranking in board.rankings:
        for rank in ranking.ranks:
            if rank.model == row.name:
                note = f"tier {rank.tier}"
                yield ("place", ranking.measure, rank.place, rank.low, rank.high, len(ranking.ranks), 0, note)
    old = row.original
    yield ("original", "final", old.final, None, None, found.answered, 0, f"floor {old.floor:g}")
    yield ("original", "rescaled", old.rescaled, None, None, found.answered, 0, "")
    yield ("original", "capped", old.capped, None, None, found.answered, 0, f"floor {old.floor:g}")


def _figure(column: str, name: str, value: Figure) -> Line:
    return (column, name, value.mean, value.low, value.high, value.n, value.missing, value.note)


def _share(column: str, name: str, value: Share) -> Line:
    return (column, name, value.rate, value.low, value.high, value.n, 0, value.note)


def _safe(cell: str | float) -> str | float:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell
