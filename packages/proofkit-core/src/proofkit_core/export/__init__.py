"""Exports: all files of a packet, each with its disclosure, and the check that they are unchanged."""

from proofkit_core.export.packet_file import read_packet
from proofkit_core.export.swap import check_output
from proofkit_core.export.verify import Finding, Outcome, Verification, verify_packet
from proofkit_core.export.write import WrittenPacket, write_packet

__all__ = [
    "Finding",
    "Outcome",
    "Verification",
    "WrittenPacket",
    "check_output",
    "read_packet",
    "verify_packet",
    "write_packet",
]
