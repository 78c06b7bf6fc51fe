"""Any order of events, drawn by hypothesis: whatever happens, the same events give the same document."""

from functools import cache

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from proofkit_core import steps
from proofkit_core.brief import Brief
from proofkit_core.making import make_packet
from proofkit_core.packet import (
    Bullets,
    Origin,
    Packet,
    Post,
    RoleChoice,
    Section,
    TalkingPoint,
    TalkingPoints,
    Writer,
)
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.samples.records import SectionRecord
from proofkit_core.steps import Travel
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract
from proofkit_serve.errors import SessionError
from proofkit_serve.sessions import (
    Document,
    SessionEvent,
    StoredExercise,
    StoredRole,
    brief_of,
    cleared_by,
    document_json,
    event_json,
    exercise_basis,
    history,
    new_document,
    new_id,
    packet_basis,
    post_digest,
    post_of,
    read_document,
    read_event,
    reduce,
    role_basis,
    section_basis,
    store_exercise,
    travel_basis,
)
from proofkit_serve.sessions import events as happened

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=3, max_size=40)
GOALS = st.builds(
    Brief,
    target_role=WORDS,
    background=WORDS,
    notes=st.lists(WORDS, max_size=2).map(tuple),
    answers=st.dictionaries(st.just("elsewhere.unasked"), WORDS, max_size=1),
)
ROLES = st.sampled_from(load_catalogue()[:3])
SEEDS = st.integers(0, 2)
WRITTEN = Origin(writer=Writer.TEMPLATE)
FIELDS = {name: field.default for name, field in Document.model_fields.items()}


@cache
def _exercise(goal: str, role: int, seed: int) -> StoredExercise:
    exercise = steps.set_exercise(Brief.model_validate_json(goal), load_catalogue()[role], seed=seed)
    return store_exercise(exercise.material, exercise.notices)


@cache
def _packet() -> Packet:
    brief = Brief(target_role="Project manager", background="I ran a ward for six years and kept its rota.")
    workshop = Workshop(contract=load_contract("v1"), index=build_index(load_catalogue()), product_version="0")
    return make_packet(brief, workshop)


def _stored(entry_number: int) -> StoredRole:
    entry = load_catalogue()[entry_number]
    choice = RoleChoice(
        title=entry.role.title, role_id=entry.role.id, family=entry.family, covered=True, why="Drawn.", score=1.0
    )
    return StoredRole(entry=entry, choice=choice)


def _section(record: SectionRecord, text: str) -> Section:
    return Section(
        id=record.id, title=record.title, view=record.view.value, goal=record.goal, markdown=text, origin=WRITTEN
    )


def _content(document: Document) -> Document:
    return document.model_copy(update={"revision": 0})


class Sessions(RuleBasedStateMachine):
    """One session; results may come late, made from any document that there was."""

    def __init__(self) -> None:
        super().__init__()
        self.documents = [new_document(new_id("s"), model_choice="first")]
        self.events: list[SessionEvent] = []

    @property
    def now(self) -> Document:
        return self.documents[-1]

    def happen(self, event: SessionEvent) -> Document:
        """Add an event, or nothing where it is refused with a sentence."""
        assert read_event(event_json(event)) == event
        try:
            after = reduce(self.now, event, past=self.documents.__getitem__)
        except SessionError:
            return self.now
        self.documents.append(after)
        self.events.append(event)
        return after

    def earlier(self, data: st.DataObject) -> Document:
        """A document that work may have started from: mostly the present one."""
        return data.draw(st.sampled_from([self.now, self.now, *self.documents]), "started from")

    def cleared(self, before: Document, **given: object) -> None:
        for name in cleared_by("goal") & set(FIELDS):
            assert getattr(self.now, name) == given.get(name, FIELDS[name])
        assert (self.now.model_choice, self.now.language) == (before.model_choice, before.language)

    @rule(goal=GOALS)
    def set_goal(self, goal: Brief) -> None:
        before = self.now
        self.happen(happened.GoalSet(goal=goal, notices=("Cut.",)))
        self.cleared(before, notices=("Cut.",))
        assert self.now.goal == goal

    @rule(goal=GOALS, seed=SEEDS)
    def import_demo(self, goal: Brief, seed: int) -> None:
        before = self.now
        self.happen(happened.DemoImported(demo="career-changer", goal=goal, seed=seed))
        self.cleared(before, demo="career-changer", seed=seed)

    @rule()
    def start_over(self) -> None:
        before = self.now
        self.happen(happened.StartedOver())
        self.cleared(before)
        assert self.now.goal is None

    @rule(model=st.sampled_from(["first", "second", ""]))
    def choose_model(self, model: str) -> None:
        before = self.now
        after = self.happen(happened.ModelChosen(model=model))
        assert after == before.model_copy(update={"model_choice": model, "revision": before.revision + 1})

    @rule(seed=SEEDS)
    def choose_seed(self, seed: int) -> None:
        self.happen(happened.SeedChosen(seed=seed))

    @rule(sample=st.sampled_from(["", "risk-register"]))
    def choose_sample(self, sample: str) -> None:
        self.happen(happened.SampleChosen(sample=sample))

    @rule(data=st.data(), number=st.integers(0, 2))
    def find_role(self, data: st.DataObject, number: int) -> None:
        self.happen(happened.RoleFound(role=_stored(number), basis=role_basis(self.earlier(data))))

    @rule(number=st.integers(0, 2))
    def choose_role(self, number: int) -> None:
        self.happen(happened.RoleChosen(role=_stored(number)))

    @precondition(lambda self: self.now.goal and self.now.role)
    @rule(data=st.data())
    def set_exercise(self, data: st.DataObject) -> None:
        started = self.earlier(data)
        if started.goal and started.role:
            number = next(i for i, entry in enumerate(load_catalogue()) if entry == started.role.entry)
            exercise = _exercise(brief_of(started).model_dump_json(), number, started.seed)
            self.happen(happened.ExerciseSet(exercise=exercise, basis=exercise_basis(started)))

    @precondition(lambda self: self.now.exercise)
    @rule(company=WORDS)
    def edit_challenge(self, company: str) -> None:
        assert self.now.exercise
        before = self.now
        challenge = self.now.exercise.challenge.model_copy(update={"company": company})
        self.happen(happened.ChallengeEdited(challenge=challenge))
        assert [item.section for item in self.now.sections] == [item.section for item in before.sections]

    @rule(notes=st.lists(WORDS, max_size=2).map(tuple))
    def set_notes(self, notes: tuple[str, ...]) -> None:
        before = self.now
        self.happen(happened.NotesSet(notes=notes))
        assert [item.section for item in self.now.sections] == [item.section for item in before.sections]

    @rule(question=st.sampled_from(["elsewhere.unasked", "recommendation.date"]), answer=TEXTS)
    def answer(self, question: str, answer: str) -> None:
        before = self.now
        self.happen(happened.AnswerGiven(question=question, answer=answer))
        assert [item.section for item in self.now.sections] == [item.section for item in before.sections]

    @precondition(lambda self: self.now.exercise)
    @rule(data=st.data(), text=TEXTS)
    def draft_section(self, data: st.DataObject, text: str) -> None:
        started, before = self.earlier(data), self.now
        if started.exercise:
            record = data.draw(st.sampled_from(started.exercise.sample.sections), "section")
            basis = section_basis(started, record.id)
            draft = happened.SectionDrafted(section=_section(record, text), basis=basis, proposal_id=new_id("prop"))
            self.happen(draft)
            typed = {
                item.section.id: item.section.markdown
                for item in before.sections
                if item.edited_by_person and basis != section_basis(before, record.id)
            }
            kept = {item.section.id: item.section.markdown for item in self.now.sections}
            text_then = [item for item in started.sections if item.section.id == record.id]
            text_now = [item for item in before.sections if item.section.id == record.id]
            if [item.section.markdown for item in text_then] != [item.section.markdown for item in text_now]:
                assert typed.items() <= kept.items()

    @precondition(lambda self: self.now.sections)
    @rule(data=st.data(), text=TEXTS)
    def edit_section(self, data: st.DataObject, text: str) -> None:
        item = data.draw(st.sampled_from(self.now.sections), "section")
        edited = item.section.model_copy(update={"markdown": text, "origin": Origin(writer=Writer.PERSON)})
        self.happen(happened.SectionEdited(section=edited))

    @precondition(lambda self: self.now.sections)
    @rule(data=st.data(), text=TEXTS)
    def propose(self, data: st.DataObject, text: str) -> None:
        started = self.earlier(data)
        if started.sections:
            item = data.draw(st.sampled_from(started.sections), "section")
            event = happened.RevisionProposed(
                proposal_id=new_id("prop"),
                section=item.section.model_copy(update={"markdown": text}),
                action="Make it shorter",
                basis=section_basis(started, item.section.id),
            )
            self.happen(event)

    @precondition(lambda self: self.now.proposals)
    @rule(data=st.data(), accepted=st.booleans())
    def decide(self, data: st.DataObject, accepted: bool) -> None:  # noqa: FBT001 - drawn
        chosen = data.draw(st.sampled_from(self.now.proposals), "proposal").id
        decided = happened.RevisionAccepted if accepted else happened.RevisionRejected
        self.happen(decided(proposal_id=chosen))
        assert chosen not in [item.id for item in self.now.proposals]

    @precondition(lambda self: self.now.sections)
    @rule(data=st.data(), text=WORDS)
    def write_travel(self, data: st.DataObject, text: str) -> None:
        started = self.earlier(data)
        travel = Travel(
            post=Post(text=text, origin=WRITTEN),
            bullets=Bullets(items=(text,), origin=WRITTEN),
            talking_points=TalkingPoints(items=(TalkingPoint(question=text, answer=text),), origin=WRITTEN),
        )
        kept = post_digest(started)
        if started.own_post:  # the rules looked at it once more, and changed it
            checked = started.own_post.post.model_copy(update={"text": f"{text}, checked"})
            travel = travel.model_copy(update={"post": checked})
        before = self.now
        after = self.happen(happened.TravelDrafted(travel=travel, basis=travel_basis(started), kept_post=kept))
        assert (after.own_post is None) == (before.own_post is None)
        if before.own_post and after.own_post:
            unchanged = kept == post_digest(before) and after.revision > before.revision
            assert after.own_post.post == (travel.post if unchanged else before.own_post.post)

    @precondition(lambda self: self.now.travel or self.now.own_post)
    @rule(data=st.data(), text=WORDS, with_packet=st.booleans())
    def edit_post(self, data: st.DataObject, text: str, with_packet: bool) -> None:  # noqa: FBT001 - drawn
        before = self.now
        post = Post(text=text, origin=Origin(writer=Writer.PERSON))
        basis = packet_basis(self.earlier(data))
        packet = _packet().model_copy(update={"post": post}) if with_packet else None
        after = self.happen(happened.PostEdited(post=post, packet=packet, basis=basis))
        assert after.sections == before.sections
        assert after.proposals == before.proposals
        if basis == packet_basis(before):
            assert post_of(after) == post
            assert (after.travel is None) == (before.travel is None)
            assert before.packet or after.packet is None

    @precondition(lambda self: self.now.own_post)
    @rule()
    def put_post_away(self) -> None:
        after = self.happen(happened.PostEdited(post=None, basis=packet_basis(self.now)))
        assert (after.own_post, after.travel, after.packet) == (None, None, None)

    @precondition(lambda self: self.now.travel)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        self.happen(happened.PacketFinished(packet=_packet(), basis=packet_basis(self.earlier(data))))

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        before = self.now
        revision = data.draw(st.integers(0, before.revision), "to")
        assert _content(self.happen(happened.Undone(to_revision=revision))) == _content(self.documents[revision])
        again = self.happen(happened.Undone(to_revision=before.revision))
        assert _content(again) == _content(before)
        self.happen(happened.Undone(to_revision=revision))

    @invariant()
    def revisions_count_events(self) -> None:
        assert self.now.revision == len(self.events)

    @invariant()
    def the_document_survives_json(self) -> None:
        assert read_document(document_json(self.now)) == self.now

    @invariant()
    def nothing_stands_without_what_it_was_made_from(self) -> None:
        now = self.now
        assert now.role is None or now.goal is not None
        assert now.exercise is None or now.role is not None
        assert not (now.sections or now.proposals) or now.exercise is not None
        assert now.packet is None or now.travel is not None
        assert now.travel is None or now.sections
        assert now.own_post is None or now.exercise is not None
        assert now.own_post is None or now.travel is None or now.travel.post == now.own_post.post
        assert now.own_post is not None or now.travel is None or now.travel.post.origin.writer is not Writer.PERSON

    def teardown(self) -> None:
        assert list(history(self.documents[0], self.events)) == self.documents


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
