"""Writes a board in every form."""

from pathlib import Path

from proofkit_eval.board import Board
from proofkit_eval.records import EvalLog
from proofkit_eval.report import write_csv, write_html, write_inspect_logs, write_markdown, write_text

__all__ = ["INSPECT", "LOG", "MARKDOWN", "PACKED_LOG", "PAGE", "TABLE", "write_board"]

LOG, PACKED_LOG = "log.json", "log.json.gz"
PAGE, MARKDOWN, TABLE, INSPECT = "report.html", "board.md", "board.csv", "inspect"


def write_board(out: Path, log: EvalLog, board: Board, title: str) -> None:
    """Write a board into a folder; the log is not among it.

    Args:
        out: The folder.
        log: The evaluation.
        board: Its board.
        title: The heading.

    Raises:
        OutputPathError: Something cannot be written.
    """
    write_text(out / PAGE, write_html(log, board, title))
    write_text(out / MARKDOWN, write_markdown(board, title))
    write_text(out / TABLE, write_csv(board))
    write_inspect_logs(out / INSPECT, log, board)
