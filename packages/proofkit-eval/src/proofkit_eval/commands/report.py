"""Writes the board of a log again: the page, Markdown, CSV and logs for Inspect's viewer.

A log that somebody published is all it takes; nothing is worked out anew.
"""

import argparse
from pathlib import Path

from proofkit_eval.commands.writing import LOG, PACKED_LOG, PAGE, write_board
from proofkit_eval.report import board_of, read_log_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("log", type=Path, metavar="LOG", help=f"the log: {LOG}, or {PACKED_LOG}")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the board goes")
    parser.add_argument("--title", default="Evaluation", metavar="TEXT", help="heading (default: Evaluation)")


def run(args: argparse.Namespace) -> int:
    """Write what the log holds.

    Returns:
        0.

    Raises:
        InputError: The log cannot be read, or holds no board.
        OutputPathError: Something cannot be written.
    """
    log = read_log_file(args.log)
    write_board(args.out, log, board_of(log), args.title)
    print(f"Written: {args.out / PAGE} and the other files of a board.")
    return 0
