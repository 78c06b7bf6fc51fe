"""What a downloaded file is called: whose it is, for which role, and that it is simulated."""

import re
import unicodedata
from urllib.parse import quote

from proofkit_core.packet import Packet

__all__ = ["SIMULATED", "disposition", "saved_name"]

SIMULATED = "simulated-work-sample"
"""Stands in the name of every file: a disclosure that survives being attached to a mail."""
_PART_LENGTH = 50
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_NOT_LETTERS = re.compile(r"[\W_]+")


def saved_name(packet: Packet, name: str) -> str:
    """Return what to save a file of a packet as, such as `maya-okafor-project-manager-simulated-work-sample.pdf`.

    Args:
        packet: The packet.
        name: The file's name within the packet, such as `work-sample.pdf`.
    """
    stem, _, ending = name.rpartition(".")
    what = "" if stem in {"work-sample", "packet"} and ending != "json" else _shown(stem)
    parts = (_shown(packet.brief.name), _shown(packet.brief.target_role), SIMULATED, what)
    return f"{'-'.join(part for part in parts if part)}.{ending}"


def disposition(saved_as: str) -> str:
    """Return the header that lets a browser save a file under a name, in any script."""
    stem, _, ending = saved_as.rpartition(".")
    plain = _NOT_PLAIN.sub("-", _without_accents(stem).encode("ascii", "ignore").decode().lower()).strip("-")
    return f"attachment; filename=\"{plain or SIMULATED}.{ending}\"; filename*=UTF-8''{quote(saved_as, safe='')}"


def _shown(text: str) -> str:
    """Return some words joined by hyphens, cut between two of them; letters of any script stay."""
    words = _NOT_LETTERS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).split()
    kept = ""
    for word in words:
        longer = f"{kept}-{word}" if kept else word[:_PART_LENGTH]
        if len(longer) > _PART_LENGTH:
            break
        kept = longer
    return kept


def _without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
