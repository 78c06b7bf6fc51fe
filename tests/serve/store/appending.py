"""Appends events to sessions until each is at a revision, and prints each one that was acknowledged. To be killed."""

import asyncio
import sys

from proofkit_serve.sessions.events import NotesSet
from proofkit_serve.store import Store, open_store


async def _fill(store: Store, session: str, until: int) -> None:
    revision = (await store.load_session(session, "ann")).revision
    while revision < until:
        event = NotesSet(notes=(f"{session} {revision + 1}", "A long note. " * 40))
        revision = (await store.append(session, "ann", event, expected_revision=revision)).revision
        sys.stdout.write(f"{session} {revision}\n")
        sys.stdout.flush()


async def _main(url: str, until: int, sessions: list[str]) -> None:
    store = await open_store(url)
    await asyncio.gather(*(_fill(store, session, until) for session in sessions))
    await store.close()


asyncio.run(_main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
