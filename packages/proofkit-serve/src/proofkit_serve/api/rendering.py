"""Renders packets for the exports: a few at once, and each packet only once while it is asked for file by file.

Rendered files are kept for a moment only, and never longer than their session.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from proofkit_core.export.archive import zip_bytes
from proofkit_core.export.render import render_packet
from proofkit_core.export.write import inner_folder
from proofkit_core.packet import Packet

ZIP_FILE = "packet.zip"
_AT_ONCE = 2
_KEPT = 8
_KEPT_S = 120.0
MEDIA_TYPES: Mapping[str, str] = {
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one packet."""

    files: Mapping[str, bytes]
    """By name, the zip last."""
    notices: tuple[str, ...]
    zip_name: str
    """What to save the zip as."""


class _Kept(NamedTuple):
    """A rendering that is kept for a moment."""

    task: "asyncio.Task[Files]"
    ends: asyncio.TimerHandle
    """Forgets it in the end. A timer that nobody cancels holds on to the files until it is over."""


class Renderer:
    """Renders packets in threads, and keeps the last few."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def files_of(self, packet: Packet, *, sources: bool) -> Files:
        """Return the files of a packet; the same packet always gives the same bytes.

        Args:
            packet: The packet.
            sources: Add the appendix that says where each statement comes from.

        Raises:
            ExportRefusedError: A file would lack its disclosure, or a statement has no source.
        """
        key = f"{hashlib.sha256(packet.model_dump_json(by_alias=True).encode()).hexdigest()} {sources}"
        kept = self._kept.get(key)
        task = self._begin(key, packet, sources=sources) if kept is None else kept.task
        self._kept.move_to_end(key)
        try:
            # Several may wait for it, so one that goes away does not end it.
            return await asyncio.shield(task)
        except Exception:
            self._drop(key, task)
            raise

    def forget(self) -> None:
        """Keep nothing of what was rendered until now; what is asked for again is rendered again."""
        while self._kept:
            self._pop()

    def _begin(self, key: str, packet: Packet, *, sources: bool) -> "asyncio.Task[Files]":
        task = asyncio.create_task(self._rendered(packet, sources=sources))
        ends = asyncio.get_running_loop().call_later(_KEPT_S, self._drop, key, task)
        self._kept[key] = _Kept(task, ends)
        while len(self._kept) > _KEPT:
            self._pop()
        return task

    def _pop(self) -> None:
        _, kept = self._kept.popitem(last=False)
        kept.ends.cancel()

    def _drop(self, key: str, task: "asyncio.Task[Files]") -> None:
        kept = self._kept.get(key)
        if kept is not None and kept.task is task:
            del self._kept[key]
            kept.ends.cancel()

    async def _rendered(self, packet: Packet, *, sources: bool) -> Files:
        async with self._slots:
            return await asyncio.to_thread(_render, packet, sources)


def _render(packet: Packet, sources: bool) -> Files:  # noqa: FBT001 - called by `to_thread`, by place
    rendered = render_packet(packet, sources=sources)
    folder = inner_folder(packet)
    packed = zip_bytes(rendered.files, folder=folder)
    return Files({**rendered.files, ZIP_FILE: packed}, rendered.notices, f"{folder}.zip")


def media_type_of(name: str) -> str:
    """Return the media type of a packet's file."""
    return MEDIA_TYPES[name.rpartition(".")[2]]
