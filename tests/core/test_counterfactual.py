"""The same brief with one fact changed changes the packet there and only there."""

import re
from functools import cache
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofkit_core.brief import Brief
from proofkit_core.counterfactual import Comparison, Link, Swap, compare_packets, run_swap, swap_fact
from proofkit_core.errors import BriefError
from proofkit_core.making import Workshop, make_packet
from proofkit_core.packet import Packet
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.samples.catalog import sample_type
from proofkit_core.seeds import draw_digest
from proofkit_prompts import load_contract


class Make(Protocol):
    def __call__(self, brief: Brief, seed: int = 0) -> Packet: ...


ROLES = [entry.role.title for entry in load_catalogue()[::6]] + ["Pipe organ tuner"]
BACKGROUND = (
    "Shift lead in a parcel depot for six years, mostly nights. "
    "I brought our missed-scan rate down from 9 percent to 4 percent by moving 31 scanners. "
    "Evening certificate in pottery, finished with Marguerite in Dunmore."
)
NOTES = (
    "the rabbits under the ramp ate 40 metres of the fibre line, and nobody owned it",
    "drivers only read the whiteboard beside the kettle",
    "I would sooner say no by Tuesday than apologise to Kowalska on Friday",
    "we cut the waste from 12 crates to 5 by weighing the bins",
)
ANSWERS = ("Only if Okafor has walked the route twice.", "The 14 spare keys hang in the porch.", "ask the beekeeper")
OTHER_NOTES = (
    "the boiler in the annex leaks every spring",
    "nobody answers the radio after lunch",
    "I would never promise a date on the phone",
    "what would the night porter say?",
    "spare gloves cost us more than new ones",
)
WORDS = ("hedgehogs", "chapel", "Oyelaran", "Quimper", "trombones", "lighthouse")
NUMBERS = ("3", "17", "86", "250")
FACTS = [
    *(("background", word, WORDS) for word in ("parcel depot", "scanners", "pottery", "Marguerite", "Dunmore")),
    *(("background", number, NUMBERS) for number in ("six", "9 ", "4 ", "31")),
    *((f"notes[{n}]", note, OTHER_NOTES) for n, note in enumerate(NOTES)),
    *(("notes[0]", word, WORDS) for word in ("rabbits", "fibre line", "ramp", "nobody owned it")),
    *(("notes[1]", word, WORDS) for word in ("drivers", "whiteboard", "kettle", "only read")),
    *(("notes[2]", word, WORDS) for word in ("Tuesday", "Kowalska", "I would sooner say")),
    *((f"notes[{n}]", number, NUMBERS) for n, number in ((0, "40"), (3, "12"), (3, "5"))),
    *((f"answer {n}", text, OTHER_NOTES) for n, text in enumerate(ANSWERS)),
    *((f"answer {n}", word, WORDS) for n, word in ((0, "Okafor"), (0, "twice"), (1, "porch"), (2, "beekeeper"))),
    ("answer 1", "14", NUMBERS),
    *(("skills[0]", "planning", words) for words in (WORDS,)),
    *(("weak_spots[0]", "spreadsheets", words) for words in (WORDS,)),
]


@pytest.fixture(scope="module")
def make() -> Make:
    workshop = Workshop(contract=load_contract("v1"), index=build_index(load_catalogue()), product_version="0.1.0")

    @cache
    def _make(text: str, seed: int) -> Packet:
        return make_packet(Brief.model_validate_json(text), workshop, seed=seed)

    def _make_once(brief: Brief, seed: int = 0) -> Packet:
        return _make(brief.model_dump_json(), seed)

    return _make_once


def brief_for(title: str, make: Make) -> Brief:
    """A brief with notes of every sort, answers to two questions of its sample, and one to a question it lacks."""
    brief = Brief(
        target_role=title,
        background=BACKGROUND,
        skills=("planning", "listening"),
        weak_spots=("spreadsheets", "saying no to friends"),
        notes=NOTES,
    )
    sections = sample_type(make(brief).sample.sample_type).sections
    asked = [f"{section.id}.{question.id}" for section in sections for question in section.questions]
    return brief.model_copy(update={"answers": dict(zip((asked[0], asked[-1], "no.such"), ANSWERS, strict=True))})


def swap_of(brief: Brief, field: str, old: str, new: str) -> Swap:
    if field.startswith("answer "):
        field = f"answers.{list(brief.answers)[int(field.split()[1])]}"
    # A digit stands alone, so that the 4 of 40 stays what it is.
    return Swap(field=field, old=old, new=new + " " * old.endswith(" "))


def told(comparison: Comparison) -> str:
    return "\n".join(f"{d.link}: {d.carrier}: {d.before!r} → {d.after!r}" for d in comparison.differences)


@pytest.mark.parametrize("title", ROLES)
@given(fact=st.sampled_from(FACTS), seed=st.integers(0, 2), data=st.data())
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_fact_changed_changes_the_packet_there_and_only_there(
    fact: tuple[str, str, tuple[str, ...]], seed: int, data: st.DataObject, title: str, make: Make
) -> None:
    field, old, options = fact
    brief = brief_for(title, make)
    swap = swap_of(brief, field, old, data.draw(st.sampled_from(options)))
    found = run_swap(brief, swap, lambda changed: make(changed, seed))
    assert found.changed_there, swap
    assert found.only_there, f"{swap}\n{told(found)}"


def test_a_swap_that_no_writer_heeds_is_seen(make: Make) -> None:
    brief = brief_for(ROLES[0], make)
    swap = Swap(field="notes[0]", old="rabbits", new="hedgehogs")
    found = run_swap(brief, swap, lambda _: make(brief))
    assert found.differences == ()
    assert not found.changed_there


def test_a_change_elsewhere_is_seen_and_told(make: Make) -> None:
    brief = brief_for(ROLES[0], make)
    swap = Swap(field="notes[0]", old="rabbits", new="hedgehogs")
    before, after = make(brief), make(swap_fact(brief, swap))
    post = after.post.model_copy(update={"text": f"{after.post.text}\n\nThe weather was fine."})
    found = compare_packets(before, after.model_copy(update={"post": post}), swap)
    assert found.changed_there
    assert [(stray.carrier, stray.before, stray.after) for stray in found.strays] == [
        ("post", "", "The weather was fine.")
    ]


def test_a_note_that_is_about_something_else_now_moves_alone(make: Make) -> None:
    brief = brief_for("Project manager", make)
    swap = Swap(field="notes[0]", old=NOTES[0], new="what would the night porter say?")
    found = run_swap(brief, swap, make)
    changed = {d.carrier for d in found.differences if d.link is Link.HOLDS and d.carrier.startswith("work_sample.")}
    assert len(changed) == 2
    assert found.only_there, told(found)


def test_a_row_that_no_longer_knows_its_people_gives_theirs_back(make: Make) -> None:
    brief = Brief(target_role="Change manager", background=BACKGROUND, notes=NOTES)
    found = run_swap(brief, Swap(field="notes[1]", old="only read", new="hedgehogs"), make)
    back = [d for d in found.differences if d.link is Link.INSTEAD]
    assert {d.before for d in back} == {""}
    assert "drivers" in back[0].after.lower()
    assert found.only_there, told(found)


@pytest.mark.parametrize(
    ("field", "old"),
    [("notes[0]", "unicorns"), ("notes[9]", "rabbits"), ("background", ""), ("answers.a.b", "x"), ("colour", "red")],
)
def test_a_fact_that_the_brief_does_not_hold_is_refused(field: str, old: str) -> None:
    brief = Brief(target_role="waiter", background="Baker for nine years.", notes=NOTES)
    with pytest.raises(BriefError, match="name the fact as it was typed"):
        swap_fact(brief, Swap(field=field, old=old, new="y"))


BACKGROUNDS = (
    BACKGROUND,
    "Waiter for nine years. I trained 14 new starters.",
    "Nurse for two years.",
    "Ten years behind the counter of a post office, the last three as the one who closes up.",
    "I have been a stay-at-home parent since 2019. Before that I kept the books of a small garage.",
)


def paragraphs(packet: Packet) -> set[str]:
    """The running text: rows and list items of the same exercise may meet again."""
    parts = [part for section in packet.sample.sections for part in re.split(r"\n\n+", section.markdown)]
    return {part for part in parts if len(part.split()) > 8 and not part.startswith(("|", "- ", ">"))}


@pytest.mark.parametrize("title", ROLES[::2])
def test_people_who_tell_of_themselves_in_other_words_share_no_paragraph(title: str, make: Make) -> None:
    seen: set[str] = set()
    for number, background in enumerate(BACKGROUNDS):
        notes = (OTHER_NOTES[number],)
        found = paragraphs(make(Brief(target_role=title, background=background, notes=notes)))
        assert not seen & found
        seen |= found


def test_two_of_a_name_or_skill_are_told_apart_where_little_is_told() -> None:
    brief = Brief(target_role="waiter", background="Baker for nine years.", skills=("planning",))
    other = brief.model_copy(update={"background": "Nurse for two years."})
    assert draw_digest(brief) == draw_digest(other)
    assert draw_digest(brief) != draw_digest(other.model_copy(update={"skills": ("listening",)}))
    assert draw_digest(brief) != draw_digest(other.model_copy(update={"name": "Ines Quintana"}))


def test_the_draws_follow_neither_notes_nor_answers_nor_the_case_of_a_name() -> None:
    brief = Brief(target_role="Waiter", background=BACKGROUND, name="Ines Quintana", notes=NOTES)
    told = {"notes": ("other",), "answers": {"a.b": "yes"}, "target_role": "waiter", "name": "INES QUINTANA"}
    assert draw_digest(brief) == draw_digest(brief.model_copy(update=told))
