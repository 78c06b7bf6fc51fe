"""Opens a page on which a person rates answers blind, by keyboard alone if they like.

What was rated is kept at once. Name the file under [[judge]] with `source = "ratings"`, and give `proofkit-eval judge`.
"""

import argparse
from contextlib import suppress
from pathlib import Path

from proofkit_eval.commands.arguments import judge_name, whole_number
from proofkit_eval.commands.folder import fix_rubric, open_run
from proofkit_eval.commands.gathering import gathered_answers
from proofkit_eval.judging import answers_to_judge, blind, giveaways_of, load_rubric, plan
from proofkit_eval.judging.rating import Desk, open_server, read_ratings
from proofkit_eval.logs import RowLog
from proofkit_prompts import load_contract


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("run", type=Path, metavar="DIR", help="folder of the run")
    parser.add_argument(
        "--judge", type=judge_name, required=True, metavar="NAME", help="who rates; part of a file's name"
    )
    parser.add_argument(
        "--port", type=whole_number(0, 65_535), default=0, metavar="PORT", help="0 takes any free one (default: 0)"
    )
    parser.add_argument("--rubric", type=Path, metavar="FILE", help="rubric to rate by (default: the one inside)")


def run(args: argparse.Namespace) -> int:
    """Serve the page until it is stopped.

    Returns:
        0.

    Raises:
        InputError: There is no run, or the rubric was changed.
        OutputPathError: The port is taken, or ratings cannot be kept.
    """
    contract, rubric = load_contract(), load_rubric(args.rubric)
    folder, manifest = open_run(args.run, contract)
    manifest = fix_rubric(folder, rubric)
    answers = answers_to_judge(*gathered_answers(folder, manifest, contract, told=print))
    seed = manifest.plan.seed
    items = plan(answers, blind([answer.key for answer in answers], seed), judge_id=args.judge, seed=seed)
    path = folder.ratings(args.judge)
    path.parent.mkdir(parents=True, exist_ok=True)
    with RowLog(path, told=print) as rows:
        desk = Desk(
            args.judge,
            items,
            rubric,
            keep=rows.append,
            done=read_ratings(path),
            giveaways=giveaways_of(manifest.models),
        )
        with open_server(desk, port=args.port) as server:
            print(f"{desk.total} answers, second looks included. Open {server.address}", flush=True)
            print("Stop with Ctrl-C; what was rated is kept.", flush=True)
            with suppress(KeyboardInterrupt):  # the way to stop it
                server.serve()
    return 0
