"""Writes the board as Markdown."""

import re

from proofkit_eval.board.records import Board
from proofkit_eval.report.judge_tables import judge_tables
from proofkit_eval.report.tables import Table, comparison_tables, model_tables, original_table

__all__ = ["write_markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def write_markdown(board: Board, title: str = "Evaluation") -> str:
    """Return the board as Markdown; no figure stands before what has to be known about it.

    Args:
        board: The board.
        title: The heading.
    """
    lines = [f"# {_plain(title)}", "", *(f"- {_plain(note)}" for note in board.notes), ""]
    for row in board.rows:
        lines += [f"- **{_plain(row.name)}**: {_plain(note)}" for note in row.notes]
    for table in (*model_tables(board), *comparison_tables(board), *judge_tables(board), original_table(board)):
        lines += ["", *_table(table)]
    lines += [
        "",
        f"Spec {board.spec_digest[:12]}, set {board.set_digest[:12]}, contract {board.contract_digest[:12]}, ",
    ]
    lines[-1] += f"rubric {board.rubric_digest[:12]}."
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    lines = [f"## {_plain(table.title)}", "", _plain(table.caption), ""]
    if not table.rows:
        return lines
    lines += [_row(table.header), "|" + " --- |" * len(table.header)]
    return lines + [_row(tuple(cell.text for cell in row)) for row in table.rows]


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
