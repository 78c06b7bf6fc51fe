"""The composer: nothing typed is lost, nothing is said twice, no two people get the same paragraph."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofkit_core.blocks import Paragraph, parse_markdown, plain_text
from proofkit_core.brief import Brief
from proofkit_core.composer.carriers import compose_bullets, compose_post, compose_talking_points
from proofkit_core.composer.frames import FrameDeck, load_frames
from proofkit_core.composer.material import Material
from proofkit_core.composer.points import PointKind, read_point
from proofkit_core.composer.sections import compose_sections
from proofkit_core.faithfulness import words_kept
from proofkit_core.roles.catalog import CatalogueRole, load_catalogue
from proofkit_core.wording import escaped, prose, sentences

Gather = Callable[..., tuple[Material, FrameDeck]]
RABBITS = "the rabbits under the ramp ate the fibre line, and no one felt responsible"
NOTES = (
    RABBITS,
    "regulars never read the poster, they ask whoever wears a badge",
    "I would sooner say no early than apologise late",
    "we halved the waste by weighing the bins",
)
BRIEF = Brief(
    target_role="waiter",
    background="Waiter for nine years. I trained 14 new starters.",
    skills=("planning", "listening"),
    weak_spots=("spreadsheets", "saying no to friends"),
    notes=NOTES,
)
ALL = [(entry.role.id, sample) for entry in load_catalogue() for sample in entry.role.work_samples]


def prose_paragraphs(text: str) -> list[str]:
    return [p for p in text.split("\n\n") if len(p.split()) > 8 and not p.startswith(("|", "- "))]


def skeleton(sentence: str, material: Material) -> str:
    """The sentence without what comes from the brief and the exercise."""
    hidden = [*NOTES, *BRIEF.weak_spots, material.challenge.company]
    for text in hidden:
        sentence = sentence.replace(text, "_").replace(escaped(text), "_")
    return re.sub(r"\d+", "#", sentence)


@pytest.mark.parametrize(("role_id", "sample_id"), ALL)
def test_every_note_is_in_the_sample_and_no_sentence_stands_twice(role_id: str, sample_id: str, gather: Gather) -> None:
    material, deck = gather(BRIEF, role_id, sample_id)
    text = "\n\n".join(compose_sections(material, deck).values())
    assert words_kept("\n".join(NOTES), text).missing == ()
    frames = Counter(skeleton(s, material) for s in sentences(text) if len(s.split()) > 5 and not s.startswith("|"))
    assert [frame for frame, count in frames.items() if count > 1] == []
    assert not re.search(r"\{\w+\}|\.\.(?!\.)|,,|\bto to\b", text.replace("...", ""))


@pytest.mark.parametrize("entry", load_catalogue(), ids=lambda e: e.role.id)
def test_two_people_with_the_same_role_share_no_paragraph(entry: CatalogueRole, gather: Gather) -> None:
    one = BRIEF
    other = BRIEF.model_copy(update={"background": "Nurse for two years.", "notes": ("ask the porter first",)})
    paragraphs = [
        set(prose_paragraphs("\n\n".join(compose_sections(*gather(brief, entry.role.id)).values())))
        for brief in (one, other)
    ]
    assert paragraphs[0] & paragraphs[1] == set()


@pytest.mark.parametrize(("role_id", "sample_id"), ALL[::7])
def test_the_rabbits_are_in_exactly_one_section(role_id: str, sample_id: str, gather: Gather) -> None:
    sections = compose_sections(*gather(BRIEF, role_id, sample_id))
    assert sum("rabbits" in body for body in sections.values()) == 1


@given(notes=st.lists(st.text(min_size=1, max_size=80).filter(lambda t: bool(t.strip())), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_notes_never_break_a_table_or_get_lost(notes: list[str], gather: Gather) -> None:
    brief = Brief(target_role="waiter", background="yyy", notes=tuple(n.strip() for n in notes))
    material, deck = gather(brief, "warehouse-supervisor")
    sections = compose_sections(material, deck)
    for body in sections.values():
        for block in body.split("\n\n"):
            rows = [line for line in block.splitlines() if line.startswith("| ")]
            pipes = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
            assert len(pipes) <= 1
    shown = re.sub(r"\\([^\w\s])", r"\1", "\n".join(sections.values()))
    for note in notes:  # each by itself: a hyphen at the end of one would join it to the next
        assert words_kept(note, shown).missing == ()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("1. Ask the drivers first", "1. Ask the drivers first."),
        ("2) ask the drivers", "2) ask the drivers."),
        ("- ask", "- ask."),
        ("“later” is not “never”", "“later” is not “never”."),
        ('"later" and "never"', '"later" and "never".'),
        ('"Never again"', "Never again."),
        ('they said "stop." Then we did', 'They said "stop." Then we did.'),
        ("we ship early, e.g. on Mondays", "We ship early, e.g. on Mondays."),
        ("I asked Dr. Osei, i.e. the owner", "I asked Dr. Osei, i.e. the owner."),
        ("one day. two days", "One day. Two days."),
    ],
)
def test_a_note_is_shown_as_it_was_typed(typed: str, shown: str) -> None:
    (block,) = parse_markdown(prose(escaped(typed)))
    assert isinstance(block, Paragraph)
    assert plain_text(block.runs) == shown


def test_forty_notes_are_all_kept(gather: Gather) -> None:
    words = [f"word{i}x" for i in range(40)]
    brief = BRIEF.model_copy(update={"notes": tuple(f"remember the {w} before noon" for w in words)})
    text = "\n".join(compose_sections(*gather(brief, "charge-nurse")).values())
    assert [w for w in words if w not in text] == []


def test_an_answer_stands_in_the_section_of_its_question(gather: Gather) -> None:
    material, _ = gather(BRIEF, "project-manager", "risk-plan")
    section = material.sample.sections[0]
    ref = f"{section.id}.{section.questions[0].id}"
    brief = BRIEF.model_copy(update={"answers": {ref: "only if Marguerite signs"}})
    sections = compose_sections(*gather(brief, "project-manager", "risk-plan"))
    assert [name for name, body in sections.items() if "Marguerite" in body] == [section.id]


def test_an_answer_to_a_question_of_another_type_is_kept_as_a_note(gather: Gather) -> None:
    brief = BRIEF.model_copy(update={"answers": {"nowhere.nothing": "zinnias in the yard"}})
    text = "\n".join(compose_sections(*gather(brief, "project-manager", "risk-plan")).values())
    assert "zinnias" in text.lower()


@pytest.mark.parametrize("entry", load_catalogue(), ids=lambda e: e.role.id)
def test_what_travels_says_what_it_is(entry: CatalogueRole, gather: Gather) -> None:
    material, deck = gather(BRIEF, entry.role.id)
    sections = compose_sections(material, deck)
    post = compose_post(material, deck)
    assert re.search(r"fictional|does not exist", post)
    assert re.search(r"practice piece|exercise|simulated", post)
    assert 60 <= len(post.split()) <= 260
    bullets = compose_bullets(material, deck, sections)
    assert 2 <= len(bullets) <= 3
    assert all(bullet.startswith("Simulated project") for bullet in bullets)
    last = compose_talking_points(material, deck)[-1]
    assert "real" in last.question
    assert last.answer.startswith("No")


def test_another_seed_gives_another_company(gather: Gather) -> None:
    companies = {gather(BRIEF, "recruiter", seed=seed)[0].challenge.company for seed in range(8)}
    assert len(companies) == 8


def test_changing_one_note_changes_only_what_rests_on_it(gather: Gather) -> None:
    material, _ = gather(BRIEF, "operations-manager")
    changed = BRIEF.model_copy(update={"notes": (NOTES[0].replace("rabbits", "hedgehogs"), *NOTES[1:])})
    first = compose_sections(material, FrameDeck("d", 0))
    other = material.model_copy(update={"brief": changed, "points_by_view": _reread(material, changed)})
    second = compose_sections(other, FrameDeck("d", 0))
    differing = [name for name in first if first[name] != second[name]]
    assert len(differing) == 1
    assert first[differing[0]].replace("rabbits", "hedgehogs") == second[differing[0]]


def _reread(material: Material, brief: Brief) -> object:
    from proofkit_core.composer.points import place_points  # noqa: PLC0415 - beside its only use

    points = tuple(read_point(note, f"notes[{i}]", i) for i, note in enumerate(brief.notes))
    return place_points(points, tuple(s.view for s in material.sample.sections))


def test_the_same_brief_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    code = (
        "import hashlib;from proofkit_core.brief import Brief;from proofkit_core.roles.catalog import load_catalogue;"
        "from proofkit_core.samples.catalog import sample_type;"
        "from proofkit_core.challenge.draw import draw_challenge;"
        "from proofkit_core.composer.material import gather_material;"
        "from proofkit_core.composer.frames import FrameDeck;"
        "from proofkit_core.composer.sections import compose_sections\n"
        "r=load_catalogue()[3].role;b=Brief(target_role='waiter',background='yyy',notes=('a crane','two geese'))\n"
        "c=draw_challenge(r.scenarios[0],role_title=r.title,brief_digest='d',seed=1)\n"
        "m=gather_material(b,brief_digest='d',seed=1,role=r,sample=sample_type(r.work_samples[1]),challenge=c)\n"
        "print(hashlib.sha256(repr(compose_sections(m,FrameDeck('d',1))).encode()).hexdigest())"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("0", "UTC"), ("77", "Asia/Tokyo"))
    }
    assert len(prints) == 1


@pytest.mark.parametrize(
    ("note", "kind"),
    [
        ("drivers only read the board", PointKind.CHANNEL),
        ("I would rather wait a week", PointKind.PREFERENCE),
        ("we cut the queue by half", PointKind.RESULT),
        ("nobody owned the list", PointKind.OWNERSHIP),
        ("the lift broke down", PointKind.INCIDENT),
        ("always too late on Mondays", PointKind.DELAY),
        ("two labels got mixed up", PointKind.MISTAKE),
        ("one person alone at night", PointKind.STAFFING),
        ("cheap gloves cost us more", PointKind.MONEY),
        ("someone slipped on the wet floor", PointKind.SAFETY),
        ("zebras", PointKind.OTHER),
    ],
)
def test_a_note_is_read_for_what_it_is_about(note: str, kind: PointKind) -> None:
    assert read_point(note, "notes[0]").kind is kind


def test_every_kind_of_point_has_its_frames() -> None:
    slots = load_frames()
    for kind in PointKind:
        assert f"consequence.{kind.value}" in slots
        assert f"risk_row.{kind.value}.sign" in slots
        assert f"step_row.what.{kind.value}" in slots


def test_no_frame_stands_in_two_slots() -> None:
    frames = [
        frame
        for slot, found in load_frames().items()
        if not slot.startswith(("risk_row", "step_row"))
        for frame in found
    ]
    assert [f for f, count in Counter(frames).items() if count > 1 and len(f.split()) > 3] == []


def test_a_true_thing_never_stands_beside_an_invented_target(gather: Gather) -> None:
    brief = BRIEF.model_copy(update={"notes": ("we cut outages from 9 to 3 in May", *NOTES)})
    for entry in load_catalogue():
        material, deck = gather(brief, entry.role.id)
        for section in material.sample.sections:
            rows = [row for row in compose_sections(material, deck)[section.id].splitlines() if row.startswith("|")]
            assert not [row for row in rows if "outages" in row and "(h)" in row]
            deck = gather(brief, entry.role.id)[1]


@pytest.mark.parametrize(
    "note", ["Mrs Kowalska only takes tablets with yoghurt", "write to jo@example.org", "why do people do that?"]
)
def test_a_private_or_asking_note_stays_out_of_the_bullets(note: str, gather: Gather) -> None:
    material, deck = gather(BRIEF.model_copy(update={"notes": (note,)}), "charge-nurse")
    bullets = compose_bullets(material, deck, compose_sections(material, deck))
    assert note not in " ".join(bullets)


def test_a_weak_spot_is_for_the_rehearsal_and_not_for_the_public(gather: Gather) -> None:
    material, deck = gather(BRIEF.model_copy(update={"weak_spots": ("anger",)}), "recruiter")
    sections = compose_sections(material, deck)
    public = "\n".join([*sections.values(), compose_post(material, deck), *compose_bullets(material, deck, sections)])
    assert "anger" not in public
    assert any("anger" in item.question for item in compose_talking_points(material, deck))


def test_a_skill_is_only_named_where_a_section_shows_it(gather: Gather) -> None:
    material, deck = gather(BRIEF.model_copy(update={"skills": ("planning", "forklift")}), "project-manager")
    sections = compose_sections(material, deck)
    texts = [*compose_bullets(material, deck, sections)]
    texts += [item.answer for item in compose_talking_points(material, deck)]
    assert "planning" in " ".join(texts).lower()
    assert "forklift" not in " ".join(texts)
