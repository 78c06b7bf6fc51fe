"""One wish for all sections: a proposal each, told one by one, and nothing that the person does meanwhile is lost."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proofkit_core.errors import FailureKind
from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import ServerProcess, start_server
from proofkit_serve.errors import EventRefusedError
from proofkit_serve.faults import FaultServer, Pace, Scenario, fault_server
from proofkit_serve.faults.asked import Asked
from proofkit_serve.jobs.possible import require_possible
from proofkit_serve.sessions.document import Document, Proposal
from proofkit_serve.sessions.reducers import PROPOSALS_CAP
from proofkit_serve.store.records import GenerationStatus
from proofkit_serve.wire.answers import GenerationView
from proofkit_serve.wire.events import ResultEvent
from proofkit_serve.wire.requests import (
    GoalChange,
    GoalInput,
    ModelChange,
    RevisionJob,
    RevisionsJob,
    SectionChange,
    SectionInput,
    SectionsJob,
    SessionInput,
)

WithGoal = Callable[..., SessionInput]
WISH = RevisionsJob(kind="revisions", action="Say it to someone from outside")
ADDED = "Nothing of this counts before somebody has read it aloud in the yard."
REFUSED = "The gate stays shut until the count is done."
TYPED = "I would rather ask the night shift before anything moves."
_DRAFT = re.compile(r"<draft>\n(.*?)\n</draft>", re.DOTALL)


def revised(asked: Asked) -> str:
    """Return the text with a sentence more; a text with one certain sentence gets an answer that nobody can use."""
    found = _DRAFT.search(asked.prompt)
    draft = found[1] if found else ""
    return "Yes." if REFUSED in draft else f"{draft}\n\n{ADDED}"


@pytest.fixture
def model() -> Iterator[FaultServer]:
    with fault_server(pace=Pace(slow_s=120.0), answer=revised) as running:
        yield running


@pytest.fixture
def slow_model() -> Iterator[FaultServer]:
    """Begins each answer late enough for the person to type something meanwhile."""
    with fault_server(pace=Pace(first_token_s=1.5), answer=revised) as running:
        yield running


def models_at(*base_urls: str) -> str:
    far = "".join(
        f'[[model]]\nid = "far"\nbackend = "openai_compatible"\nprompts = "editable"\nallow_unknown = true\n'
        f'model = "fault"\nbase_urls = ["{url}"]\n'
        "limits = { connect_s = 60.0, queue_s = 60.0, first_token_s = 60.0, idle_s = 60.0, total_s = 60.0 }\n\n"
        for url in base_urls
    )
    return f'{far}[[model]]\nid = "template"\nbackend = "template"\n'


@pytest.fixture
def with_model(tmp_path: Path, model: FaultServer) -> Iterator[ServerProcess]:
    with start_server(tmp_path, models=models_at(model.base_url)) as server:
        yield server


@pytest.fixture
def with_slow_model(tmp_path: Path, slow_model: FaultServer) -> Iterator[ServerProcess]:
    with start_server(tmp_path, models=models_at(slow_model.base_url)) as server:
        yield server


def written(client: Client, wanted: SessionInput) -> Document:
    """Return a session whose sections the template wrote, and whose next texts a model writes."""
    session = client.create_session(wanted.model_copy(update={"model": "template"}))
    client.wait(client.generate(session.id, SectionsJob(kind="sections")).id)
    return client.change(client.session(session.id), ModelChange(model="far"))


def edited(client: Client, session_id: str, section_id: str, sentence: str) -> Document:
    document = client.session(session_id)
    (text,) = (each.section.markdown for each in document.sections if each.section.id == section_id)
    typed = SectionInput(id=section_id, markdown=f"{text}\n\n{sentence}")
    return client.change(document, SectionChange(section=typed))


def ids(document: Document) -> list[str]:
    return [each.section.id for each in document.sections]


def texts(document: Document) -> dict[str, str]:
    return {each.section.id: each.section.markdown for each in document.sections}


def results_of(ended: GenerationView) -> list[ResultEvent]:
    assert ended.outcome is not None
    return list(ended.outcome.results)


def attempt_at(client: Client, generation_id: str, section_id: str) -> None:
    """Wait until a model is asked for a section."""
    for event in client.follow(generation_id):
        if event.body.type == "attempt" and event.body.part == f"section.{section_id}":
            return
    raise AssertionError(f"no model was asked for {section_id}")


def test_without_a_model_every_text_stays_and_each_section_says_why(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    client.wait(client.generate(session.id, SectionsJob(kind="sections")).id)
    before = client.session(session.id)
    ended = client.wait(client.generate(session.id, WISH).id)
    assert ended.status is GenerationStatus.DONE
    told = results_of(ended)
    assert [(each.part, each.event, each.applied) for each in told] == [
        (f"section.{name}", "turned_down", False) for name in ids(before)
    ]
    assert all(each.message.startswith("The text stays as it was, because ") for each in told)
    assert client.session(session.id) == before


def test_before_there_is_any_text_there_is_nothing_to_propose(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    with pytest.raises(ServiceProblemError, match="Have the sections written first") as refused:
        client.generate(session.id, WISH)
    assert refused.value.problem.status == 409


def test_each_section_gets_one_proposal_in_order_and_keeps_its_text(
    with_model: ServerProcess, with_goal: WithGoal
) -> None:
    with Client(with_model.url) as client:
        before = written(client, with_goal())
        taken = client.generate(before.id, WISH)
        events = [event.body for event in client.follow(taken.id)]
        parts = [f"section.{name}" for name in ids(before)]
        results = [body for body in events if isinstance(body, ResultEvent)]
        assert [(each.part, each.event, each.applied) for each in results] == [
            (part, "revision_proposed", True) for part in parts
        ]
        assert list(dict.fromkeys(body.part for body in events if body.type == "delta")) == parts
        after = client.session(before.id)
        assert after.sections == before.sections
        assert [each.section.id for each in after.proposals] == ids(before)
        assert {each.action for each in after.proposals} == {WISH.action}
        assert len({each.id for each in after.proposals}) == len(after.proposals)
        assert all(each.section.markdown.endswith(ADDED) for each in after.proposals)


def test_each_proposal_is_decided_alone(with_model: ServerProcess, with_goal: WithGoal) -> None:
    with Client(with_model.url) as client:
        before = written(client, with_goal())
        client.wait(client.generate(before.id, WISH).id)
        document = client.session(before.id)
        first, second, *rest = document.proposals
        document = client.accept(document, first.id)
        document = client.reject(document, second.id)
        assert [each.id for each in document.proposals] == [each.id for each in rest]
        changed = {name for name, text in texts(document).items() if text != texts(before)[name]}
        assert changed == {first.section.id}
        assert texts(document)[first.section.id] == first.section.markdown
        with pytest.raises(ServiceProblemError):
            client.accept(document, second.id)
        for each in rest:
            document = client.accept(document, each.id)
        assert document.proposals == ()
        assert texts(document)[second.section.id] == texts(before)[second.section.id]


def test_a_section_whose_proposal_is_turned_down_stays_and_the_others_get_theirs(
    with_model: ServerProcess, with_goal: WithGoal
) -> None:
    with Client(with_model.url) as client:
        names = ids(written_ := written(client, with_goal()))
        before = edited(client, written_.id, names[1], REFUSED)
        ended = client.wait(client.generate(before.id, WISH).id)
        assert ended.status is GenerationStatus.DONE
        told = {each.part: each for each in results_of(ended)}
        assert list(told) == [f"section.{name}" for name in names]
        (refused,) = (each for each in told.values() if not each.applied)
        assert (refused.part, refused.event) == (f"section.{names[1]}", "turned_down")
        assert refused.message.startswith("The text stays as it was, because ")
        assert refused.message.endswith(".")
        assert ended.outcome is not None
        assert {each.reason for each in ended.outcome.attempts} == {FailureKind.EMPTY.value}
        after = client.session(before.id)
        assert after.sections == before.sections
        assert [each.section.id for each in after.proposals] == [name for name in names if name != names[1]]


def test_what_the_person_types_meanwhile_is_what_the_later_proposals_are_about(
    with_slow_model: ServerProcess, with_goal: WithGoal
) -> None:
    with Client(with_slow_model.url) as client:
        before = written(client, with_goal())
        first, *_, last = ids(before)
        taken = client.generate(before.id, WISH)
        attempt_at(client, taken.id, first)
        for name in (last, first):
            typed = edited(client, before.id, name, TYPED)
        assert client.wait(taken.id).status is GenerationStatus.DONE
        after = client.session(before.id)
        assert after.sections == typed.sections
        proposed = {each.section.id: each.section.markdown for each in after.proposals}
        assert list(proposed) == ids(before)
        assert [each.section.id for each in after.proposals if each.outdated] == [first]
        assert TYPED in proposed[last]  # asked for after it was typed
        assert TYPED not in proposed[first]  # asked for before
        document = client.reject(after, after.proposals[0].id)
        assert TYPED in texts(document)[first]


def test_another_goal_meanwhile_ends_the_rest_and_puts_nothing_in(
    with_slow_model: ServerProcess, with_goal: WithGoal
) -> None:
    with Client(with_slow_model.url) as client:
        before = written(client, with_goal())
        taken = client.generate(before.id, WISH)
        attempt_at(client, taken.id, ids(before)[0])
        goal = GoalInput(target_role="Nurse educator", background="Ward nurse for nine years in a city hospital.")
        changed = client.change(client.session(before.id), GoalChange(goal=goal))
        ended = client.wait(taken.id)
        assert ended.status is GenerationStatus.FAILED
        (result,) = results_of(ended)
        assert not result.applied
        assert result.text.endswith(ADDED)
        assert client.session(before.id) == changed


def test_stopping_halfway_keeps_the_proposals_that_were_made(
    with_model: ServerProcess, model: FaultServer, with_goal: WithGoal
) -> None:
    with Client(with_model.url) as client:
        before = written(client, with_goal())
        model.then(Scenario.GOOD, Scenario.GOOD, Scenario.STALL)
        taken = client.generate(before.id, WISH)
        attempt_at(client, taken.id, ids(before)[2])
        ended = client.cancel(taken.id)
        assert ended.status is GenerationStatus.CANCELLED
        assert [each.event for each in results_of(client.generation(taken.id))] == ["revision_proposed"] * 2
        after = client.session(before.id)
        assert after.sections == before.sections
        assert [each.section.id for each in after.proposals] == ids(before)[:2]
        assert len(client.accept(after, after.proposals[1].id).proposals) == 1


def test_more_proposals_than_may_wait_are_refused_before_a_model_is_asked(client: Client, with_goal: WithGoal) -> None:
    session = client.create_session(with_goal())
    client.wait(client.generate(session.id, SectionsJob(kind="sections")).id)
    document = client.session(session.id)

    def waiting(count: int) -> Document:
        section = document.sections[0]
        proposals = tuple(
            Proposal(
                id=f"prop_{number:024d}",
                section=section.section,
                action=WISH.action,
                made_from=section.made_from,
                replaces="0" * 64,
            )
            for number in range(count)
        )
        return document.model_copy(update={"proposals": proposals})

    room = PROPOSALS_CAP - len(document.sections)
    require_possible(waiting(room), WISH)
    with pytest.raises(EventRefusedError, match="Accept or reject some"):
        require_possible(waiting(room + 1), WISH)
    one = RevisionJob(kind="revision", section=document.sections[0].section.id, action="Make it shorter")
    require_possible(waiting(PROPOSALS_CAP - 1), one)
    with pytest.raises(EventRefusedError, match="Accept or reject some"):
        require_possible(waiting(PROPOSALS_CAP), one)
