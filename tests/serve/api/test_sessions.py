"""Sessions over HTTP: made, read, changed one thing at a time, undone, deleted."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from proofkit_serve.api.examples import CHANGE_EXAMPLES
from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import ServerProcess
from proofkit_serve.sessions import Document
from proofkit_serve.wire.requests import (
    GoalChange,
    GoalInput,
    ModelChange,
    NotesChange,
    PacketJob,
    PostChange,
    PostInput,
    RoleChange,
    SectionChange,
    SectionInput,
    SeedChange,
    SessionInput,
    TravelJob,
)

IsProblem = Callable[[httpx.Response, int, str], dict[str, Any]]
WithGoal = Callable[..., SessionInput]


def test_a_session_is_there_as_it_was_made(client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal("the printer dies when it rains"))
    assert client.session(made.id) == made
    assert made.goal is not None
    assert made.goal.notes == ("the printer dies when it rains",)
    assert made.id in {each.id for each in client.sessions().sessions}


def test_a_new_session_tells_where_it_is(http: httpx.Client) -> None:
    answer = http.post("/v1/sessions", json={})
    assert answer.status_code == 201
    assert http.get(answer.headers["location"]).json() == answer.json()


def test_the_entity_tag_is_the_revision(http: httpx.Client, client: Client) -> None:
    session = client.create_session()
    path = f"/v1/sessions/{session.id}"
    assert http.get(path).headers["etag"] == '"0"'
    assert http.get(path, headers={"if-none-match": '"0"'}).status_code == 304
    assert http.get(path, headers={"if-none-match": '"1"'}).status_code == 200


def test_what_is_pasted_is_cleaned_and_told(client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal("plan\u200bning", "none"))
    assert made.goal is not None
    assert made.goal.notes == ("planning",)
    assert len(made.notices) == 2


def test_a_change_is_refused_for_whoever_saw_an_older_revision(client: Client) -> None:
    seen = client.create_session()
    assert client.change(seen, SeedChange(seed=5)).seed == 5
    with pytest.raises(ServiceProblemError) as refused:
        client.change(seen, SeedChange(seed=6))
    assert refused.value.problem.status == 412
    assert refused.value.headers["etag"] == '"1"'
    assert client.session(seen.id).seed == 5


def _race(url: str, seen: Document, seeds: tuple[int, int]) -> list[int]:
    gate = threading.Barrier(len(seeds))
    taken: list[int] = []
    refused: list[int] = []

    def change(seed: int) -> None:
        with Client(url) as mine:
            gate.wait()
            try:
                taken.append(mine.change(seen, SeedChange(seed=seed)).seed)
            except ServiceProblemError as error:
                refused.append(error.problem.status)

    threads = [threading.Thread(target=change, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [412]
    return taken


def test_of_two_who_change_at_once_exactly_one_is_taken(server: ServerProcess, client: Client) -> None:
    for number in range(1, 20, 2):
        seen = client.create_session()
        taken = _race(server.url, seen, (number, number + 1))
        assert len(taken) == 1
        assert client.session(seen.id).seed == taken[0]


def test_a_goal_clears_what_was_made_and_a_model_changes_nothing_else(client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal())
    client.wait(client.generate(made.id, PacketJob(kind="packet")).id)
    full = client.session(made.id)
    assert full.packet is not None

    switched = client.change(full, ModelChange(model="template"))
    assert switched.model_copy(update={"model_choice": "", "revision": full.revision}) == full

    goal = GoalInput(target_role="Nurse educator", background="Ward nurse for nine years in a city hospital.")
    other = client.change(switched, GoalChange(goal=goal))
    assert (other.role, other.exercise, other.sections, other.travel, other.packet) == (None, None, (), None, None)
    assert other.model_choice == "template"


def test_notes_mark_sections_as_stale_and_delete_no_text(client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal())
    client.wait(client.generate(made.id, PacketJob(kind="packet")).id)
    full = client.session(made.id)
    noted = client.change(full, NotesChange(notes=("another point that nobody heard before",)))
    assert all(each.stale for each in noted.sections)
    assert [each.section.markdown for each in noted.sections] == [each.section.markdown for each in full.sections]
    assert (noted.travel, noted.packet) == (None, None)


def test_a_person_edits_a_section_within_the_rules(client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal())
    client.wait(client.generate(made.id, PacketJob(kind="packet")).id)
    full = client.session(made.id)
    section = full.sections[0].section
    text = section.markdown.split("\n\n")[0]
    edited = client.change(full, SectionChange(section=SectionInput(id=section.id, markdown=text)))
    assert edited.sections[0].edited_by_person
    assert edited.sections[0].section.markdown == text
    assert edited.sections[0].section.origin.writer.value == "person"

    claim = "I led a team of 4,000 people at a large bank."
    changed = client.change(edited, SectionChange(section=SectionInput(id=section.id, markdown=claim)))
    assert changed.sections[0].section.markdown != claim
    with pytest.raises(ServiceProblemError) as refused:
        client.change(changed, SectionChange(section=SectionInput(id=section.id, markdown="The case says so [S99].")))
    assert refused.value.problem.type == "urn:proofkit:problem:invalid-request"


OWN = "I would walk round the yard with whoever leaves last, and only then put a name to each of these lines."


def _finished(client: Client, with_goal: WithGoal) -> Document:
    made = client.create_session(with_goal())
    client.wait(client.generate(made.id, PacketJob(kind="packet")).id)
    return client.session(made.id)


def _post(text: str) -> PostChange:
    return PostChange(post=PostInput(text=text))


def test_a_person_edits_the_post_and_the_packet_stays_finished_with_it(client: Client, with_goal: WithGoal) -> None:
    full = _finished(client, with_goal)
    assert full.packet is not None
    text = f"{full.packet.post.text}\n\n{OWN}"
    edited = client.change(full, _post(text))
    assert edited.revision == full.revision + 1
    assert edited.packet is not None
    assert edited.packet.post.text == text
    assert edited.packet.post.origin.writer.value == "person"
    assert client.history(full.id, after=full.revision).events[0].type == "post_edited"
    assert client.export(full.id, "linkedin-post.txt").decode().strip() == text
    back = client.undo(edited, full.revision)
    assert back.model_copy(update={"revision": full.revision}) == full


def test_a_post_leaves_only_with_its_disclosure_and_within_the_rules(client: Client, with_goal: WithGoal) -> None:
    full = _finished(client, with_goal)
    assert full.packet is not None
    bare = client.change(full, _post(OWN))
    assert bare.packet is not None
    assert bare.packet.post.text == (
        f"{OWN}\n\nThis is a practice piece: {full.packet.challenge.company} is a fictional company."
    )
    with pytest.raises(ServiceProblemError) as refused:
        client.change(bare, _post(f"{OWN} I was head of operations at Contoso Freight for three years."))
    assert refused.value.problem.type == "urn:proofkit:problem:export-refused"
    assert client.session(full.id) == bare
    with pytest.raises(ServiceProblemError) as cited:
        client.change(bare, _post(f"{OWN} The case says so [S99]."))
    assert cited.value.problem.type == "urn:proofkit:problem:invalid-request"


def test_a_post_is_refused_for_whoever_saw_an_older_revision(client: Client, with_goal: WithGoal) -> None:
    full = _finished(client, with_goal)
    first = client.change(full, _post(OWN))
    with pytest.raises(ServiceProblemError) as refused:
        client.change(full, _post(OWN.replace("yard", "loading bay")))
    assert refused.value.problem.status == 412
    assert client.session(full.id) == first


def test_no_generation_takes_the_place_of_a_persons_post(client: Client, with_goal: WithGoal) -> None:
    own = client.change(_finished(client, with_goal), _post(OWN))
    client.wait(client.generate(own.id, TravelJob(kind="travel")).id)
    client.wait(client.generate(own.id, PacketJob(kind="packet")).id)
    again = client.session(own.id)
    assert own.own_post is not None
    assert again.own_post == own.own_post
    assert again.packet is not None
    assert again.packet.post == own.own_post.post
    noted = client.change(again, NotesChange(notes=("another point that nobody heard before",)))
    assert noted.own_post is not None
    assert noted.own_post.stale
    client.wait(client.generate(own.id, PacketJob(kind="packet")).id)
    third = client.session(own.id)
    assert third.packet is not None
    assert third.packet.post == own.own_post.post


def test_an_empty_post_puts_the_persons_own_away(client: Client, with_goal: WithGoal) -> None:
    full = _finished(client, with_goal)
    away = client.change(client.change(full, _post(OWN)), _post(""))
    assert (away.own_post, away.travel, away.packet) == (None, None, None)
    client.wait(client.generate(full.id, PacketJob(kind="packet")).id)
    assert client.session(full.id).packet == full.packet


def test_there_is_no_post_to_change_before_the_packet(client: Client, with_goal: WithGoal) -> None:
    with pytest.raises(ServiceProblemError) as refused:
        client.change(client.create_session(with_goal()), _post(OWN))
    assert refused.value.problem.status == 409


def test_every_revision_can_be_undone_to(client: Client, with_goal: WithGoal) -> None:
    first = client.create_session(with_goal())
    second = client.change(first, SeedChange(seed=4))
    third = client.reset(second)
    assert third.goal is None
    back = client.undo(third, second.revision)
    assert back.model_copy(update={"revision": second.revision}) == second
    assert client.undo(back, third.revision).goal is None
    types = [each.type for each in client.history(first.id).events]
    assert types == ["goal_set", "seed_chosen", "started_over", "undone", "undone"]


def test_a_session_with_a_goal_and_a_seed_is_made_at_once(client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal().model_copy(update={"seed": 7}))
    assert (made.revision, made.seed) == (2, 7)
    (summary,) = (each for each in client.sessions().sessions if each.id == made.id)
    steps = client.history(made.id).events
    assert [each.type for each in steps] == ["goal_set", "seed_chosen"]
    assert {each.at for each in steps} == {summary.created_at}  # one moment: there was one write


def test_the_history_is_read_in_pages(http: httpx.Client, client: Client, is_problem: IsProblem) -> None:
    made = client.create_session()
    for seed in range(1, 8):
        made = client.change(made, SeedChange(seed=seed))
    first = client.history(made.id, limit=3)
    assert ([each.revision for each in first.events], first.next_after) == ([1, 2, 3], 3)
    last = client.history(made.id, after=6, limit=1)
    assert ([each.revision for each in last.events], last.next_after) == ([7], None)
    assert client.history(made.id, limit=7).next_after is None
    assert client.history(made.id, after=7).events == ()
    assert [each.revision for each in client.whole_history(made.id, page=2)] == [*range(1, 8)]
    for limit in (0, 501):
        answer = http.get(f"/v1/sessions/{made.id}/history", params={"limit": limit})
        is_problem(answer, 422, "invalid-request")


def test_no_page_of_a_history_is_longer_than_a_hundred_steps_unless_asked_for(client: Client) -> None:
    made = client.create_session()
    for seed in range(1, 104):
        made = client.change(made, SeedChange(seed=seed))
    page = client.history(made.id)
    assert (len(page.events), page.next_after) == (100, 100)
    assert len([*client.whole_history(made.id)]) == 103


def test_each_demo_can_be_imported(client: Client) -> None:
    for demo in client.demos().demos:
        session = client.import_demo(client.create_session(), demo.id)
        assert session.demo == demo.id
        assert session.goal is not None
        assert session.goal.target_role == demo.target_role


def test_the_demos_are_the_examples(root: Path) -> None:
    folder = root / "packages/proofkit-serve/src/proofkit_serve/api/demos"
    demos = {path.name: path.read_bytes() for path in folder.glob("*.toml")}
    assert demos == {path.name: path.read_bytes() for path in (root / "examples").glob("*.toml")}


def test_a_role_of_the_catalogue_can_be_chosen(client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal())
    chosen = client.change(made, RoleChange(role=client.roles().roles[0].id))
    assert chosen.role is not None
    assert chosen.role.choice.why == "You chose this role."


def test_a_deleted_session_is_gone(client: Client) -> None:
    made = client.create_session()
    assert client.delete_session(made.id).counted.sessions == 1
    with pytest.raises(ServiceProblemError) as gone:
        client.session(made.id)
    assert gone.value.problem.status == 404


def test_the_examples_of_changes_work(http: httpx.Client, client: Client, with_goal: WithGoal) -> None:
    made = client.create_session(with_goal())
    client.wait(client.generate(made.id, PacketJob(kind="packet")).id)
    section = client.session(made.id).sections[0].section.id
    for name, example in CHANGE_EXAMPLES.items():
        body = example["value"]
        if name == "section":
            body = {"section": {**body["section"], "id": section}}
        answer = http.patch(f"/v1/sessions/{made.id}", json=body, headers={"if-match": "*"})
        assert answer.status_code == 200, (name, answer.text)
        client.undo(client.session(made.id), client.session(made.id).revision - 1)
