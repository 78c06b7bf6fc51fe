"""The `proofkit-train` command. A command's own module is imported only when it is asked for, so that help is quick."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

from proofkit_prompts.errors import ProofKitError

EXIT_FINDINGS = 1
EXIT_BAD_INPUT = 2
EXIT_STOPPED = 130

_COMMANDS = {
    "data": "build, check and look at the data set",
    "sft": "fine-tune a base model on the data set",
    "export": "make GGUF files of a trained adapter",
    "verify": "load what will be published and read its answers",
}


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; only the named command's options are filled in.

    Args:
        command: The command on the command line, if any.
    """
    parser = argparse.ArgumentParser(
        prog="proofkit-train", description="Makes the small models that draft in ProofKit."
    )
    parser.add_argument("--version", action="version", version=f"proofkit-train {version('proofkit-train')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_line in _COMMANDS.items():
        module = _module_of(name) if name == command else None
        added = commands.add_parser(name, help=help_line, description=(module.__doc__ if module else help_line))
        if module is not None:
            module.add_arguments(added)
    return parser


def _module_of(name: str) -> ModuleType:
    return import_module(f"proofkit_train.commands.{name}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The command line without the program's name; `sys.argv` where there is none.

    Returns:
        0; 1 if a check found something; 2 for input that cannot be used; 130 if it was stopped.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in given if word in _COMMANDS), None)
    parsed = build_parser(command).parse_args(given)
    try:
        return int(_module_of(parsed.command).run(parsed))
    except ProofKitError as error:
        print(f"proofkit-train: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("proofkit-train: stopped", file=sys.stderr)
        return EXIT_STOPPED
