"""What was kept long enough is deleted: events of generations that ended, and audit entries. On both databases."""

import asyncio
import logging
from pathlib import Path
from typing import Protocol

import pytest

from proofkit_serve.api.forgetting import DAY_S, forget_on, forget_once
from proofkit_serve.errors import StoreUnavailableError
from proofkit_serve.sessions import new_id
from proofkit_serve.settings import load_settings
from proofkit_serve.store import AuditEntry, GenerationEvent, GenerationStatus, Store

pytestmark = pytest.mark.anyio
MANY = 401
"""More than go in one transaction, twice."""


class Watch(Protocol):
    def go_on(self, seconds: float) -> None: ...


async def made(store: Store, session: str, status: GenerationStatus) -> str:
    generation_id = new_id("gen")
    await store.create_generation(generation_id, session_id=session, owner="ann", kind="packet", request_json="{}")
    await store.add_generation_events(generation_id, [GenerationEvent(seq=1, event_json='{"said": "zeppelin"}')])
    await store.set_generation(generation_id, status, result_json="{}" if status.ended else None)
    return generation_id


async def test_events_go_once_their_generation_is_over_for_long_enough(
    store: Store, session: str, watch: Watch
) -> None:
    old = await made(store, session, GenerationStatus.DONE)
    open_ = await made(store, session, GenerationStatus.RUNNING)
    watch.go_on(10 * DAY_S)
    young = await made(store, session, GenerationStatus.FAILED)
    watch.go_on(2 * DAY_S)
    assert await store.forget_generation_events(older_than_s=11 * DAY_S) == 1
    assert await store.generation_events(old, "ann") == ()
    assert len(await store.generation_events(open_, "ann")) == 1
    assert len(await store.generation_events(young, "ann")) == 1
    kept = await store.generation(old, "ann")
    assert (kept.status, kept.result_json) == (GenerationStatus.DONE, "{}")
    assert await store.forget_generation_events(older_than_s=11 * DAY_S) == 0


async def test_audit_entries_go_once_they_are_old_and_their_numbers_are_not_given_again(
    store: Store, watch: Watch
) -> None:
    for number in range(MANY):
        await store.record_audit(AuditEntry(action="create_session", owner="ann", subject=f"s_{number}"))
    watch.go_on(3 * DAY_S)
    await store.record_audit(AuditEntry(action="delete_session", owner="ann"))
    (*old, young) = await store.audit(limit=MANY + 1)
    assert await store.forget_audit(older_than_s=DAY_S) == MANY == len(old)
    assert await store.audit() == (young,)
    watch.go_on(3 * DAY_S)
    assert await store.forget_audit(older_than_s=DAY_S) == 1
    await store.record_audit(AuditEntry(action="create_session"))
    (last,) = await store.audit()
    assert last.number > young.number


@pytest.mark.parametrize(("days", "left"), [(0, 1), (40, 1), (20, 0)])
async def test_the_settings_say_for_how_long(
    store: Store, session: str, watch: Watch, tmp_path: Path, days: int, left: int
) -> None:
    generation = await made(store, session, GenerationStatus.DONE)
    await store.record_audit(AuditEntry(action="create_session", owner="ann"))
    watch.go_on(30 * DAY_S)
    given = {"data_dir": str(tmp_path), "generation_events_days": days, "audit_days": days}
    await forget_once(store, load_settings(environ={}, given=given))
    assert len(await store.generation_events(generation, "ann")) == left
    assert len(await store.audit()) == left


async def test_it_begins_at_the_start_and_a_store_in_trouble_ends_nothing(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first look is made before anything is waited for; what the store says is logged, and the rest goes on."""
    asked: list[str] = []

    class Troubled:
        """The store, which is away whenever something is to be deleted."""

        def __getattr__(self, name: str) -> object:
            async def away(**_: float) -> int:
                asked.append(name)
                raise StoreUnavailableError("The store is away.", retry_after_s=1.0)

            return away if name.startswith("forget") else getattr(store, name)

    settings = load_settings(environ={}, given={"data_dir": str(tmp_path)})
    with caplog.at_level(logging.WARNING, logger="proofkit_serve.api"):
        task = asyncio.create_task(forget_on(Troubled(), settings))  # pyright: ignore[reportArgumentType] - in part
        await asyncio.sleep(0.05)
        assert not task.done()
        task.cancel()
    assert asked == ["forget_idempotency", "forget_generation_events", "forget_audit"]
    assert len(caplog.records) == 3
