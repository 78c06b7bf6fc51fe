"""Tries the intervals and tests on scores whose truth is known, and prints how often they are right."""

import argparse
import json
import sys
from pathlib import Path

from proofkit_eval.commands.arguments import whole_number
from proofkit_eval.report import write_text
from proofkit_eval.statistics.simulate import simulate, simulation_markdown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument(
        "--seed", type=whole_number(0), default=1, metavar="N", help="all chance comes from it (default: 1)"
    )
    parser.add_argument(
        "--trials", type=whole_number(10), default=20_000, metavar="N", help="evaluations a row (default: 20000)"
    )
    parser.add_argument(
        "--resamples", type=whole_number(100), default=2_000, metavar="N", help="draws each (default: 2000)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")


def run(args: argparse.Namespace) -> int:
    """Simulate, and print two tables.

    Returns:
        0.

    Raises:
        OutputPathError: The file cannot be written.
    """
    simulation = simulate(seed=args.seed, trials=args.trials, resamples=args.resamples, say=_say)
    if args.json:
        write_text(args.json, json.dumps(simulation.model_dump(mode="json"), indent=1) + "\n")
    print(simulation_markdown(simulation), end="")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
