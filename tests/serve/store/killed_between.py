"""Stores a session in a process that ends for good after its first event was written and before its second."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator

from proofkit_core.brief import Brief
from proofkit_serve.sessions import SessionEvent, new_document
from proofkit_serve.sessions.events import GoalSet
from proofkit_serve.store import open_store

GOAL = GoalSet(goal=Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota."))


def events() -> Iterator[SessionEvent]:
    yield GOAL
    os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, session_id: str) -> None:
    store = await open_store(url)
    await store.create_session("ann", new_document(session_id), events())


asyncio.run(main(*sys.argv[1:]))
