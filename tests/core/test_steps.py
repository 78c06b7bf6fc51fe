"""The main job in single steps: each is stored and read back, and all in a row are the packet."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import BaseModel

from proofkit_core.brief import Brief
from proofkit_core.brief_file import load_brief
from proofkit_core.drafting.events import Attempt, Delta, DraftEvent, FellBack, Validated
from proofkit_core.errors import ExportRefusedError, FailureKind, GenerationError, InputError
from proofkit_core.export import read_packet, verify_packet, write_packet
from proofkit_core.generation import Candidate, FinishReason, GenerationRequest, ModelIdentity, TextGenerator
from proofkit_core.making import Workshop, make_packet
from proofkit_core.packet import FallbackReason, Packet, Section, Writer
from proofkit_core.roles.index import RoleIndex
from proofkit_core.steps import (
    Exercise,
    Revision,
    Travel,
    assemble_sample,
    edit_section,
    find_role,
    finish,
    open_desk,
    revise,
    set_exercise,
    with_brief,
    write_section,
    write_travel,
)
from proofkit_prompts import load_contract

Answer = Callable[[GenerationRequest], str]
Stored = TypeVar("Stored", bound=BaseModel)
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
BRIEF = Brief(
    target_role="Warehouse supervisor",
    background="Baker for nine years.",
    notes=("I would rather close a lane than rush the forklift", "marzipan melts on pallet nine"),
)
UNCOVERED = BRIEF.model_copy(update={"target_role": "Falconer"})
PLAIN = "I would walk round the yard with whoever leaves last, and only then put a name to each of these lines."


@pytest.fixture(scope="module")
def workshop(role_index: RoleIndex) -> Workshop:
    return Workshop(contract=load_contract("v1"), index=role_index, product_version="0")


def stored(value: Stored) -> Stored:
    """Write a value as a session does, and read it back."""
    back = type(value).model_validate_json(value.model_dump_json(), strict=True)
    assert back == value
    return back


def in_steps(brief: Brief, workshop: Workshop, seed: int) -> Packet:
    entry, choice = find_role(brief, workshop)
    entry, choice = stored(entry), stored(choice)
    exercise = stored(set_exercise(brief, entry, seed=seed))
    material = exercise.material
    sections: list[Section] = []
    for record in material.sample.sections:
        desk = open_desk(brief, workshop, material.challenge)
        sections.append(stored(write_section(material, record.id, desk)))
    sample = stored(assemble_sample(material, reversed(sections)))
    travel = stored(write_travel(material, sample, open_desk(brief, workshop, material.challenge)))
    return stored(finish(brief, choice, material, sample, travel, workshop, exercise.notices))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", [0, 5])
def test_all_steps_in_a_row_are_the_packet_of_the_template(path: Path, seed: int, workshop: Workshop) -> None:
    brief = load_brief(path).brief
    assert in_steps(brief, workshop, seed) == make_packet(brief, workshop, seed=seed)


@pytest.mark.parametrize("brief", [BRIEF, UNCOVERED], ids=["from the catalogue", "synthesised"])
def test_all_steps_in_a_row_are_the_packet_with_a_model(
    brief: Brief, role_index: RoleIndex, scripted: Callable[[Answer], Any], good_section: Answer
) -> None:
    first, second = scripted(lambda _: "Yes."), scripted(good_section)
    second.identity = ModelIdentity(id="second", name="Second", artifact_digest="1" * 64)
    candidates = (Candidate(first), Candidate(second))
    workshop = Workshop(contract=load_contract("v1"), index=role_index, product_version="0", candidates=candidates)
    packet = in_steps(brief, workshop, 2)
    assert packet == make_packet(brief, workshop, seed=2)
    assert {section.origin.writer for section in packet.sample.sections} >= {Writer.MODEL}
    assert (packet.made_with.model, packet.made_with.others) == (first.identity, (second.identity,))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_packet_of_the_template_holds_none_of_the_later_fields(path: Path, workshop: Workshop) -> None:
    text = make_packet(load_brief(path).brief, workshop).model_dump_json(by_alias=True)
    assert not [key for key in ("tried", "earlier", "others") if f'"{key}":' in text]


def test_a_packet_file_from_before_these_fields_is_still_read(
    tmp_path: Path, role_index: RoleIndex, scripted: Callable[[Answer], Any], good_section: Answer
) -> None:
    candidates = (Candidate(scripted(good_section)),)
    workshop = Workshop(contract=load_contract("v1"), index=role_index, product_version="0", candidates=candidates)
    packet = make_packet(BRIEF, workshop)
    data = json.loads(packet.model_dump_json(by_alias=True))
    for section in data["sample"]["sections"]:
        assert section["origin"].pop("tried")
    old = tmp_path / "packet.json"
    old.write_text(json.dumps(data), encoding="utf-8")
    read = read_packet(old)
    assert [s.markdown for s in read.sample.sections] == [s.markdown for s in packet.sample.sections]
    assert {section.origin.tried for section in read.sample.sections} == {()}


def test_notes_and_answers_change_the_material_and_not_the_exercise(workshop: Workshop) -> None:
    material = set_exercise(BRIEF, find_role(BRIEF, workshop).entry, seed=0).material
    more = BRIEF.model_copy(update={"notes": (*BRIEF.notes, "the night shift never opens the app")})
    changed = with_brief(material, more)
    assert changed.challenge == material.challenge
    assert [point.text for point in changed.points] == list(more.notes)
    assert changed == set_exercise(more, find_role(more, workshop).entry, seed=0).material


def test_a_sample_with_a_section_missing_is_refused(workshop: Workshop) -> None:
    material = set_exercise(BRIEF, find_role(BRIEF, workshop).entry, seed=0).material
    desk = open_desk(BRIEF, workshop, material.challenge)
    first = write_section(material, material.sample.sections[0].id, desk)
    with pytest.raises(InputError, match="missing"):
        assemble_sample(material, [first])
    with pytest.raises(InputError, match=material.sample.sections[0].id):
        write_section(material, "no-such-section", desk)


class Drafted:
    """A brief with its exercise and its first section."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.role = find_role(BRIEF, workshop)
        self.exercise: Exercise = set_exercise(BRIEF, self.role.entry, seed=0)
        self.material = self.exercise.material
        self.desk = open_desk(BRIEF, workshop, self.material.challenge)
        self.sections = [write_section(self.material, record.id, self.desk) for record in self.material.sample.sections]

    def packet(self, *changed: Section) -> Packet:
        given = {section.id: section for section in (*self.sections, *changed)}
        sample = assemble_sample(self.material, given.values())
        travel: Travel = write_travel(self.material, sample, self.desk)
        return finish(BRIEF, self.role.choice, self.material, sample, travel, self.workshop)

    def plain(self) -> Section:
        """Return a section without any point of the person."""
        records = self.material.sample.sections
        views = self.material.points_by_view
        return next(s for s, r in zip(self.sections, records, strict=True) if not views.get(r.view))


@pytest.fixture
def drafted(workshop: Workshop) -> Drafted:
    return Drafted(workshop)


def revised_by(
    drafted: Drafted, section: Section, model: TextGenerator, events: list[DraftEvent] | None = None
) -> Revision:
    workshop = Workshop(
        contract=drafted.workshop.contract,
        index=drafted.workshop.index,
        product_version="0",
        candidates=(Candidate(model),),
    )
    on_event = None if events is None else events.append
    desk = open_desk(BRIEF, workshop, drafted.material.challenge, None, on_event)
    return revise(drafted.material, section, desk, action="Say what it costs")


def test_a_revision_gives_the_new_text_with_its_origin(drafted: Drafted, scripted: Callable[[Answer], Any]) -> None:
    section = drafted.sections[0]
    model = scripted(lambda _: f"{section.markdown}\n\n{PLAIN}")
    revision = stored(revised_by(drafted, section, model))
    assert revision.turned_down is None
    assert PLAIN in revision.section.markdown
    assert revision.section.origin.writer is Writer.MODEL
    assert revision.section.origin.task_digest == drafted.workshop.contract.task_digest("revise_section")
    assert [text.markdown for text in revision.section.earlier] == [section.markdown]
    assert "Action: Say what it costs" in model.prompts[0].user


def test_a_revision_that_may_not_be_used_leaves_the_text_and_says_why(
    drafted: Drafted, scripted: Callable[[Answer], Any]
) -> None:
    events: list[DraftEvent] = []
    section = drafted.sections[0]
    revision = revised_by(drafted, section, scripted(lambda _: "Yes."), events)
    assert revision.section == section
    assert revision.turned_down
    assert revision.turned_down.reason is FallbackReason.EMPTY
    assert len(revision.tried) == len([event for event in events if isinstance(event, Attempt)])
    assert events[-1] == Validated(attempt=len(revision.tried), writer=Writer.TEMPLATE)
    assert next(e.message for e in events if isinstance(e, FellBack)).endswith("so the text stays as it was.")
    assert any(isinstance(event, Delta) for event in events)


def test_a_revision_may_not_drop_what_the_person_said(drafted: Drafted, scripted: Callable[[Answer], Any]) -> None:
    section = next(s for s in drafted.sections if "arzipan" in s.markdown)
    lost = section.markdown.replace("arzipan", "argarine")
    revision = revised_by(drafted, section, scripted(lambda _: lost))
    assert revision.turned_down
    assert revision.turned_down.reason is FallbackReason.DROPPED_POINTS
    assert "arzipan" in revision.section.markdown


def test_without_a_model_a_revision_says_that_none_was_asked(drafted: Drafted) -> None:
    revision = revise(drafted.material, drafted.sections[0], drafted.desk, action="Make it shorter")
    assert revision.section == drafted.sections[0]
    assert revision.turned_down
    assert revision.turned_down.reason is FallbackReason.NO_MODEL


@pytest.mark.parametrize("action", ["", " \n", "x" * 201])
def test_an_action_that_says_nothing_is_refused(action: str, drafted: Drafted) -> None:
    with pytest.raises(InputError, match="action"):
        revise(drafted.material, drafted.sections[0], drafted.desk, action=action)


def test_a_section_that_the_person_wrote_is_theirs_word_by_word(drafted: Drafted, tmp_path: Path) -> None:
    section = drafted.plain()
    edited = stored(edit_section(drafted.material, section, f"{section.markdown}\n\n{PLAIN}"))
    assert edited.origin.writer is Writer.PERSON
    before, after = drafted.packet(), drafted.packet(edited)
    part = f"work_sample.{section.id}"
    old = next(each for each in before.who_wrote if each.part == part)
    new = next(each for each in after.who_wrote if each.part == part)
    assert new.typed - old.typed == len(PLAIN.split())
    assert new.supplied == old.supplied
    assert new.drafted == 0
    write_packet(after, tmp_path / "p", sources=True)
    assert verify_packet(tmp_path / "p").outcome.value == "unchanged"
    assert read_packet(tmp_path / "p") == after
    assert PLAIN in (tmp_path / "p" / "work-sample.md").read_text(encoding="utf-8")
    provenance = json.loads((tmp_path / "p" / "provenance.json").read_text(encoding="utf-8"))
    assert next(each["writer"] for each in provenance["origins"] if each["part"] == part) == "person"


def test_a_text_that_a_model_revised_keeps_the_words_of_each_writer(
    drafted: Drafted, scripted: Callable[[Answer], Any]
) -> None:
    section = drafted.plain()
    own = edit_section(drafted.material, section, f"{section.markdown}\n\n{PLAIN}")
    added = "Nothing of this counts before somebody has read it aloud in the yard."
    revision = revised_by(drafted, own, scripted(lambda _: f"{own.markdown}\n\n{added}"))
    assert revision.turned_down is None
    part = f"work_sample.{section.id}"
    old = next(each for each in drafted.packet().who_wrote if each.part == part)
    new = next(each for each in drafted.packet(revision.section).who_wrote if each.part == part)
    assert (new.typed - old.typed, new.supplied) == (len(PLAIN.split()), old.supplied)
    assert new.drafted == len(added.split())
    assert new.model == revision.section.origin.model


def test_many_edits_in_a_row_keep_one_earlier_version(drafted: Drafted) -> None:
    section = edited = drafted.plain()
    for number in range(5):
        edited = edit_section(
            drafted.material, edited, f"{edited.markdown}\n\n{PLAIN.replace('yard', f'bay {number}')}"
        )
    assert [version.markdown for version in edited.earlier] == [section.markdown]


def test_an_edit_that_changes_nothing_leaves_the_writer(drafted: Drafted) -> None:
    section = drafted.sections[0]
    assert edit_section(drafted.material, section, f"\n{section.markdown}\n") is section


def test_a_claim_that_the_person_writes_into_a_section_is_refused_with_its_sentence(drafted: Drafted) -> None:
    section = drafted.sections[0]
    claim = "I was head of operations at Contoso Freight for three years."
    with pytest.raises(ExportRefusedError, match="Contoso"):
        edit_section(drafted.material, section, f"{section.markdown}\n\n{claim}")


def test_a_figure_that_the_person_makes_up_is_labelled(drafted: Drafted) -> None:
    section = drafted.plain()
    edited = edit_section(drafted.material, section, f"{section.markdown}\n\nThe new gate costs 4,810 euros.")
    assert "4,810 euros (h)" in edited.markdown
    assert edited.origin.edits


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 8_001])
def test_a_section_cannot_be_emptied_or_overfilled(text: str, drafted: Drafted) -> None:
    with pytest.raises(InputError, match="characters"):
        edit_section(drafted.material, drafted.sections[0], text)


def test_a_fact_that_the_exercise_lacks_cannot_be_cited(drafted: Drafted) -> None:
    with pytest.raises(InputError, match=r"\[S99\]"):
        edit_section(drafted.material, drafted.sections[0], f"{PLAIN} It is so [S99].")


def test_what_was_asked_is_told_in_the_exports_without_the_persons_words(
    role_index: RoleIndex, scripted: Callable[..., Any], good_section: Answer, tmp_path: Path
) -> None:
    def gone(_: GenerationRequest) -> str:
        raise GenerationError("no route to 10.0.0.7", kind=FailureKind.CONNECT)

    def pointless(request: GenerationRequest) -> str:
        return good_section(request).split(" My own points")[0]

    candidates = (
        Candidate(scripted(gone)),
        Candidate(scripted(pointless, FinishReason.STOP), mark="not trained on these prompts"),
    )
    workshop = Workshop(contract=load_contract("v1"), index=role_index, product_version="0", candidates=candidates)
    write_packet(make_packet(BRIEF, workshop), tmp_path / "p")
    told = (tmp_path / "p" / "readiness.md").read_text(encoding="utf-8")
    assert "not used because the model could not be reached" in told
    assert "not trained on these prompts" in told
    provenance = (tmp_path / "p" / "provenance.json").read_text(encoding="utf-8")
    tried = [each for part in json.loads(provenance)["origins"] for each in part.get("tried", ())]
    assert {each["fallback"] for each in tried} >= {"", "model_unavailable", "dropped_points"}
    assert "marzipan" not in provenance
    assert "10.0.0.7" not in provenance
    assert verify_packet(tmp_path / "p").outcome.value == "unchanged"


def described(_: GenerationRequest) -> str:
    return json.dumps(
        {
            "summary": "Trains birds of prey and shows them to visitors of a castle.",
            "decisions": ["which bird flies", "whether a show is called off", "who holds the glove"],
            "constraints": ["a bird that has eaten stays", "visitors stand close", "wind turns without warning"],
            "vocabulary": ["jess", "mews", "lure", "perch", "hood", "bell"],
            "work_samples": ["risk plan", "training plan", "handover note"],
        }
    )


def undescribed(_: GenerationRequest) -> str:
    return "no JSON"


@pytest.mark.parametrize(
    ("answer", "writer", "reason"),
    [(described, Writer.MODEL, ""), (undescribed, Writer.TEMPLATE, "bad_format")],
)
def test_where_a_roles_description_came_from_is_stored_and_exported(
    answer: Answer,
    writer: Writer,
    reason: str,
    role_index: RoleIndex,
    scripted: Callable[[Answer], Any],
    tmp_path: Path,
) -> None:
    candidates = (Candidate(scripted(answer), mark="not trained on these prompts"),)
    workshop = Workshop(contract=load_contract("v1"), index=role_index, product_version="0", candidates=candidates)
    choice = stored(find_role(UNCOVERED, workshop).choice)
    assert choice.origin is not None
    assert choice.origin.writer is writer
    assert choice.synthesised_by == writer.value
    assert choice.origin.completion_tokens > 0
    assert choice.origin.task_digest == workshop.contract.task_digest("role_profile")
    assert choice.origin.tried[0].mark == "not trained on these prompts"
    write_packet(make_packet(UNCOVERED, workshop), tmp_path / "p")
    told = (tmp_path / "p" / "readiness.md").read_text(encoding="utf-8")
    name = candidates[0].generator.identity.name
    assert f"- Description of the role: {name} (frozen v1, not trained on these prompts), " in told
    part = json.loads((tmp_path / "p" / "provenance.json").read_bytes())["origins"][0]
    assert (part["part"], part["writer"], part["fallback"]) == ("role", writer.value, reason)
    assert part["tried"][0]["mark"] == "not trained on these prompts"
    assert verify_packet(tmp_path / "p").outcome.value == "unchanged"
    assert read_packet(tmp_path / "p").role == choice


def test_a_packet_names_the_models_that_were_asked_and_not_those_that_are_chosen_now(
    role_index: RoleIndex, scripted: Callable[..., Any], good_section: Answer
) -> None:
    first, unneeded, later = (scripted(good_section, name=name) for name in ("first", "unneeded", "later"))

    def workshop_of(*generators: TextGenerator) -> Workshop:
        candidates = tuple(Candidate(generator) for generator in generators)
        return Workshop(contract=load_contract("v1"), index=role_index, product_version="0", candidates=candidates)

    drafting = workshop_of(first, unneeded)
    entry, choice = find_role(BRIEF, drafting)
    material = set_exercise(BRIEF, entry, seed=0).material
    desk = open_desk(BRIEF, workshop_of(first), material.challenge)
    sample = assemble_sample(material, [write_section(material, each.id, desk) for each in material.sample.sections])
    template = workshop_of()
    travel = write_travel(material, sample, open_desk(BRIEF, template, material.challenge))
    by_template = finish(BRIEF, choice, material, sample, travel, template)
    assert (by_template.made_with.model, by_template.made_with.others) == (first.identity, ())
    by_another = finish(BRIEF, choice, material, sample, travel, workshop_of(later, unneeded))
    assert by_another.made_with.model == first.identity
    assert by_another.made_with.others[0] == later.identity


def test_a_packet_for_which_nobody_was_asked_names_no_model(
    role_index: RoleIndex, scripted: Callable[[Answer], Any], good_section: Answer, workshop: Workshop
) -> None:
    packet = make_packet(BRIEF, workshop)
    assert (packet.made_with.model, packet.made_with.others) == (None, ())
    one = Workshop(
        contract=load_contract("v1"),
        index=role_index,
        product_version="0",
        candidates=(Candidate(scripted(good_section)),),
    )
    assert make_packet(BRIEF, one).made_with.model is not None
