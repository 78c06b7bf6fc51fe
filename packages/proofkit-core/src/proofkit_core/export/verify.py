"""Says offline whether a packet is unchanged, altered, or without its disclosure."""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel


class Verdict(StrEnum):
    UNCHANGED = "unchanged"
    ALTERED = "altered"
    DISCLOSURE_MISSING = "disclosure missing"


class Verification(BaseModel, frozen=True, strict=True, extra="forbid"):
    verdict: Verdict
    findings: tuple[str, ...]
    proves: str


def verify_packet(path: Path) -> Verification:
    raise NotImplementedError
