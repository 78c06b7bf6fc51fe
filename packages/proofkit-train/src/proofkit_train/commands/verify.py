"""Load a GGUF adapter or model as it will be published, ask it frozen probes and check its answers.

The file passes if it ends its answers, keeps their form, keeps what the user typed, claims nothing that the facts do
not carry, and answers otherwise than its base and than the file published before it.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofkit_train.artifact.verification import Verification

__all__ = ["add_arguments", "run"]

_FINDINGS = 1
_SHOWN = 110


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the GGUF adapter or model")
    parser.add_argument(
        "--base", default="embedded", help="its base: embedded (default), a GGUF file, a folder or hub:…"
    )
    parser.add_argument("--revision", default="", help="commit of a base on the hub")
    parser.add_argument("--previous", type=Path, metavar="FILE", help="the file that was published before")
    parser.add_argument(
        "--adapter", type=Path, metavar="DIR", help="the trained adapter that the file should be made of"
    )
    parser.add_argument("--probes", type=Path, metavar="FILE", help="other probes than those of this package")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the whole report there")
    parser.add_argument("--threads", type=int, default=0, help="threads to use; 0 for free cores")


def run(parsed: argparse.Namespace) -> int:
    """Verify.

    Returns:
        0 if the file may be published, otherwise 1.

    Raises:
        TrainError: A file cannot be used at all.
    """
    from proofkit_prompts import load_contract  # noqa: PLC0415 - help must be quick
    from proofkit_train.artifact.adapter import read_adapter  # noqa: PLC0415
    from proofkit_train.artifact.output import write_text  # noqa: PLC0415
    from proofkit_train.artifact.probes import load_probes  # noqa: PLC0415
    from proofkit_train.artifact.run_record import find_provenance, read_run  # noqa: PLC0415
    from proofkit_train.artifact.verification import open_candidate, verify  # noqa: PLC0415
    from proofkit_train.base.source import resolve_base  # noqa: PLC0415

    probes = load_probes(parsed.probes)
    source = resolve_base(parsed.base, revision=parsed.revision)
    expected = None
    if parsed.adapter is not None:
        expected = find_provenance(read_adapter(parsed.adapter), read_run(parsed.adapter), source)
    candidate = open_candidate(parsed.file, source, previous=parsed.previous, expected=expected)
    found = verify(candidate, probes, load_contract(), threads=parsed.threads, say=print)
    _print(found)
    if parsed.json is not None:
        report = found.model_dump(mode="json") | {"holds": found.holds}
        write_text(parsed.json, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    return 0 if found.holds else _FINDINGS


def _print(found: "Verification") -> None:
    for answer in found.answers:
        wrong = [f"{check}: {detail}" for check, detail in answer.failed.items()]
        wrong += [f"lost {', '.join(answer.missing)}"] if answer.missing else []
        wrong += [f"same as {name}" for name, other in answer.differs.items() if not other]
        print(f"{answer.probe:<18} {answer.tokens:>4} tokens  {'; '.join(wrong)[:_SHOWN] or 'ok'}")
    print()
    for score in found.scores:
        verdict = "ok" if score.holds else "TOO LOW"
        share = f"{score.share:>6.1%}  least {score.least:.0%}"
        print(f"{score.check:<22} {score.passed:>3} of {score.of:<3} {share}  {verdict}")
    for task in found.untrained:
        print(f"not trained for {task}: its probes were left out")
    for problem in found.problems:
        print(f"PROBLEM: {problem}")
    print(f"{found.file}: {'may be published' if found.holds else 'must not be published'}")
