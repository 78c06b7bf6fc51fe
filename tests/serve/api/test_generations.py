"""Generations over HTTP: taken, streamed, replayed, cancelled; a result is never lost and never in the wrong place."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from proofkit_core.packet import Packet
from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.events import read_events
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.faults import Pace, Scenario, fault_server
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.events import DoneEvent, FallbackEvent, QueuedEvent, ResultEvent
from proofkit_serve.wire.requests import (
    ExerciseJob,
    GoalChange,
    GoalInput,
    NotesChange,
    PacketJob,
    RevisionJob,
    RoleJob,
    SectionJob,
    SectionsJob,
    SessionInput,
    TravelJob,
)

WithGoal = Callable[..., SessionInput]
Eventually = Callable[..., float]
IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
Answer = TypeVar("Answer")
STREAM = {"accept": "text/event-stream"}


def remote_model(base_url: str) -> str:
    """Return a file of models with one behind a server, for prompts that any model may be asked."""
    return (
        '[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
        f'model = "fault"\nbase_urls = ["{base_url}"]\n\n[[model]]\nid = "template"\nbackend = "template"\n'
    )


def test_a_packet_is_made_and_every_event_is_numbered(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    taken = client.generate(session.id, PacketJob(kind="packet"))
    events = list(client.follow(taken.id))
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert events[0].body.type == "queued"
    assert events[-1].body == DoneEvent(status="done", revision=client.session(session.id).revision)
    results = [event.body for event in events if isinstance(event.body, ResultEvent)]
    assert all(result.applied for result in results)
    made = client.session(session.id)
    assert made.packet is not None
    assert made.travel is not None
    assert all(each.section.markdown for each in made.sections)
    told = {result.part: result.text for result in results}
    assert all(told[f"section.{each.section.id}"] == each.section.markdown for each in made.sections)


def test_each_step_can_be_asked_for_alone(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    steps = (RoleJob(kind="role"), ExerciseJob(kind="exercise"), SectionsJob(kind="sections"), TravelJob(kind="travel"))
    for step in steps:
        ended = client.wait(client.generate(session.id, step).id)
        assert ended.status is GenerationStatus.DONE
        assert ended.outcome is not None
        assert ended.outcome.problem is None
    made = client.session(session.id)
    assert made.travel is not None
    assert made.packet is None
    again = client.wait(client.generate(session.id, SectionJob(kind="section", section=made.sections[0].section.id)).id)
    assert again.status is GenerationStatus.DONE
    assert len(client.generations(session.id).generations) == 5


def test_the_same_steps_make_the_same_packet_as_one_call(client: Client, with_goal: WithGoal) -> None:
    whole = (PacketJob(kind="packet"),)
    single = (ExerciseJob(kind="exercise"), SectionsJob(kind="sections"), PacketJob(kind="packet"))
    packets: list[Packet | None] = []
    for steps in (whole, single):
        session = client.create_session(with_goal())
        for step in steps:
            client.wait(client.generate(session.id, step).id)
        packets.append(client.session(session.id).packet)
    assert packets[0] == packets[1] is not None


def test_events_are_replayed_from_the_last_one_that_was_seen(
    client: Client, http: httpx.Client, with_goal: WithGoal
) -> None:
    session = client.create_session(with_goal())
    taken = client.generate(session.id, ExerciseJob(kind="exercise"))
    whole = list(client.follow(taken.id))
    for after in range(len(whole) + 1):
        with http.stream("GET", taken.events_url, headers={**STREAM, "last-event-id": str(after)}) as answer:
            assert list(read_events(answer.iter_lines())) == whole[after:]
    listed = http.get(taken.events_url, headers={"accept": "application/json"}).json()
    assert listed["ended"]
    assert [each["id"] for each in listed["events"]] == [event.id for event in whole]
    assert [json.loads(each["data"])["type"] for each in listed["events"]] == [event.body.type for event in whole]


def test_events_survive_a_restart(tmp_path: Path, with_goal: WithGoal) -> None:
    with start_server(tmp_path) as server, Client(server.url) as client:
        session = client.create_session(with_goal())
        taken = client.generate(session.id, ExerciseJob(kind="exercise"))
        whole = list(client.follow(taken.id))
    with start_server(tmp_path) as server, Client(server.url) as client:
        assert list(client.follow(taken.id)) == whole
        assert client.session(session.id).exercise is not None


def test_a_stream_can_be_asked_for_at_once(http: httpx.Client, client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    path = f"/v1/sessions/{session.id}/generations"
    with http.stream("POST", path, json={"kind": "exercise"}, headers=STREAM) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        where = answer.headers["location"]
        events = list(read_events(answer.iter_lines()))
    assert events[-1].body.type == "done"
    assert http.get(where).json()["status"] == "done"


def test_a_revision_without_a_model_leaves_the_text_and_says_why(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    client.wait(client.generate(session.id, SectionsJob(kind="sections")).id)
    before = client.session(session.id)
    wanted = RevisionJob(kind="revision", section=before.sections[0].section.id, action="Make it shorter")
    ended = client.wait(client.generate(session.id, wanted).id)
    assert ended.status is GenerationStatus.DONE
    assert ended.outcome is not None
    assert [(each.event, each.applied) for each in ended.outcome.results] == [("turned_down", False)]
    assert client.session(session.id) == before


def test_generations_are_listed_in_pages(
    client: Client, http: httpx.Client, with_goal: WithGoal, is_problem: IsProblem
) -> None:
    session = client.create_session(with_goal())
    ids = [client.wait(client.generate(session.id, RoleJob(kind="role")).id).id for _ in range(5)]
    first = client.generations(session.id, limit=2)
    assert [each.id for each in first.generations] == ids[:2]
    assert first.next_after == ids[1]
    last = client.generations(session.id, after=ids[3], limit=1)
    assert ([each.id for each in last.generations], last.next_after) == (ids[4:], None)
    assert client.generations(session.id, limit=5).next_after is None
    assert client.generations(session.id, after=ids[4]).generations == ()
    for page in (1, 2, 5, 500):
        assert [each.id for each in client.all_generations(session.id, page=page)] == ids
    path = f"/v1/sessions/{session.id}/generations"
    for limit in (0, 501):
        is_problem(http.get(path, params={"limit": limit}), 422, "invalid-request")
    is_problem(http.get(path, params={"after": "five"}), 422, "invalid-request")
    other = client.create_session(with_goal())
    is_problem(http.get(f"/v1/sessions/{other.id}/generations?after={ids[0]}"), 404, "generation-not-found")


def test_cancelling_is_idempotent_and_keeps_what_has_ended(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    taken = client.generate(session.id, ExerciseJob(kind="exercise"))
    done = client.wait(taken.id)
    for _ in range(2):
        again = client.cancel(taken.id)
        assert (again.status, again.outcome) == (GenerationStatus.DONE, done.outcome)


@pytest.fixture
def stalling(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server whose model begins to answer and then says nothing more."""
    with fault_server(Scenario.STALL) as faults:
        models = remote_model(faults.base_url)
        limits = {"generations_at_once": 1, "generations_per_session": 2, "generations_waiting": 3}
        with start_server(tmp_path / "stalling", models=models, limits=limits) as server:
            yield server


def _drafting(client: Client, session_id: str) -> str:
    """Have a section written by a model that stalls, and return the generation once the model was asked."""
    client.wait(client.generate(session_id, ExerciseJob(kind="exercise")).id)
    exercise = client.session(session_id).exercise
    assert exercise is not None
    taken = client.generate(session_id, SectionJob(kind="section", section=exercise.sample.sections[0].id))
    for event in client.follow(taken.id):
        if event.body.type == "attempt":
            return taken.id
    raise AssertionError("no model was asked")


def test_a_cancelled_generation_ends_at_once(stalling: ServerProcess, with_goal: WithGoal) -> None:
    with Client(stalling.url) as client:
        session = client.create_session(with_goal())
        drafting = _drafting(client, session.id)
        assert client.cancel(drafting).status is GenerationStatus.CANCELLED
        assert client.cancel(drafting).status is GenerationStatus.CANCELLED
        assert [event.body.type for event in client.follow(drafting)][-1] == "done"
        assert client.session(session.id).sections == ()


def test_hanging_up_stops_the_work_within_a_fifth_of_a_second(
    tmp_path: Path, with_goal: WithGoal, eventually: Eventually
) -> None:
    with fault_server(Scenario.STALL) as faults:
        models = remote_model(faults.base_url)
        with start_server(tmp_path, models=models) as server, Client(server.url) as client:
            session = client.create_session(with_goal())
            client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
            exercise = client.session(session.id).exercise
            assert exercise is not None
            wanted = SectionJob(kind="section", section=exercise.sample.sections[0].id)
            for event in client.draft(session.id, wanted):
                if event.body.type == "attempt":
                    break
            # What is left of the stream is closed with the generator.
            eventually(lambda: faults.counts.in_flight == 0, within_s=5.0)
            (last,) = client.generations(session.id).generations[-1:]
            assert client.wait(last.id).status is GenerationStatus.CANCELLED


def test_one_who_waits_is_told_their_place_and_can_leave(stalling: ServerProcess, with_goal: WithGoal) -> None:
    with Client(stalling.url) as client:
        first, second, third = (client.create_session(with_goal()) for _ in range(3))
        drafting = _drafting(client, first.id)
        waiting = [client.generate(each.id, ExerciseJob(kind="exercise")) for each in (second, third)]
        told = (event.body for event in client.follow(waiting[1].id))
        assert next(told) == QueuedEvent(position=2)
        assert client.cancel(waiting[0].id).status is GenerationStatus.CANCELLED
        client.cancel(drafting)
        assert client.wait(waiting[1].id).status is GenerationStatus.DONE


def test_more_than_may_wait_is_refused_with_when_to_come_back(stalling: ServerProcess, with_goal: WithGoal) -> None:
    with Client(stalling.url) as client:
        session = client.create_session(with_goal())
        drafting = _drafting(client, session.id)
        for _ in range(2):
            client.generate(session.id, ExerciseJob(kind="exercise"))
        with pytest.raises(ServiceProblemError) as refused:
            client.generate(session.id, ExerciseJob(kind="exercise"))
        assert refused.value.problem.type.endswith("session-busy")
        client.generate(client.create_session(with_goal()).id, ExerciseJob(kind="exercise"))
        with pytest.raises(ServiceProblemError) as full:
            client.generate(client.create_session(with_goal()).id, ExerciseJob(kind="exercise"))
        assert full.value.problem.type.endswith("busy")
        assert int(full.value.headers["retry-after"]) > 0
        client.cancel(drafting)


def test_a_result_for_what_is_no_longer_there_is_offered_and_not_put_in(tmp_path: Path, with_goal: WithGoal) -> None:
    with fault_server(Scenario.GOOD, pace=Pace(first_token_s=2.0)) as faults:
        models = remote_model(faults.base_url)
        with start_server(tmp_path, models=models) as server, Client(server.url) as client:
            session = client.create_session(with_goal())
            drafting = _drafting(client, session.id)
            goal = GoalInput(target_role="Nurse educator", background="Ward nurse for nine years in a city hospital.")
            changed = client.change(client.session(session.id), GoalChange(goal=goal))
            ended = client.wait(drafting)
            assert ended.outcome is not None
            (result,) = ended.outcome.results
            assert not result.applied
            assert result.text
            assert ended.outcome.problem is not None
            assert ended.outcome.problem.type.endswith("conflict")
            assert client.session(session.id) == changed


def test_what_the_person_changes_meanwhile_is_kept(tmp_path: Path, with_goal: WithGoal) -> None:
    with fault_server(Scenario.GOOD, pace=Pace(first_token_s=2.0)) as faults:
        models = remote_model(faults.base_url)
        with start_server(tmp_path, models=models) as server, Client(server.url) as client:
            session = client.create_session(with_goal())
            drafting = _drafting(client, session.id)
            client.change(client.session(session.id), NotesChange(notes=("a point that came late",)))
            assert client.wait(drafting).status is GenerationStatus.DONE
            after = client.session(session.id)
            assert after.goal is not None
            assert after.goal.notes == ("a point that came late",)
            assert [each.stale for each in after.sections] == [True]


def test_a_fallback_is_told_in_a_plain_sentence_and_the_template_writes(tmp_path: Path, with_goal: WithGoal) -> None:
    with fault_server(Scenario.SERVER_ERROR) as faults:
        models = remote_model(faults.base_url)
        with start_server(tmp_path, models=models) as server, Client(server.url) as client:
            session = client.create_session(with_goal())
            client.wait(client.generate(session.id, ExerciseJob(kind="exercise")).id)
            ended = client.generate(session.id, SectionsJob(kind="sections"))
            told = [event.body for event in client.follow(ended.id)]
            fallbacks = [body for body in told if isinstance(body, FallbackEvent)]
            assert fallbacks
            assert all(body.user_message.endswith(".") and body.to == "the template" for body in fallbacks)
            outcome = client.generation(ended.id).outcome
            assert outcome is not None
            assert outcome.attempts
            assert {each.section.origin.writer.value for each in client.session(session.id).sections} == {"template"}


def patiently(call: Callable[[], Answer]) -> Answer:
    """Ask as the API tells callers to: where the service is busy, again once the time it names is over."""
    while True:
        try:
            return call()
        except ServiceProblemError as error:
            if error.problem.status != 503:
                raise
            time.sleep(int(error.headers["retry-after"]))


def test_fifty_sessions_at_once_each_get_their_own_token_back(server: ServerProcess, with_goal: WithGoal) -> None:
    tokens = {number: f"zeppelin{number:03d}quartz" for number in range(50)}
    found: dict[int, bool] = {}

    def draft(number: int) -> None:
        with Client(server.url, timeout_s=300.0) as mine:
            goal = with_goal(f"I would call the plan {tokens[number]} on the board")
            session = patiently(lambda: mine.create_session(goal))
            taken = patiently(lambda: mine.generate(session.id, SectionsJob(kind="sections")))
            ended = patiently(lambda: mine.wait(taken.id))
            sections = patiently(lambda: mine.session(session.id)).sections
            text = "\n".join(each.section.markdown for each in sections)
            others = [token for other, token in tokens.items() if other != number and token in text]
            found[number] = ended.status is GenerationStatus.DONE and tokens[number] in text and not others

    threads = [threading.Thread(target=draft, args=(number,)) for number in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(tokens, True)
