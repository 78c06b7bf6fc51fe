"""Kill -9 in the middle of the work: what was acknowledged is there, nothing is half there, and the rest is told."""

import threading
from collections.abc import Callable
from pathlib import Path

from proofkit_serve.client import Client, ConnectionLostError
from proofkit_serve.client.process import start_server
from proofkit_serve.faults import Scenario, fault_server
from proofkit_serve.sessions import Document
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.requests import ExerciseJob, NotesChange, SectionJob, SessionInput

WithGoal = Callable[..., SessionInput]
WRITES = 200
WRITERS = 4


def test_every_acknowledged_change_survives_a_kill_in_the_middle_of_two_hundred(
    tmp_path: Path, with_goal: WithGoal
) -> None:
    acknowledged: dict[str, list[Document]] = {}
    enough = threading.Event()

    def write(url: str, session: Document) -> None:
        mine = acknowledged[session.id] = [session]
        with Client(url) as client:
            try:
                for number in range(WRITES):
                    mine.append(client.change(mine[-1], NotesChange(notes=(f"the {number}. point of all of mine",))))
                    if sum(map(len, acknowledged.values())) >= WRITES // 2:
                        enough.set()
            except ConnectionLostError:
                return

    with start_server(tmp_path, limits={"requests_per_minute": 0}) as server:
        with Client(server.url) as client:
            sessions = [client.create_session(with_goal()) for _ in range(WRITERS)]
        threads = [threading.Thread(target=write, args=(server.url, session)) for session in sessions]
        for thread in threads:
            thread.start()
        assert enough.wait(120)
        server.kill()
        for thread in threads:
            thread.join()
    assert sum(map(len, acknowledged.values())) < WRITERS * WRITES

    with start_server(tmp_path) as server, Client(server.url) as client:
        for session_id, seen in acknowledged.items():
            now = client.session(session_id)
            # The one change that was under way may have been written without being acknowledged.
            assert now.revision - seen[-1].revision in {0, 1}
            assert client.session(session_id, revision=seen[-1].revision) == seen[-1]
            revisions = [each.revision for each in client.whole_history(session_id)]
            assert revisions == list(range(1, now.revision + 1))


def test_what_was_being_made_when_the_server_was_killed_is_told_as_interrupted(
    tmp_path: Path, with_goal: WithGoal
) -> None:
    with fault_server(Scenario.STALL) as faults:
        models = (
            '[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
            f'model = "fault"\nbase_urls = ["{faults.base_url}"]\n'
        )
        with start_server(tmp_path, models=models) as server, Client(server.url) as client:
            session = client.create_session(with_goal())
            client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
            before = client.session(session.id)
            assert before.exercise is not None
            wanted = SectionJob(kind="section", section=before.exercise.sample.sections[0].id)
            taken = client.generate(session.id, wanted)
            assert any(event.body.type == "attempt" for event in client.follow(taken.id))
            server.kill()
    with start_server(tmp_path) as server, Client(server.url) as client:
        told = client.wait(taken.id)
        assert told.status is GenerationStatus.INTERRUPTED
        events = [event.body for event in client.follow(taken.id)]
        assert [body.type for body in events][-2:] == ["problem", "done"]
        assert client.session(session.id) == before
