"""A person's walk through a session over HTTP, any way round: the server and a plain model of it always agree."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from proofkit_serve.client import Client, ServiceProblemError
from proofkit_serve.client.process import ServerProcess
from proofkit_serve.sessions import Document
from proofkit_serve.wire.requests import (
    ExerciseJob,
    GoalChange,
    GoalInput,
    ModelChange,
    NotesChange,
    PacketJob,
    SectionsJob,
    SeedChange,
)

GOALS = [
    GoalInput(target_role="Project manager", background="Shift lead in a parcel depot for six years."),
    GoalInput(target_role="Nurse educator", background="Ward nurse for nine years in a city hospital."),
]
POINTS = ["nobody opens the app at night", "the label printer dies when it rains", "I would cut the scope first"]


class Walk(RuleBasedStateMachine):
    """Every answer is kept: the session is exactly the last one, and every revision is there to go back to."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.client = Client(self.url, timeout_s=120.0)
        self.past: list[Document] = []

    @initialize()
    def begin(self) -> None:
        self.past = [self.client.create_session()]

    @property
    def now(self) -> Document:
        return self.past[-1]

    def took(self, document: Document) -> None:
        assert document.revision == self.now.revision + 1
        assert self.client.session(document.id) == document
        self.past.append(document)

    @rule(goal=st.sampled_from(GOALS))
    def set_goal(self, goal: GoalInput) -> None:
        self.took(self.client.change(self.now, GoalChange(goal=goal)))
        assert (self.now.role, self.now.exercise, self.now.sections, self.now.packet) == (None, None, (), None)

    @rule(demo=st.sampled_from(["career-changer", "nurse-educator", "long-tail"]))
    def import_demo(self, demo: str) -> None:
        model, language = self.now.model_choice, self.now.language
        self.took(self.client.import_demo(self.now, demo))
        assert (self.now.demo, self.now.model_choice, self.now.language) == (demo, model, language)
        assert self.now.sections == ()

    @rule()
    def start_over(self) -> None:
        model = self.now.model_choice
        self.took(self.client.reset(self.now))
        assert self.now.goal is None
        assert self.now.model_choice == model

    @rule(model=st.sampled_from(["", "template"]))
    def choose_model(self, model: str) -> None:
        before = self.now
        self.took(self.client.change(before, ModelChange(model=model)))
        same = {"model_choice": before.model_choice, "revision": before.revision}
        assert self.now.model_copy(update=same) == before

    @rule(seed=st.integers(0, 3))
    def choose_seed(self, seed: int) -> None:
        self.took(self.client.change(self.now, SeedChange(seed=seed)))
        assert self.now.seed == seed

    @rule(points=st.lists(st.sampled_from(POINTS), unique=True))
    @precondition(lambda self: self.now.goal is not None)
    def set_notes(self, points: list[str]) -> None:
        texts = [each.section.markdown for each in self.now.sections]
        self.took(self.client.change(self.now, NotesChange(notes=tuple(points))))
        assert self.now.goal is not None
        assert self.now.goal.notes == tuple(points)
        assert [each.section.markdown for each in self.now.sections] == texts

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        to = data.draw(st.integers(0, self.now.revision))
        before = self.past[to]
        self.took(self.client.undo(self.now, to))
        assert self.now.model_copy(update={"revision": before.revision}) == before

    @rule(data=st.data())
    @precondition(lambda self: self.now.revision > 0)
    def come_too_late(self, data: st.DataObject) -> None:
        seen = self.past[data.draw(st.integers(0, self.now.revision - 1))]
        with pytest.raises(ServiceProblemError) as refused:
            self.client.change(seen, SeedChange(seed=9))
        assert refused.value.problem.status == 412
        assert self.client.session(self.now.id) == self.now

    @rule(job=st.sampled_from([ExerciseJob(kind="exercise"), SectionsJob(kind="sections"), PacketJob(kind="packet")]))
    @precondition(lambda self: self.now.goal is not None)
    def make(self, job: ExerciseJob | SectionsJob | PacketJob) -> None:
        ended = self.client.wait(self.client.generate(self.now.id, job).id)
        assert ended.status.value == "done", ended
        assert ended.outcome is not None
        assert all(result.applied for result in ended.outcome.results)
        made = self.client.session(self.now.id)
        first = self.now.revision + 1
        self.past.extend(self.client.session(made.id, revision=each) for each in range(first, made.revision + 1))
        assert self.now == made
        assert made.exercise is not None
        assert isinstance(job, ExerciseJob) or made.sections
        assert not isinstance(job, PacketJob) or made.packet is not None

    @rule()
    @precondition(lambda self: self.now.goal is None)
    def ask_too_early(self) -> None:
        with pytest.raises(ServiceProblemError) as refused:
            self.client.generate(self.now.id, PacketJob(kind="packet"))
        assert refused.value.problem.status == 409

    def teardown(self) -> None:
        self.client.close()


@pytest.mark.slow
def test_any_walk_through_a_session_ends_where_it_should(server: ServerProcess) -> None:
    machine = type("WalkHere", (Walk,), {"url": server.url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
