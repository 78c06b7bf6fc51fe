"""The `proofkit-serve` command. Nothing heavy is imported before a command is known: `--help` answers at once."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from proofkit_serve.commands import doctor

EXIT_BAD_INPUT = 2
EXIT_STOPPED = 130

_RUN = (
    "Starts the service: an HTTP API for sessions, generations and exports. Without API keys it only listens on this "
    "computer's own loopback address."
)
_MIGRATE = "Brings the tables of the store up to date, or makes them. For a SQLite file each start does that."
_RETRY = (
    "Has a running service ask a model again that it gave up for good, such as one whose key was wrong. Where the "
    "service needs an API key, an operator's is read from the environment variable PROOFKIT_API_KEY."
)
_KEYS = "Makes, lists and revokes API keys. A key is shown once, when it is made; the store only knows its digest."


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="proofkit-serve", description="Serves ProofKit over HTTP: sessions, generations and exports."
    )
    parser.add_argument("--version", action="version", version=f"proofkit-serve {version('proofkit-serve')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="start the service", description=_RUN))
    doctor.add_arguments(commands.add_parser("doctor", help="try out each model", description=doctor.DESCRIPTION))
    _add_config(commands.add_parser("migrate", help="bring the store up to date", description=_MIGRATE))
    _add_retry(commands.add_parser("retry", help="have a running service try a model again", description=_RETRY))
    _add_keys(commands.add_parser("keys", help="make, list and revoke API keys", description=_KEYS))
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings, as a TOML file")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="HOST", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="PORT", help="0 takes any free one (default: 8000)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes; more than one needs Postgres (default: 1)")
    _add_config(parser)


def _add_retry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="id of the model, as the file of models names it")
    parser.add_argument(
        "--url",
        default="http://127.0.0.1:8000",
        metavar="URL",
        help="where it listens (default: http://127.0.0.1:8000)",
    )


def _add_keys(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a key and show it, once")
    add.add_argument("--name", default="", metavar="NAME", help="what it is for")
    add.add_argument(
        "--owner", default="", metavar="OWNER", help="whose sessions it opens (default: its own); the same for two keys"
    )
    _add_config(add)
    _add_config(actions.add_parser("list", help="list all keys, without the keys themselves"))
    revoke = actions.add_parser("revoke", help="take a key back for good")
    revoke.add_argument("id", metavar="ID", help="id of the key, as `list` shows it")
    _add_config(revoke)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; the process's own by default.

    Returns:
        0 done, 1 the doctor found a fault, 2 bad input, 130 stopped by the person.
    """
    args = build_parser().parse_args(argv)
    from proofkit_core.errors import ProofKitError  # noqa: PLC0415 - after parsing, so that --help stays quick
    from proofkit_serve.commands.dispatch import run  # noqa: PLC0415 - the same

    try:
        return run(args)
    except KeyboardInterrupt:
        return EXIT_STOPPED
    except ProofKitError as error:
        print(f"proofkit-serve: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT


if __name__ == "__main__":
    raise SystemExit(main())
