"""A session and what happens to it at once are one write. On both databases."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proofkit_core.brief import Brief
from proofkit_serve.errors import RevisionNotFoundError, SessionNotFoundError
from proofkit_serve.sessions import new_document, new_id
from proofkit_serve.sessions.events import GoalSet, SeedChosen, Undone
from proofkit_serve.store import Store, open_store

pytestmark = pytest.mark.anyio
GOAL = GoalSet(goal=Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota."))


async def test_a_session_begins_with_its_first_events(store: Store) -> None:
    made = await store.create_session("ann", new_document(new_id("s")), [GOAL, SeedChosen(seed=7)])
    assert (made.revision, made.seed, made.goal) == (2, 7, GOAL.goal)
    assert await store.load_session(made.id, "ann") == made
    events = await store.events(made.id, "ann")
    assert [each.event for each in events] == [GOAL, SeedChosen(seed=7)]
    (summary,) = await store.sessions_of("ann")
    assert {each.at for each in events} == {summary.created_at}  # one moment, one write
    assert (await store.document_at(made.id, "ann", 0)).goal is None


async def test_where_an_event_does_not_fit_there_is_no_session(store: Store) -> None:
    empty = new_document(new_id("s"))
    with pytest.raises(RevisionNotFoundError):
        await store.create_session("ann", empty, [GOAL, Undone(to_revision=9)])
    with pytest.raises(SessionNotFoundError):
        await store.load_session(empty.id, "ann")


async def test_a_kill_between_two_first_events_leaves_nothing_half(url: str) -> None:
    session_id = new_id("s")
    store = await open_store(url)
    try:
        call = [sys.executable, str(Path(__file__).with_name("killed_between.py")), url, session_id]
        done = await asyncio.to_thread(subprocess.run, call, capture_output=True, check=False, timeout=120)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        with pytest.raises(SessionNotFoundError):
            await store.load_session(session_id, "ann")
        assert await store.sessions_of("ann") == ()
        made = await store.create_session("ann", new_document(session_id), [GOAL])  # nothing of it is in the way
        assert made.revision == 1
    finally:
        await store.close()
