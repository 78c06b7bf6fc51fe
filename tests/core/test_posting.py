"""A post that the person changed: theirs, within the rules, with its disclosure, and true in every file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from proofkit_core.brief import Brief
from proofkit_core.composer.carriers import compose_post
from proofkit_core.composer.frames import FrameDeck
from proofkit_core.composer.material import Material
from proofkit_core.errors import ExportRefusedError, InputError
from proofkit_core.export import read_packet, verify_packet, write_packet
from proofkit_core.generation import Candidate, GenerationRequest
from proofkit_core.packet import Packet, Post, RoleChoice, WorkSample, Writer
from proofkit_core.roles.index import RoleIndex
from proofkit_core.steps import (
    Travel,
    assemble_sample,
    edit_post,
    find_role,
    finish,
    open_desk,
    put_post,
    set_exercise,
    with_brief,
    write_section,
    write_travel,
)
from proofkit_core.steps.posting import POST_CAP
from proofkit_core.workshop import Workshop
from proofkit_prompts import load_contract

BRIEF = Brief(
    target_role="Warehouse supervisor",
    background="Baker for nine years.",
    notes=("I would rather close a lane than rush the forklift", "marzipan melts on pallet nine"),
)
PLAIN = "I would walk round the yard with whoever leaves last, and only then put a name to each of these lines."


class Made(NamedTuple):
    """A packet with what it was made from."""

    workshop: Workshop
    role: RoleChoice
    material: Material
    sample: WorkSample
    travel: Travel
    packet: Packet

    def finished(self, travel: Travel) -> Packet:
        return finish(BRIEF, self.role, self.material, self.sample, travel, self.workshop)


@pytest.fixture(scope="module")
def made(role_index: RoleIndex) -> Made:
    workshop = Workshop(contract=load_contract("v1"), index=role_index, product_version="0")
    entry, role = find_role(BRIEF, workshop)
    material = set_exercise(BRIEF, entry, seed=0).material
    desk = open_desk(BRIEF, workshop, material.challenge)
    sample = assemble_sample(material, [write_section(material, each.id, desk) for each in material.sample.sections])
    travel = write_travel(material, sample, desk)
    return Made(workshop, role, material, sample, travel, finish(BRIEF, role, material, sample, travel, workshop))


def longer(made: Made) -> Post:
    return edit_post(made.material, made.travel.post, f"{made.travel.post.text}\n\n{PLAIN}")


def test_a_post_that_the_person_changed_is_theirs_word_by_word(made: Made) -> None:
    post = longer(made)
    assert post.text == f"{made.travel.post.text}\n\n{PLAIN}"
    assert post.origin.writer is Writer.PERSON
    assert [each.text for each in post.earlier] == [made.travel.post.text]
    old = next(each for each in made.packet.who_wrote if each.part == "post")
    new = next(each for each in put_post(made.packet, made.material, post).who_wrote if each.part == "post")
    assert new.typed - old.typed == len(PLAIN.split())
    assert (new.supplied, new.drafted) == (old.supplied, 0)


def test_a_packet_with_another_post_is_the_packet_that_is_made_with_it(made: Made) -> None:
    post = longer(made)
    again = made.finished(made.travel.model_copy(update={"post": post}))
    assert put_post(made.packet, made.material, post) == again


def test_the_words_of_the_model_before_stay_the_models(
    made: Made, scripted: Callable[[Callable[[GenerationRequest], str]], Any]
) -> None:
    by_model = made.travel.post.model_copy(
        update={"origin": made.travel.post.origin.model_copy(update={"writer": Writer.MODEL})}
    )
    model = scripted(lambda _: "Yes.").identity
    by_model = by_model.model_copy(update={"origin": by_model.origin.model_copy(update={"model": model})})
    post = edit_post(made.material, by_model, f"{by_model.text}\n\n{PLAIN}")
    packet = made.finished(made.travel.model_copy(update={"post": post}))
    part = next(each for each in packet.who_wrote if each.part == "post")
    assert part.model == model
    assert part.drafted > part.typed > 0
    assert packet.made_with.model == model  # the words are still there


def test_every_file_holds_the_persons_post_and_says_whose_it_is(made: Made, tmp_path: Path) -> None:
    packet = put_post(made.packet, made.material, longer(made))
    write_packet(packet, tmp_path / "p", sources=True)
    assert verify_packet(tmp_path / "p").outcome.value == "unchanged"
    assert read_packet(tmp_path / "p") == packet
    for name in ("linkedin-post.txt", "work-sample.html"):
        assert PLAIN in (tmp_path / "p" / name).read_text(encoding="utf-8")
    provenance = json.loads((tmp_path / "p" / "provenance.json").read_text(encoding="utf-8"))
    assert next(each["writer"] for each in provenance["origins"] if each["part"] == "post") == "person"


def test_no_post_of_the_template_is_disclosed_twice(made: Made) -> None:
    entry, _ = find_role(BRIEF, made.workshop)
    for seed in range(12):
        material = set_exercise(BRIEF, entry, seed=seed).material
        text = compose_post(material, FrameDeck(material.brief_digest, seed))
        post = Post(text=text, origin=made.travel.post.origin)
        assert edit_post(material, post, f"{text}\n\n{PLAIN}").text == f"{text}\n\n{PLAIN}"


def test_many_changes_in_a_row_keep_one_earlier_post(made: Made) -> None:
    post = made.travel.post
    for number in range(4):
        post = edit_post(made.material, post, f"{made.travel.post.text}\n\n{PLAIN.replace('yard', f'bay {number}')}")
    assert [each.text for each in post.earlier] == [made.travel.post.text]


def test_a_change_that_changes_nothing_leaves_the_writer(made: Made) -> None:
    post = made.travel.post
    assert edit_post(made.material, post, f"\r\n{post.text} \n") is post


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"{PLAIN} My uncle writes fiction.",
        f"{PLAIN} My uncle collects fictional maps.",
        f"{PLAIN} I would plan it as an exercise.",
        "I would decide at {company} within a week. I read fictional stories.",
    ],
)
def test_the_disclosure_cannot_be_edited_away(text: str, made: Made, tmp_path: Path) -> None:
    company = made.material.challenge.company
    post = edit_post(made.material, made.travel.post, text.format(company=company))
    assert post.text.endswith(f"{company} is a fictional company.")
    assert "disclosure.missing" in post.origin.edits
    write_packet(put_post(made.packet, made.material, post), tmp_path / "p")
    assert f"{company} is a fictional company." in (tmp_path / "p" / "linkedin-post.txt").read_text(encoding="utf-8")
    assert edit_post(made.material, post, post.text) is post  # it is not put there twice


def test_a_disclosure_that_was_put_back_is_not_counted_as_the_persons_words(made: Made) -> None:
    post = edit_post(made.material, made.travel.post, PLAIN)
    part = next(each for each in put_post(made.packet, made.material, post).who_wrote if each.part == "post")
    sentence = post.text.removeprefix(f"{PLAIN}\n\n")
    assert (part.typed, part.supplied) == (len(PLAIN.split()), len(sentence.split()))
    again = edit_post(made.material, post, f"{PLAIN} {PLAIN.replace('yard', 'bay')}\n\n{sentence}")
    part = next(each for each in put_post(made.packet, made.material, again).who_wrote if each.part == "post")
    assert (part.typed, part.supplied) == (2 * len(PLAIN.split()), len(sentence.split()))


@pytest.mark.parametrize(
    "text", ["{company} is a real company.", "{company} is not fictional.", "This is not a practice piece."]
)
def test_a_post_that_denies_what_it_is_is_refused(text: str, made: Made) -> None:
    denied = f"{made.travel.post.text}\n\n{text.format(company=made.material.challenge.company)}"
    with pytest.raises(ExportRefusedError, match="was real") as refused:
        edit_post(made.material, made.travel.post, denied)
    assert str(refused.value).endswith("Change that sentence.")


def test_a_claim_that_the_person_writes_into_the_post_is_refused_with_its_sentence(made: Made) -> None:
    claim = "I was head of operations at Contoso Freight for three years."
    with pytest.raises(ExportRefusedError, match="Contoso"):
        edit_post(made.material, made.travel.post, f"{made.travel.post.text}\n\n{claim}")


def test_a_figure_that_the_person_makes_up_in_the_post_is_labelled(made: Made) -> None:
    post = edit_post(made.material, made.travel.post, f"{made.travel.post.text}\n\nThe new gate costs 4,810 euros.")
    assert "4,810 euros (h" in post.text
    assert post.origin.edits


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "x" * (POST_CAP + 1), "a b " * (POST_CAP // 4)])
def test_a_post_cannot_be_emptied_or_overfilled(text: str, made: Made) -> None:
    with pytest.raises(InputError, match=r"1 to 3,000"):
        edit_post(made.material, made.travel.post, text)


def test_a_fact_that_the_exercise_lacks_cannot_be_cited_in_the_post(made: Made) -> None:
    with pytest.raises(InputError, match=r"Your LinkedIn post would cite \[S99\]"):
        edit_post(made.material, made.travel.post, f"{made.travel.post.text} It is so [S99].")


def test_what_nobody_can_see_is_taken_out(made: Made) -> None:
    typed = PLAIN.replace("yard", "ya\u202erd")
    post = edit_post(made.material, made.travel.post, f"{made.travel.post.text}\n\n{typed}")
    assert post.text.endswith(PLAIN)


def test_a_post_of_the_persons_own_is_kept_when_all_else_is_written_anew(
    made: Made, scripted: Callable[[Callable[[GenerationRequest], str]], Any]
) -> None:
    post = longer(made)
    model = scripted(lambda _: "Yes.")
    workshop = Workshop(
        contract=made.workshop.contract, index=made.workshop.index, product_version="0", candidates=(Candidate(model),)
    )
    desk = open_desk(BRIEF, workshop, made.material.challenge)
    travel = write_travel(made.material, made.sample, desk, own_post=post)
    assert travel.post == post
    assert travel.bullets.items == made.travel.bullets.items
    asked = {prompt.task for prompt in model.prompts}
    assert "resume_bullets" in asked
    assert "linkedin_post" not in asked


def test_a_kept_post_whose_ground_is_gone_is_refused_when_all_else_is_written_anew(made: Made) -> None:
    told = BRIEF.model_copy(update={"background": "Head of operations at Contoso Freight for three years."})
    before = with_brief(made.material, told)
    claim = "I was head of operations at Contoso Freight for three years."
    post = edit_post(before, made.travel.post, f"{made.travel.post.text}\n\n{claim}")
    desk = open_desk(BRIEF, made.workshop, made.material.challenge)
    with pytest.raises(ExportRefusedError, match="Contoso"):
        write_travel(made.material, made.sample, desk, own_post=post)
