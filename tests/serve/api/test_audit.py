"""The audit log of a running server: who did what to which session, never what was said, and nobody who left."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Scenario, fault_server
from proofkit_serve.store import open_store
from proofkit_serve.store.records import StoredAuditEntry
from proofkit_serve.wire.requests import ExerciseJob, SectionJob, SessionInput

WithGoal = Callable[..., SessionInput]
SAID = "zeppelin-quartz"


def key_of(server: ServerProcess, name: str) -> str:
    config = str(server.folder / "config.toml")
    call = [sys.executable, "-m", "proofkit_serve", "keys", "add", "--name", name, "--config", config]
    told = subprocess.run(call, capture_output=True, text=True, check=True, timeout=120).stdout
    found = re.search(r"^pk_[A-Za-z0-9_-]{43}$", told, re.MULTILINE)
    assert found
    return found[0]


def audit_of(server: ServerProcess) -> tuple[StoredAuditEntry, ...]:
    """Stop a server, which writes down what waits, and read its log."""

    async def read() -> tuple[StoredAuditEntry, ...]:
        store = await open_store(f"sqlite:///{server.folder / 'data' / 'proofkit.sqlite3'}")
        try:
            return await store.audit(limit=1000)
        finally:
            await store.close()

    server.stop()
    return asyncio.run(read())


def test_the_log_tells_who_did_what_to_which_session_and_never_what_was_said(
    tmp_path: Path, with_goal: WithGoal
) -> None:
    with start_server(tmp_path, settings={"api_keys": "on"}) as server:
        with Client(server.url, key=key_of(server, "mine"), timeout_s=60.0) as mine:
            owner = mine.me().owner
            session = mine.create_session(with_goal(f"{SAID} was on the board"))
            generation = mine.generate(session.id, ExerciseJob(kind="exercise"))
            mine.wait(generation.id)
            mine.reset(mine.session(session.id))
            mine.export_me()
            mine.delete_session(session.id)
        httpx.get(f"{server.url}/v1/me", headers={"authorization": f"Bearer {SAID}"}, timeout=60.0)
        entries = [each.entry for each in audit_of(server)]
    assert [(each.action, each.owner, each.subject, each.outcome) for each in entries] == [
        ("create_session", owner, session.id, "ok"),
        ("create_generation", owner, session.id, "ok"),
        ("reset_session", owner, session.id, "ok"),
        ("export_me", owner, "", "ok"),
        ("delete_session", owner, session.id, "ok"),
        ("other", None, "", "401"),
    ]
    assert SAID not in json.dumps([each.model_dump() for each in entries])


def test_nobody_who_had_their_data_deleted_stands_in_the_log(tmp_path: Path, with_goal: WithGoal) -> None:
    with (
        fault_server(Scenario.STALL) as faults,
        start_server(
            tmp_path,
            settings={"api_keys": "on"},
            models='[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
            f'model = "fault"\nbase_urls = ["{faults.base_url}"]\n',
        ) as server,
        Client(server.url, key=key_of(server, "stays"), timeout_s=60.0) as staying,
        Client(server.url, key=(key := key_of(server, "leaves")), timeout_s=60.0) as leaving,
        Client(server.url, key=key, timeout_s=60.0) as beside,
    ):
        stays, leaves = staying.me().owner, leaving.me().owner
        kept = staying.create_session(with_goal())
        session = leaving.create_session(with_goal())
        leaving.wait(leaving.generate(session.id, ExerciseJob(kind="exercise")).id)
        exercise = leaving.session(session.id).exercise
        assert exercise is not None
        wanted = SectionJob(kind="section", section=exercise.sample.sections[0].id)
        drafting = leaving.draft(session.id, wanted)  # a request that is still under way as everything is deleted
        assert any(event.body.type == "attempt" for event in drafting)
        beside.delete_me()
        del drafting
        staying.reset(staying.session(kept.id))
        back = beside.create_session()
        entries = [each.entry for each in audit_of(server)]
    actions = [each.action for each in entries]
    assert actions.count("delete_me") == 1
    assert actions.count("create_generation") == 2
    assert session.id not in {each.subject for each in entries}
    # Only what they did after they came back is theirs again.
    assert [(each.action, each.subject) for each in entries if each.owner == leaves] == [("create_session", back.id)]
    assert [(each.action, each.subject) for each in entries if each.owner == stays] == [
        ("create_session", kept.id),
        ("reset_session", kept.id),
    ]
