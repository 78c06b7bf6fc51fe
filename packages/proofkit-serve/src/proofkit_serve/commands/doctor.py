"""`doctor`: try out each model of a service and write down what it does."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

__all__ = ["DESCRIPTION", "add_arguments", "run_doctor"]

DESCRIPTION = (
    "Tries out each model: whether it may be asked, is reachable, answers, keeps to a schema and stops when it is told "
    "to; and how quick it is. Writes a report, and ends with 1 if a model cannot be used."
)
REPORT_FILE = "capabilities.json"
EXIT_UNUSABLE = 1
_STANDARD_OUTPUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings of the service, a .toml file")
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="write the report there instead of the service's data folder; - prints it instead of the table",
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="ID", help="only this model; may be given several times"
    )


def run_doctor(args: argparse.Namespace, *, environ: Mapping[str, str], out: TextIO) -> int:
    """Examine the models, print a table and write the report.

    Args:
        args: What `add_arguments` asked for.
        environ: The environment.
        out: Where the table goes.

    Returns:
        0 where each model can be used, 1 where one cannot.

    Raises:
        ProofKitError: The settings or the file of models cannot be used, or the report cannot be written.
    """
    # Each of these loads much, and `--help` needs none of it.
    from datetime import UTC, datetime  # noqa: PLC0415

    from proofkit_prompts import load_contract  # noqa: PLC0415
    from proofkit_serve.doctor import examine, report_json, report_table  # noqa: PLC0415
    from proofkit_serve.registry import open_registry  # noqa: PLC0415
    from proofkit_serve.settings import load_settings  # noqa: PLC0415

    settings = load_settings(args.config, environ=environ)
    contract = load_contract()
    with open_registry(settings, environ=environ, contract=contract) as registry:
        report = examine(
            registry,
            contract,
            now=lambda: datetime.now(UTC),
            ids=tuple(args.model),
            on_model=lambda spec: sys.stderr.write(f"Trying {spec.id} ...\n"),
        )
    text = report_json(report)
    if args.json == _STANDARD_OUTPUT:
        out.write(text)
    else:
        path = Path(args.json) if args.json else settings.data_dir / REPORT_FILE
        _write(path, text)
        out.write(report_table(report))
        out.write(f"\nWritten to {path}.\n")
    return 0 if report.usable else EXIT_UNUSABLE


def _write(path: Path, text: str) -> None:
    from proofkit_core.errors import InputError  # noqa: PLC0415 - see above

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"The report could not be written to {str(path)!r}: {error.strerror}. Expected a place that can be written "
            f"to. Name another one with --json."
        ) from error
