"""Runs the command that was parsed."""

import argparse
import os
import sys

from proofkit_serve.commands.collecting import nothing_collected


def run(args: argparse.Namespace) -> int:
    """Run the command that was parsed and return its exit code.

    Raises:
        ProofKitError: A setting, the store or a key cannot be used.
    """
    if args.command == "run":
        with nothing_collected():
            from proofkit_serve.commands.run import run_server  # noqa: PLC0415 - each command loads only what it needs

        return run_server(args, environ=os.environ, out=sys.stdout)
    if args.command == "doctor":
        from proofkit_serve.commands.doctor import run_doctor  # noqa: PLC0415 - the same

        return run_doctor(args, environ=os.environ, out=sys.stdout)
    if args.command == "migrate":
        from proofkit_serve.commands.migrate import run_migrate  # noqa: PLC0415 - the same

        return run_migrate(args, environ=os.environ, out=sys.stdout)
    if args.command == "retry":
        from proofkit_serve.commands.retry import run_retry  # noqa: PLC0415 - the same

        return run_retry(args, environ=os.environ, out=sys.stdout)
    from proofkit_serve.commands.keys import run_keys  # noqa: PLC0415 - the same

    return run_keys(args, environ=os.environ, out=sys.stdout)
