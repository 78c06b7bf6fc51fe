"""Fine-tunes a base model on a data set as a recipe says. A stopped run goes on when the command is repeated."""

import argparse
from pathlib import Path

DEFAULT_RUNS = Path("runs")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `sft`."""
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="TOML file that says what to train and how")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data set (default: the recipe's `data`)")
    parser.add_argument("--out", type=Path, default=DEFAULT_RUNS, metavar="DIR", help="folder of all runs")
    parser.add_argument("--preflight-only", action="store_true", help="check everything, estimate, and train nothing")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="change a value of the recipe"
    )
    parser.add_argument(
        "--resume", type=Path, metavar="RUN", help="run folder to go on with; refused if it is another run's"
    )


def run(parsed: argparse.Namespace) -> int:
    """Train, or check only; print what happens."""
    from proofkit_train.sft.recipe import load_recipe  # noqa: PLC0415 - pydantic, not needed for help
    from proofkit_train.sft.run import Places, train_run  # noqa: PLC0415 - the same

    recipe = load_recipe(parsed.recipe, parsed.changes)
    places = Places(data=parsed.data, runs=parsed.out, resume=parsed.resume)
    return train_run(recipe, places, preflight_only=parsed.preflight_only, say=_say)


def _say(line: str) -> None:
    print(line, flush=True)
