"""Stops work for a caller who went away; the framework itself lets it run to its end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from proofkit_serve.wire.kinds import Kind, ProblemError

_Result = TypeVar("_Result")
_LOOK_S = 0.1


async def attended(request: Request, work: Coroutine[Any, Any, _Result]) -> _Result:
    """Return what some work leads to, and stop it once the caller hangs up.

    Args:
        request: The caller's request, its body read.
        work: What to do.

    Raises:
        ProblemError: The caller went away; nobody reads it.
    """
    task = asyncio.create_task(work)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK_S)
            if not task.done() and await request.is_disconnected():
                raise ProblemError(Kind.REQUEST_TIMEOUT, "The caller went away before the answer was ready.")
        return task.result()
    finally:
        task.cancel()
