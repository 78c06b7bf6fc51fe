"""Finds marked sentences that say beats, ties, above or faster, and works each out again.

Ends with 1 if one is not supported. Marks look like `<!-- claim: above tuned base on anchor_recall -->`.
"""

import argparse
from pathlib import Path

from proofkit_core.errors import InputError
from proofkit_eval.claims import ClaimReport, Evidence, LogEvidence, PublishedEvidence, check_claims, claims_markdown
from proofkit_eval.published import load_published
from proofkit_eval.report import board_of, read_log_file

EXIT_FINDINGS = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="Markdown files, or folders of them")
    parser.add_argument("--log", type=Path, metavar="FILE", help="log of the evaluation that the sentences rest on")
    parser.add_argument("--strict", action="store_true", help="also fail where a sentence compares and has no mark")


def run(args: argparse.Namespace) -> int:
    """Check the sentences.

    Returns:
        0; 1 where a marked sentence is not supported, or with `--strict` one has no mark.

    Raises:
        InputError: A file cannot be read, or no Markdown is there.
    """
    evidence: dict[str, Evidence] = {"published": PublishedEvidence(load_published())}
    if args.log is not None:
        evidence["log"] = _evidence(args.log)
    report = check_claims(args.paths, evidence)
    print(claims_markdown(report), end="")
    return 0 if _holds(report, strict=args.strict) else EXIT_FINDINGS


def _evidence(path: Path) -> LogEvidence:
    log = read_log_file(path)
    if not log.results:
        raise InputError(f"{str(path)!r} has no board. Take the log that `proofkit-eval board` wrote.")
    board = board_of(log)
    cards = [judge.ladder for judge in board.judges if judge.ladder is not None]
    return LogEvidence(log, ladder=cards, settings=board.settings)


def _holds(report: ClaimReport, *, strict: bool) -> bool:
    return report.ok and not (strict and report.unmarked)
