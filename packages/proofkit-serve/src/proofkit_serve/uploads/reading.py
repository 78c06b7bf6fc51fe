"""Reads an uploaded file in a process of its own, and ends that process when it takes too long."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from proofkit_serve.uploads.errors import UploadBrokenError, UploadTooLargeError, UploadTypeError
from proofkit_serve.uploads.kinds import sniff_kind
from proofkit_serve.uploads.limits import UploadLimits
from proofkit_serve.uploads.records import UploadedText

_ERRORS = {"type": UploadTypeError, "too_large": UploadTooLargeError, "broken": UploadBrokenError}
_TOO_MUCH_WORK = "The file takes too long or too much memory to read. Upload a simpler one, or its text."

_OWN_FOLDER = str(Path(__file__).parents[2])
_WORKER = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); "  # last: on a Space this package lies beside its app.py
    "runpy.run_module('proofkit_serve.uploads.worker', run_name='__main__', alter_sys=True)"
)


async def read_upload(data: bytes, limits: UploadLimits) -> UploadedText:
    """Return the cleaned text of an uploaded file.

    Args:
        data: Its content.
        limits: What may be spent on it.

    Raises:
        UploadTypeError: It is of a kind that is not read.
        UploadTooLargeError: It is too large, or unpacks to too much.
        UploadBrokenError: It is damaged, locked, empty, or takes too much work.
    """
    sniff_kind(data, limits)  # most of what cannot be used is told without a process
    answer = await _ask_process(data, limits)
    if "ok" in answer:
        return UploadedText.model_validate_json(json.dumps(answer["ok"]))
    kind, told = next(iter(answer.items()))
    raise _ERRORS[kind](told)


async def _ask_process(data: bytes, limits: UploadLimits) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",  # nothing from the folder or the environment of the server
        "-c",
        _WORKER,
        _OWN_FOLDER,
        limits.model_dump_json(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a parser's complaints may quote the file
        env={"LC_ALL": "C.UTF-8"},  # the server's environment holds keys
    )
    try:
        async with asyncio.timeout(limits.wall_s):
            printed, _ = await process.communicate(data)
    except TimeoutError as error:
        raise UploadBrokenError(_TOO_MUCH_WORK) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise UploadBrokenError(_TOO_MUCH_WORK)
    return json.loads(printed)
