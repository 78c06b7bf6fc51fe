"""Kill -9 while events are written: what was acknowledged is there, and nothing is half there. On both databases."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proofkit_core.brief import Brief
from proofkit_serve.sessions import history, new_document, new_id
from proofkit_serve.sessions.events import GoalSet, NotesSet
from proofkit_serve.store import migrate, open_store
from proofkit_serve.store.address import read_address
from proofkit_serve.store.transactions import Transactions

GOAL = GoalSet(goal=Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota."))
UNTIL = 51
SESSIONS = 4
"""Four sessions with fifty more events each: two hundred writes."""


async def _begin(url: str) -> list[str]:
    store = await open_store(url)
    ids = [new_id("s") for _ in range(SESSIONS)]
    for each in ids:
        await store.create_session("ann", new_document(each))
        await store.append(each, "ann", GOAL)
    await store.close()
    return ids


def _run_and_kill(url: str, sessions: list[str], after: int, delay_s: float) -> dict[str, int]:
    """Kill the writer a moment after so many acknowledgements, and return the last one of each session."""
    script = Path(__file__).with_name("appending.py")
    told: dict[str, int] = {}
    with subprocess.Popen(
        [sys.executable, str(script), url, str(UNTIL), *sessions], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for number, line in enumerate(writer.stdout, 1):
            session, revision = line.split()
            told[session] = int(revision)
            if number == after:
                time.sleep(delay_s)
                writer.kill()  # what it printed before is read to the end
    assert writer.returncode in (0, -9)
    return told


async def _check(url: str, acknowledged: dict[str, int], sessions: list[str]) -> int:
    """Every acknowledged event is there, whole, and leads to the stored document. Returns how many there are."""
    store = await open_store(url)
    written = 0
    for each in sessions:
        events = await store.events(each, "ann")
        assert [item.revision for item in events] == [*range(1, len(events) + 1)]
        assert acknowledged.get(each, 0) <= len(events) <= acknowledged.get(each, UNTIL) + 1
        notes = [item.event.notes[0] for item in events if isinstance(item.event, NotesSet)]
        assert notes == [f"{each} {revision}" for revision in range(2, len(events) + 1)]
        documents = history(await store.document_at(each, "ann", 0), [item.event for item in events])
        assert await store.load_session(each, "ann") == documents[-1]
        written += len(events) - 1
    await store.close()
    return written


def test_every_acknowledged_event_survives_kill_9(url: str) -> None:
    chance = random.Random(4)  # noqa: S311 - drawn, not secret
    sessions = asyncio.run(_begin(url))
    acknowledged: dict[str, int] = {}
    kills = 0
    written = 0
    while written < SESSIONS * (UNTIL - 1):
        acknowledged |= _run_and_kill(url, sessions, chance.randint(20, 80), chance.random() * 0.01)
        kills += 1
        written = asyncio.run(_check(url, acknowledged, sessions))
        if url.startswith("sqlite"):
            with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            connection.close()
    assert kills >= 3


async def _transactions(url: str) -> Transactions:
    await asyncio.to_thread(migrate, url)
    return Transactions(read_address(url))


@pytest.mark.anyio
async def test_sqlite_flushes_each_commit_to_the_disk(sqlite_url: str) -> None:
    transactions = await _transactions(sqlite_url)
    async with transactions.reading() as connection:
        for setting, value in (("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("busy_timeout", 10_000)):
            assert (await connection.exec_driver_sql(f"PRAGMA {setting}")).scalar_one() == value
        assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one() == "wal"
    await transactions.close()


@pytest.mark.anyio
async def test_postgres_flushes_each_commit_to_the_disk(postgres_url: str) -> None:
    transactions = await _transactions(postgres_url)
    async with transactions.reading() as connection:
        assert (await connection.exec_driver_sql("SHOW synchronous_commit")).scalar_one() == "on"
    await transactions.close()
