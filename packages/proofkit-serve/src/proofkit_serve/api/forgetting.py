"""Deletes what was kept long enough: answers of idempotent calls, events of generations, audit entries."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from proofkit_serve.errors import StoreError, log_line
from proofkit_serve.settings import Settings
from proofkit_serve.store.protocol import Store

__all__ = ["forget_on", "forget_once"]

_LOG = logging.getLogger("proofkit_serve.api")
DAY_S = 86_400.0
_AGAIN_S = 3_600.0
_TIMES_A_DAY = round(DAY_S / _AGAIN_S)


async def forget_on(store: Store, settings: Settings) -> None:
    """Delete, from now on, what was kept long enough: answers each hour, the rest now and once a day.

    Args:
        store: Where it is kept.
        settings: For how long.
    """
    while True:
        await forget_once(store, settings)
        for _ in range(_TIMES_A_DAY - 1):
            await asyncio.sleep(_AGAIN_S)
            await _try(lambda: store.forget_idempotency(older_than_s=DAY_S))
        await asyncio.sleep(_AGAIN_S)


async def forget_once(store: Store, settings: Settings) -> None:
    """Delete what was kept long enough by now. What a store in trouble does not take is left for the next time.

    Args:
        store: Where it is kept.
        settings: For how long.
    """
    await _try(lambda: store.forget_idempotency(older_than_s=DAY_S))
    if settings.generation_events_days:
        await _try(lambda: store.forget_generation_events(older_than_s=settings.generation_events_days * DAY_S))
    if settings.audit_days:
        await _try(lambda: store.forget_audit(older_than_s=settings.audit_days * DAY_S))


async def _try(forget: Callable[[], Awaitable[int]]) -> None:
    try:
        await forget()
    except StoreError as error:  # tried again later; nothing depends on it
        _LOG.warning("what was kept long enough could not be deleted: %s", log_line(error))
