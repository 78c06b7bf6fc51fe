"""Writes a packet as `packet.json` and reads it back."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from proofkit_core.errors import PacketFileError
from proofkit_core.export.names import PACKET_FILE
from proofkit_core.export.places import in_place
from proofkit_core.packet import PACKET_SCHEMA, Packet

_MAX_BYTES = 20_000_000


def write_packet_json(packet: Packet) -> str:
    """Return the full serialisation of a packet, made to be read by people too."""
    data = packet.model_dump(mode="json", by_alias=True)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def read_packet(path: Path) -> Packet:
    """Read a packet back.

    Args:
        path: A `packet.json`, or the folder that holds it.

    Raises:
        PacketFileError: It is missing, broken, or of another version.
    """
    file = path
    try:
        place = in_place(path)
        file = place / PACKET_FILE if place.is_dir() else place
        size = file.stat().st_size
        data = file.read_bytes() if size <= _MAX_BYTES else b""
    except FileNotFoundError as error:
        raise PacketFileError(f"There is no file {file}. Expected the packet.json of a packet folder.") from error
    except OSError as error:
        raise PacketFileError(f"{file} cannot be read ({error.strerror}). Check the file's permissions.") from error
    if size > _MAX_BYTES:
        raise PacketFileError(f"{file} is {size:,} bytes long; a packet takes at most {_MAX_BYTES:,}. Check the file.")
    return packet_from_bytes(data, str(file))


def packet_from_bytes(data: bytes, name: str) -> Packet:
    """Read a packet from the content of a `packet.json`.

    Args:
        data: The content.
        name: What to call the file in an error.

    Raises:
        PacketFileError: The content is broken or of another version.
    """
    try:
        parsed: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PacketFileError(
            f"{name} is not valid JSON ({error}). Expected a packet.json that ProofKit wrote."
        ) from error
    schema = _schema_of(parsed)
    if schema != PACKET_SCHEMA:
        raise PacketFileError(
            f"{name} has the schema {schema!r}; expected {PACKET_SCHEMA!r}. Make the packet again with this version."
        )
    try:
        return Packet.model_validate_json(data)
    except ValidationError as error:
        found = error.errors()[0]
        place = ".".join(str(part) for part in found["loc"])
        raise PacketFileError(
            f"{name} is not a whole packet: {place or 'the file'}: {found['msg']}. Expected the file as ProofKit wrote "
            "it. Make the packet again."
        ) from error


def _schema_of(parsed: Any) -> object:  # noqa: ANN401 - any JSON
    return parsed.get("schema") if isinstance(parsed, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
