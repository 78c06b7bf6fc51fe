"""`proofkit check`: is each claim of a text carried by the facts; for one file, or for rows of JSON."""

import argparse
import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from proofkit_core.checking import (
    Asked,
    CheckReport,
    Fixed,
    Opened,
    RowFailure,
    check_opened,
    check_rows,
    fix_file,
    open_file,
    open_text,
    require_fixable,
)
from proofkit_core.errors import InputError
from proofkit_core.integrity import Carrier
from proofkit_ui.console.findings import print_findings, print_fixed
from proofkit_ui.console.streams import takes_unicode

_STANDARD_INPUT = "-"
_EXIT_FINDINGS = 1
_EXIT_BAD_ROWS = 2
_EXIT_STOPPED = 130
_MOST_BYTES = 20_000_000


def run_check(args: argparse.Namespace) -> int:
    """Check a file, or rows of JSON, and tell what was found.

    Returns:
        0 where every claim is supported, 1 where one is not; for rows, 0 where all were read and 2 where one was not.

    Raises:
        ProofKitError: The file, the brief or the packet cannot be used.
    """
    if args.jsonl is not None:
        _require_alone(args)
        return _check_rows(args.jsonl)
    if args.file is None:
        raise InputError("There is nothing to check. Expected FILE with --brief BRIEF, or --jsonl ROWS. Name one.")
    asked = Asked(brief=args.brief, packet=args.packet, seed=args.seed)
    carrier = Carrier(args.carrier) if args.carrier else None
    return _fix(args, asked, carrier) if args.fix else _check(args, asked, carrier)


def _require_alone(args: argparse.Namespace) -> None:
    given = [name for name in ("file", "brief", "packet", "seed", "carrier", "fix", "json") if getattr(args, name)]
    if given:
        shown = "FILE" if given[0] == "file" else f"--{given[0]}"
        raise InputError(
            f"--jsonl stands with {shown}. Expected it alone: each row brings its own facts and says what it is. "
            f"Leave out {shown}."
        )


def _check(args: argparse.Namespace, asked: Asked, carrier: Carrier | None) -> int:
    opened = _open(args.file, asked, carrier)
    report = check_opened(opened).report
    if args.json:
        _print_json(report, None)
    else:
        print_findings(report, can_fix=opened.can_fix)
    return 0 if report.is_supported else _EXIT_FINDINGS


def _open(file: Path, asked: Asked, carrier: Carrier | None) -> Opened:
    if str(file) != _STANDARD_INPUT:
        return open_file(file, asked, carrier=carrier)
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise InputError(f"Standard input is longer than {_MOST_BYTES:,} bytes, the most that is checked at once.")
    return open_text(data, asked, carrier=carrier)


def _fix(args: argparse.Namespace, asked: Asked, carrier: Carrier | None) -> int:
    if str(args.file) == _STANDARD_INPUT:
        raise InputError("--fix changes a file in place, and standard input is none. Save the text to a file first.")
    require_fixable(args.file)
    opened = open_file(args.file, asked, carrier=carrier)
    before, fixed = fix_file(opened, args.file)
    if args.json:
        _print_json(before, fixed)
    else:
        print_fixed(before, fixed, in_packet=opened.is_packet_file)
    return 0 if fixed.left.is_supported else _EXIT_FINDINGS


def _print_json(report: CheckReport, fixed: Fixed | None) -> None:
    data = report.model_dump(mode="json") | {"fixed": fixed.model_dump(mode="json") if fixed else None}
    print(json.dumps(data, ensure_ascii=not takes_unicode(sys.stdout), indent=2))


def _check_rows(name: str) -> int:
    """Answer row by row, so that a file of any length goes through and a reader gets each answer at once."""
    done = bad = 0
    plain = not takes_unicode(sys.stdout)
    try:
        with _open_rows(name) as rows:
            for answer in check_rows(rows):
                done += 1
                if isinstance(answer, RowFailure):
                    bad += 1
                    print(f"proofkit: {name}, line {answer.line}: {answer.error}", file=sys.stderr)
                line = json.dumps(answer.model_dump(mode="json"), ensure_ascii=plain)
                print(line, flush=name == _STANDARD_INPUT)
    except KeyboardInterrupt:
        print(f"Stopped after {done:,} rows.", file=sys.stderr)
        return _EXIT_STOPPED
    if bad:
        told = f"proofkit: {bad:,} of {done:,} rows could not be read; in the output they hold an error. Correct them."
        print(told, file=sys.stderr)
    return _EXIT_BAD_ROWS if bad else 0


@contextmanager
def _open_rows(name: str) -> Generator[BinaryIO]:
    if name == _STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; errors while the rows are read are not about opening
    except OSError as error:
        raise InputError(
            f"{name} cannot be read ({error.strerror}). Expected a file of rows. Check the name."
        ) from error
    with file:
        yield file
