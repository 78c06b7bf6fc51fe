from collections.abc import Callable

import pytest

from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import RoleIndex
from proofkit_core.roles.match import match_role, role_query
from proofkit_core.samples.catalog import load_sample_types
from proofkit_serve.sessions import Document, brief_of, material_of
from proofkit_ui.web.editing import edit
from proofkit_ui.web.steps import Step, first_possible, is_reachable, last_reached, stepper
from proofkit_ui.web.views.challenge import challenge_problems, challenge_texts, challenge_view
from proofkit_ui.web.views.match import MatchView, match_view
from proofkit_ui.web.words import Words

Begin = Callable[..., Document]


def shown(document: Document, w: Words, index: RoleIndex) -> MatchView:
    match = match_role(role_query(brief_of(document)), index)
    return match_view(document, w, match, load_catalogue(), load_sample_types())


def test_a_role_of_the_catalogue_says_why_and_offers_others(begin: Begin, w: Words, role_index: RoleIndex) -> None:
    view = shown(begin(target_role="nurse"), w, role_index)
    assert view.found is not None
    assert view.found.is_covered
    assert "nurse" in view.found.why
    assert view.found.title not in [each.title for each in view.alternatives]
    assert view.alternatives
    assert view.sample == view.fitting[0].id


def test_a_role_that_is_not_covered_says_so_and_what_was_done(begin: Begin, w: Words, role_index: RoleIndex) -> None:
    view = shown(begin(target_role="Pipe organ tuner"), w, role_index)
    assert view.found is not None
    assert not view.found.is_covered
    assert "no model" in w(view.found.done)
    assert view.found.vocabulary
    assert view.found.family == ""


def test_every_role_and_every_type_can_be_chosen(begin: Begin, w: Words, role_index: RoleIndex) -> None:
    view = shown(begin(), w, role_index)
    assert sum(len(family.roles) for family in view.families) == view.roles == len(load_catalogue())
    assert {each.id for each in (*view.fitting, *view.others)} == {each.id for each in load_sample_types()}


def test_before_anybody_looked_nothing_is_claimed(begin: Begin, w: Words, role_index: RoleIndex) -> None:
    view = shown(begin(until="goal"), w, role_index)
    assert view.found is None
    assert not view.is_ready


def test_the_challenge_is_shown_with_every_field_filled(begin: Begin, w: Words) -> None:
    document = begin()
    assert document.exercise is not None
    view = challenge_view(document, document.exercise, w, drawn=document.exercise.challenge)
    assert view.company.value == view.shown_company
    assert not view.is_edited
    assert all(fact.field.value for fact in view.facts)
    valued = [fact for fact in view.facts if fact.has_value]
    assert all(fact.field.value in fact.text for fact in valued)


def test_the_type_of_work_sample_stands_in_the_sentence_as_a_word(begin: Begin, w: Words) -> None:
    document = begin()
    assert document.exercise is not None
    view = challenge_view(document, document.exercise, w)
    assert view.sample.lower() == document.exercise.sample.title.lower()
    assert view.sample[1:2].isupper() or view.sample[:1].islower()


def test_the_challenge_lies_behind_who_has_come_to_write(begin: Begin) -> None:
    def done(current: Step) -> bool:
        return next(link.is_done for link in stepper(begin(), current) if link.id is Step.CHALLENGE)

    assert done(Step.BUILDER)
    assert not done(Step.CHALLENGE)
    assert not done(Step.MATCH)


def test_a_new_company_goes_into_every_text(begin: Begin) -> None:
    document = begin()
    assert document.exercise is not None
    old = document.exercise.challenge.company
    edited = edit(material_of(document), {"company": "Tolver Hill Clinic"})
    assert edited.problems == {}
    assert edited.challenge.company == "Tolver Hill Clinic"
    assert old not in edited.challenge.situation


def test_a_situation_of_ones_own_follows_the_new_name(begin: Begin) -> None:
    document = begin()
    assert document.exercise is not None
    old = document.exercise.challenge.company
    texts = {"company": "Tolver Hill Clinic", "situation": f"{old} grows. Nobody has time to teach."}
    edited = edit(material_of(document), texts)
    assert edited.problems == {}
    assert edited.challenge.situation == "Tolver Hill Clinic grows. Nobody has time to teach."


@pytest.mark.parametrize(
    ("name", "text"),
    [("company", "Amazon"), ("decision", "No question"), ("situation", "One."), ("company", "<b>x</b>")],
)
def test_what_does_not_fit_is_refused_at_its_field(name: str, text: str, begin: Begin) -> None:
    assert set(edit(material_of(begin()), {name: text}).problems) == {name}


def test_two_wrong_fields_are_both_told(begin: Begin, w: Words) -> None:
    document = begin()
    problems = edit(material_of(document), {"company": "Amazon", "decision": "No question"}).problems
    assert set(problems) == {"company", "decision"}
    assert document.exercise is not None
    view = challenge_view(document, document.exercise, w, problems=problems)
    assert view.is_open
    assert view.problems == ("company", "decision")


def test_lengths_are_told_with_both_numbers(w: Words) -> None:
    told = challenge_problems({"company": "x" * 61, "s1": ""}, w)
    assert "61" in told["company"]
    assert "60" in told["company"]
    assert set(told) == {"company", "s1"}


def test_facts_are_fields_by_their_ids(begin: Begin) -> None:
    document = begin()
    assert document.exercise is not None
    challenge = document.exercise.challenge
    assert {fact.id.lower() for fact in challenge.facts} < set(challenge_texts(challenge))


def test_a_step_opens_when_what_it_shows_is_there(begin: Begin) -> None:
    goal, exercise = begin(until="goal"), begin()
    assert [step for step in Step if is_reachable(goal, step)] == [Step.GOAL, Step.MATCH]
    assert [step for step in Step if is_reachable(exercise, step)] == [
        Step.GOAL,
        Step.MATCH,
        Step.CHALLENGE,
        Step.BUILDER,
    ]
    assert first_possible(goal, Step.PACKET) is Step.MATCH
    assert first_possible(exercise, Step.PACKET) is Step.BUILDER
    assert last_reached(goal) is Step.MATCH


def test_the_stepper_links_only_where_one_can_go(begin: Begin) -> None:
    links = stepper(begin(until="goal"), Step.MATCH)
    assert [bool(each.href) for each in links] == [True, True, False, False, False, False, False]
    assert [each.id for each in links if each.is_current] == [Step.MATCH]
