"""Writes a packet to a folder, and to a zip if wanted."""

import re
from pathlib import Path

from pydantic import BaseModel

from proofkit_core.export.archive import zip_bytes
from proofkit_core.export.places import zip_beside
from proofkit_core.export.render import render_packet
from proofkit_core.export.swap import put_packet
from proofkit_core.packet import Packet

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH = 60


class WrittenPacket(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What was written."""

    files: tuple[Path, ...]
    notices: tuple[str, ...]
    """What differs between the formats, told plainly."""


def write_packet(packet: Packet, out: Path, *, zip_file: bool = False, sources: bool = False) -> WrittenPacket:
    """Write all files of a packet; either all of them are there afterwards, or what was there before.

    Args:
        packet: The packet.
        out: The folder; it must be new, empty or hold an earlier packet that nobody changed.
        zip_file: Also write `<out>.zip`.
        sources: Add an appendix to `work-sample.md` that says where each statement comes from.

    Raises:
        ExportRefusedError: A statement has no source or a carrier lacks its disclosure; nothing was written.
        OutputPathError: The place cannot be used; nothing was changed.
    """
    rendered = render_packet(packet, sources=sources)
    archive = zip_bytes(rendered.files, folder=inner_folder(packet)) if zip_file else None
    put_packet(out, rendered.files, archive=archive)
    files = [out / name for name in rendered.files] + ([zip_beside(out)] if zip_file else [])
    return WrittenPacket(files=tuple(files), notices=rendered.notices)


def inner_folder(packet: Packet) -> str:
    """Return the name of the folder inside the zip; it says what it holds wherever it is unpacked."""
    slug = _NOT_SLUG.sub("-", f"{packet.sample.sample_type} {packet.challenge.company}".lower()).strip("-")
    return f"simulated-work-sample-{slug[:_SLUG_LENGTH].strip('-')}"
