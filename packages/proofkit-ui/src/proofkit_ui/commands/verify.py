"""`proofkit verify`: is a packet unchanged, altered, or without its disclosure."""

import argparse

from proofkit_core.export import Verification, verify_packet
from proofkit_core.export.verify import Outcome


def run_verify(args: argparse.Namespace) -> int:
    """Print what was found; 0 for unchanged, 1 otherwise.

    Raises:
        ProofKitError: The path holds no packet.
    """
    found = verify_packet(args.path)
    print(found.model_dump_json(indent=2) if args.json else _told(found))
    return 0 if found.outcome is Outcome.UNCHANGED else 1


def _told(found: Verification) -> str:
    lines = [f"{found.title or 'This packet'}: {found.outcome.value}."]
    for finding in found.findings:
        where = f" ({finding.where})" if finding.where else ""
        lines.append(f"  {finding.file} {finding.problem}{where}")
    return "\n".join([*lines, found.proves])
