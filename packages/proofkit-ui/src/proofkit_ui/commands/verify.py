"""`proofkit verify`: is a packet unchanged, altered, or without its disclosure."""

import argparse

from proofkit_core.export import verify_packet


def run_verify(args: argparse.Namespace) -> int:
    """Print what was found; 0 for unchanged, 1 otherwise.

    Raises:
        ProofKitError: The path holds no packet.
    """
    found = verify_packet(args.path)
    print(found.model_dump_json(indent=2) if args.json else found.told())
    return 0 if found.unchanged else 1
