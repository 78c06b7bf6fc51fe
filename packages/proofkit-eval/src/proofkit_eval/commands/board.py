"""Works the board of a run out, and writes it: the log, a page, Markdown, CSV and logs for Inspect's viewer."""

import argparse
from pathlib import Path

from proofkit_eval.board import BoardSettings, build_board
from proofkit_eval.commands.folder import open_run
from proofkit_eval.commands.gathering import cards_of, gather
from proofkit_eval.commands.manifest import Manifest
from proofkit_eval.commands.reciting import known_texts, recited_files
from proofkit_eval.commands.writing import INSPECT, LOG, MARKDOWN, PACKED_LOG, PAGE, TABLE, write_board
from proofkit_eval.report import with_board, write_log_file
from proofkit_prompts import load_contract


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("run", type=Path, metavar="DIR", help="folder of the run")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the board goes (default: board/ in the run)")
    parser.add_argument(
        "--recited",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="rows of training data (JSON lines) that a model may recite; repeatable",
    )


def run(args: argparse.Namespace) -> int:
    """Work the board out and write it.

    Returns:
        0.

    Raises:
        InputError: There is no run, rows are malformed or contradict each other.
        OutputPathError: Something cannot be written.
    """
    contract = load_contract()
    folder, manifest = open_run(args.run, contract)
    gathered = gather(folder, manifest, contract, known=known_texts(args.recited), told=print)
    log = gathered.model_copy(update={"recited": recited_files(args.recited)})
    board = build_board(log, ladder=cards_of(folder, manifest), settings=settings_of(manifest))
    out: Path = args.out or args.run / "board"
    whole = with_board(log, board)
    for name in (LOG, PACKED_LOG):
        write_log_file(out / name, whole)
    write_board(out, whole, board, manifest.plan.board.title)
    for note in board.notes:
        print(f"- {note}")
    print(f"Written: {out / PAGE}, {out / MARKDOWN}, {out / TABLE}, {out / LOG}, {out / INSPECT}/")
    return 0


def settings_of(manifest: Manifest) -> BoardSettings:
    """Return how the board of a run is worked out; a ceiling that did not answer is left out."""
    planned, opened = manifest.plan.board, {model.id for model in manifest.models}
    return BoardSettings(
        ceiling=tuple(name for name in planned.ceiling if name in opened),
        level=planned.level,
        resamples=planned.resamples,
        seed=manifest.plan.seed,
    )
