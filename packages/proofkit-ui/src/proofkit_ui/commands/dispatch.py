"""Runs the command that was parsed."""

import argparse
from collections.abc import Callable


def run(args: argparse.Namespace) -> int:
    """Run the command that was parsed and return its exit code."""
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "app": _open_app,
        "make": _make,
        "check": _check,
        "verify": _verify,
        "doctor": _doctor,
        "space": _space,
    }
    return commands.get(args.command, _look_up)(args)


def _open_app(args: argparse.Namespace) -> int:
    from proofkit_serve.commands.collecting import nothing_collected  # noqa: PLC0415 - the same

    with nothing_collected():
        from proofkit_ui.commands.app import run_app  # noqa: PLC0415 - the same

    return run_app(args)


def _look_up(args: argparse.Namespace) -> int:
    from proofkit_ui.commands.catalogue import run_questions, run_roles  # noqa: PLC0415 - the same

    return run_questions(args) if args.command == "questions" else run_roles(args)


def _make(args: argparse.Namespace) -> int:
    from proofkit_ui.commands.make import run_make  # noqa: PLC0415 - each command loads only what it needs

    return run_make(args)


def _check(args: argparse.Namespace) -> int:
    from proofkit_ui.commands.check import run_check  # noqa: PLC0415 - the same

    return run_check(args)


def _verify(args: argparse.Namespace) -> int:
    from proofkit_ui.commands.verify import run_verify  # noqa: PLC0415 - the same

    return run_verify(args)


def _doctor(args: argparse.Namespace) -> int:
    from proofkit_ui.commands.doctor import run_doctor  # noqa: PLC0415 - the same

    return run_doctor(args)


def _space(args: argparse.Namespace) -> int:
    from proofkit_ui.commands.space import run_space_files  # noqa: PLC0415 - the same

    return run_space_files(args)
