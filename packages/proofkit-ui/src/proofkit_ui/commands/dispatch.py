"""Runs the command that was parsed."""

import argparse


def run(args: argparse.Namespace) -> int:
    """Run the command that was parsed and return its exit code."""
    if args.command == "make":
        from proofkit_ui.commands.make import run_make  # noqa: PLC0415 - each command loads only what it needs

        return run_make(args)
    if args.command == "check":
        from proofkit_ui.commands.check import run_check  # noqa: PLC0415 - the same

        return run_check(args)
    if args.command == "verify":
        from proofkit_ui.commands.verify import run_verify  # noqa: PLC0415 - the same

        return run_verify(args)
    if args.command == "questions":
        from proofkit_ui.commands.catalogue import run_questions  # noqa: PLC0415 - the same

        return run_questions(args)
    from proofkit_ui.commands.catalogue import run_roles  # noqa: PLC0415 - the same

    return run_roles(args)
