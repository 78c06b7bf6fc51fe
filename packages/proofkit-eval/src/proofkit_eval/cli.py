"""The `proofkit-eval` command. A command's own module is imported only when it is asked for, so that help is quick."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

from proofkit_core.errors import GenerationCancelledError
from proofkit_prompts.errors import ProofKitError

EXIT_BAD_INPUT = 2
EXIT_STOPPED = 130
EXIT_NOT_READ = 141

_COMMANDS = {
    "run": "have models answer the held-out prompts",
    "judge": "have judges judge the answers, blind",
    "pairs": "have a judge compare two models, in both orders",
    "ladder": "try judges on planted defects",
    "board": "work the board out and write it",
    "report": "write the board of a log again",
    "claims": "check sentences that compare models",
    "rate": "open a page to rate answers blind",
    "simulate": "try the statistics on known truths",
}


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; only the named command's options are filled in.

    Args:
        command: The command on the command line, if any.
    """
    parser = argparse.ArgumentParser(
        prog="proofkit-eval", description="Compares the models that draft in ProofKit, and says how sure that is."
    )
    parser.add_argument("--version", action="version", version=f"proofkit-eval {version('proofkit-eval')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_line in _COMMANDS.items():
        module = _module_of(name) if name == command else None
        added = commands.add_parser(name, help=help_line, description=(module.__doc__ if module else help_line))
        if module is not None:
            module.add_arguments(added)
    return parser


def _module_of(name: str) -> ModuleType:
    return import_module(f"proofkit_eval.commands.{name}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The command line without the program's name; `sys.argv` where there is none.

    Returns:
        0; 1 if something was found or is missing; 2 for input that cannot be used; 130 if it was stopped; 141 if nobody
        reads the output any more.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in given if word in _COMMANDS), None)
    parsed = build_parser(command).parse_args(given)
    try:
        return int(_module_of(parsed.command).run(parsed))
    except (GenerationCancelledError, KeyboardInterrupt):
        print("proofkit-eval: stopped; what was made is kept, and the same command goes on", file=sys.stderr)
        return EXIT_STOPPED
    except ProofKitError as error:
        print(f"proofkit-eval: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        # Nobody reads on. Standard output is flushed once more at the end, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NOT_READ
    except OSError as error:
        place = f"{error.filename} cannot be used" if error.filename else "a file or the network cannot be used"
        why = error.strerror or type(error).__name__
        print(
            f"proofkit-eval: {place}: {why}. What was made is kept; mend that, and the same command goes on.",
            file=sys.stderr,
        )
        return EXIT_BAD_INPUT


if __name__ == "__main__":
    raise SystemExit(main())
