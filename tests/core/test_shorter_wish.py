"""The wish for a shorter text is counted: what is not shorter is turned down, and the person is told so."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest

from proofkit_core.brief import Brief
from proofkit_core.drafting.events import Attempt, DraftEvent, FellBack, Void
from proofkit_core.drafting.sections import as_section
from proofkit_core.drafting.wishes import check_shorter, wants_fewer_words
from proofkit_core.generation import Candidate, GenerationRequest, PromptKind
from proofkit_core.making import Workshop
from proofkit_core.packet import FallbackReason, Origin, Section, Writer
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.synthesis import choose_role
from proofkit_core.steps import Revision, open_desk, revise, set_exercise
from proofkit_prompts import load_contract

BRIEF = Brief(target_role="Logistics coordinator", background="I ran the back office of a bakery for six years.")
TEXT = (
    "I would walk round the yard with whoever leaves last, and only then put a name to each of these lines. "
    "The warehouse should hear of the plan before the drivers do, because it has to open the gate for them. "
    "Whoever waits at the gate would rather know why than wait for a shorter time."
)
SHORT = (
    "I would walk round the yard with whoever leaves last, and only then put a name to each of these lines. "
    "The warehouse should hear of the plan before the drivers do."
)
HARDLY = TEXT.replace("would rather know", "would know")
LONGER = TEXT.replace("The warehouse", "As I see it, the warehouse")
WISH = "Make it shorter"
Script = Callable[..., Any]


class Rewrite(Protocol):
    """Has a model rewrite a text of the person's by its drafts in turn; the last one again and again."""

    def __call__(
        self, *drafts: str, action: str = WISH, text: str = TEXT, prompts: PromptKind = PromptKind.FROZEN
    ) -> tuple[Revision, Section, Any, list[DraftEvent]]: ...


@pytest.fixture
def rewrite(role_index: RoleIndex, scripted: Script) -> Rewrite:
    def rewritten(
        *drafts: str, action: str = WISH, text: str = TEXT, prompts: PromptKind = PromptKind.FROZEN
    ) -> tuple[Revision, Section, Any, list[DraftEvent]]:
        left = list(drafts)

        def answer(_: GenerationRequest) -> str:
            return left.pop(0) if len(left) > 1 else left[0]

        model, events = scripted(answer), list[DraftEvent]()
        workshop = Workshop(
            contract=load_contract("v1"),
            index=role_index,
            product_version="0",
            candidates=(Candidate(model, prompts=prompts),),
        )
        material = set_exercise(BRIEF, choose_role(BRIEF, role_index).entry, seed=0).material
        desk = open_desk(BRIEF, workshop, material.challenge, None, events.append)
        before = as_section(material.sample.sections[0], text, Origin(writer=Writer.PERSON))
        return revise(material, before, desk, action=action), before, model, events

    return rewritten


@pytest.mark.parametrize(
    ("draft", "told"),
    [
        (LONGER, "the new text was not shorter: 60 words instead of 56"),
        (HARDLY, "the new text was hardly shorter: 55 words instead of 56"),
        (TEXT, "the new text was not shorter: 56 words instead of 56"),
    ],
)
def test_a_text_that_is_not_shorter_is_turned_down_and_the_old_one_stays(
    draft: str, told: str, rewrite: Rewrite
) -> None:
    revision, before, model, events = rewrite(draft)
    assert revision.section == before
    assert revision.turned_down
    assert revision.turned_down.message == told
    reasons = [each.fallback.reason for each in revision.tried if each.fallback]
    assert reasons == [FallbackReason.WISH_MISSED] * 3
    assert len(model.prompts) == 3
    assert len([event for event in events if isinstance(event, Attempt)]) == 3
    assert {event.reason for event in events if isinstance(event, Void | FellBack)} == {FallbackReason.WISH_MISSED}


def test_the_model_is_asked_again_until_the_text_is_shorter(rewrite: Rewrite) -> None:
    revision, _, model, _ = rewrite(LONGER, HARDLY, SHORT)
    assert revision.turned_down is None
    assert revision.section.markdown == SHORT
    assert len(model.prompts) == 3


def test_a_text_that_is_a_tenth_shorter_is_taken_at_once(rewrite: Rewrite) -> None:
    revision, _, model, _ = rewrite(SHORT)
    assert revision.section.markdown == SHORT
    assert len(model.prompts) == 1


def test_the_prompt_holds_the_wish_as_it_always_did(rewrite: Rewrite) -> None:
    _, _, model, _ = rewrite(LONGER)
    assert {prompt.user for prompt in model.prompts} == {model.prompts[0].user}
    assert "Action: Make it shorter\n" in model.prompts[0].user


def test_a_chat_model_is_told_how_many_words_were_too_many(rewrite: Rewrite) -> None:
    revision, _, model, _ = rewrite(LONGER, SHORT, prompts=PromptKind.EDITABLE)
    assert revision.turned_down is None
    assert "not shorter: 60 words instead of 56 (at most 50 words expected)" in model.prompts[1].user


@pytest.mark.parametrize("action", ["Put it in plain words", "Make it shorter and add a risk"])
def test_no_other_wish_is_measured_by_its_words(action: str, rewrite: Rewrite) -> None:
    revision, _, _, _ = rewrite(LONGER, action=action)
    assert revision.turned_down is None
    assert revision.section.markdown == LONGER


def test_a_text_that_cannot_be_shorter_is_not_sent_to_a_model(rewrite: Rewrite) -> None:
    short = " ".join(TEXT.split()[:32]) + " them."
    revision, before, model, _ = rewrite(SHORT, text=short)
    assert revision.section == before
    assert revision.turned_down
    assert revision.turned_down.message == "it has only 33 words, and a section needs 30 to say something"
    assert model.prompts == []


@pytest.mark.parametrize(
    "wish",
    [
        "Make it shorter",
        "make this a bit shorter, please",
        "Please make the section much shorter!",
        "Shorter.",
        "shorten it",
        "cut this",
        "Cut it down.",
        "trim the text",
        "fewer words",
        "more concise",
    ],
)
def test_a_wish_for_nothing_but_fewer_words_is_recognised(wish: str) -> None:
    assert wants_fewer_words(wish)


@pytest.mark.parametrize(
    "wish",
    [
        "Make the second sentence shorter",
        "Make it shorter and add a risk",
        "Not shorter",
        "Don't make it shorter",
        "Cut the cost",
        "cut this from the budget",
        "Say why a shorter queue matters",
        "Make it longer",
        "Put it in plain words",
        "Make it more specific",
        "",
    ],
)
def test_a_wish_that_says_something_else_is_not(wish: str) -> None:
    assert not wants_fewer_words(wish)


def test_marks_and_lines_of_a_table_are_no_words() -> None:
    plain = "The gate opens at six and closes at nine, and 14 people wait."
    marked = "| The gate opens | at six (h) and |\n|---|---|\n| closes at nine, | and 14 (h) people wait. |"
    found = check_shorter(marked, plain)
    assert found
    assert found.message == "the new text was not shorter: 13 words instead of 13"
