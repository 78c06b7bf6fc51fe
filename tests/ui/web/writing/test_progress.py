"""What is shown of a draft: the same at any point, whether it came event by event or all at once."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.packet import FallbackReason, Writer
from proofkit_serve.sessions import Document, new_document, new_id
from proofkit_serve.store.records import GenerationEvent
from proofkit_serve.wire.events import (
    AttemptEvent,
    DeltaEvent,
    DoneEvent,
    FallbackEvent,
    GenerationEventBody,
    QueuedEvent,
    ResultEvent,
    ValidatedEvent,
    VoidEvent,
)
from proofkit_serve.wire.requests import PacketJob, RevisionsJob, RoleJob, SectionJob, SectionsJob
from proofkit_ui.web.drafts.showing import seen_events
from proofkit_ui.web.drafts.streaming import DraftStream, message
from proofkit_ui.web.rendering import default_words, environment, load_static
from proofkit_ui.web.views.drafting import Ending, PartState, Progress, Seen, asked_of, begin, step, told
from proofkit_ui.web.views.drafts import draft_view

Make = Callable[..., Any]
PART = "section.call"
SAID = "Go <b>slowly</b> & look\nat the label printer,\r\nthen decide."


def _events(text: str = SAID) -> list[GenerationEventBody]:
    pieces = re.findall(r"\S+\s*", text)
    return [
        QueuedEvent(position=1),
        QueuedEvent(position=0),
        AttemptEvent(part=PART, number=1, backend="pen", name="The Pen", prompt_set="frozen v1"),
        *(DeltaEvent(part=PART, text=piece) for piece in ["This came ", "to nothing"]),
        VoidEvent(part=PART, attempt=1, reason=FallbackReason.DROPPED_POINTS),
        AttemptEvent(part=PART, number=2, backend="pen", name="The Pen", prompt_set="frozen v1"),
        *(DeltaEvent(part=PART, text=piece) for piece in pieces),
        ValidatedEvent(part=PART, attempt=2, writer=Writer.MODEL),
        ResultEvent(part=PART, event="section_drafted", applied=True, revision=5, text=text),
        AttemptEvent(part="section.risks", number=1, backend="pen", name="The Pen", prompt_set="frozen v1"),
        DeltaEvent(part="section.risks", text="half a"),
        VoidEvent(part="section.risks", attempt=1, reason=FallbackReason.TIME),
        FallbackEvent(
            part="section.risks",
            from_model="The Pen",
            to="the template",
            reason=FallbackReason.TIME,
            user_message="It took too long.",
        ),
        ValidatedEvent(part="section.risks", attempt=1, writer=Writer.TEMPLATE),
        ResultEvent(part="section.risks", event="section_drafted", applied=True, revision=6, text="Plain."),
        DoneEvent(status="done", revision=6),
    ]


def _stored(bodies: list[GenerationEventBody]) -> list[GenerationEvent]:
    return [GenerationEvent(seq=n, event_json=body.model_dump_json()) for n, body in enumerate(bodies, start=1)]


@pytest.fixture(scope="module")
def document(make: Make) -> Document:
    return make().document


@pytest.fixture(scope="module")
def start(document: Document) -> Progress:
    return begin(SectionsJob(kind="sections"), document)


def test_all_sections_are_named_before_anything_happens(document: Document, start: Progress) -> None:
    assert document.exercise is not None
    assert [part.title for part in start.parts] == [record.title for record in document.exercise.sample.sections]
    assert {part.state for part in start.parts} == {PartState.WAITING}


def test_what_the_person_edited_is_not_announced_and_a_packet_names_its_last_parts(make: Make) -> None:
    written = make(SectionsJob(kind="sections")).document
    assert begin(SectionsJob(kind="sections"), written).parts == ()
    assert [part.id for part in begin(PacketJob(kind="packet"), written).parts] == ["travel", "review", "packet"]
    assert len(begin(RevisionsJob(kind="revisions", action="shorter"), written).parts) == len(written.sections)
    one = begin(SectionJob(kind="section", section="risks"), written)
    assert [part.id for part in one.parts] == ["section.risks"]


def test_a_text_that_was_taken_back_is_gone_and_the_next_try_begins_anew(start: Progress) -> None:
    shown = told(start, seen_events(_stored(_events())[:6]))
    assert shown.part(PART).text == ""  # type: ignore[union-attr]
    again = told(start, seen_events(_stored(_events())[:8]))
    assert again.part(PART).text == "Go "  # type: ignore[union-attr]
    assert again.part(PART).tries == 2  # type: ignore[union-attr]


def test_a_fallback_is_said_with_its_reason_and_the_template_named(start: Progress) -> None:
    events = seen_events(_stored(_events()))
    view = draft_view(
        told(start, events),
        asked_of(SectionsJob(kind="sections")),
        generation_id="gen_1",
        session_id="s_1",
        on="builder",
        back="/s/s_1/builder",
    )
    part = next(part for part in view.parts if part.key == "section-risks")
    assert (part.notices, part.who, part.tone) == (("It took too long.",), "drafts.who_template", "fell_back")
    assert view.fell_back
    assert view.ended


def test_a_part_that_is_no_text_is_done_and_not_written() -> None:
    empty = new_document(new_id("s"))
    wanted = RoleJob(kind="role")
    part = begin(wanted, empty).parts[0].id
    bodies: list[GenerationEventBody] = [
        AttemptEvent(part=part, number=1, backend="pen", name="The Pen", prompt_set="frozen v1")
    ]
    progress = told(begin(wanted, empty), seen_events(_stored(bodies)))
    view = draft_view(progress, asked_of(wanted), generation_id="g", session_id="s", on="match", back="/s/s/match")
    shown = str(environment(default_words(), load_static()).get_template("drafts.html.j2").module.draft_inner(view))  # type: ignore[attr-defined]
    assert "Finding your role" in shown
    assert "Working on it" in shown
    assert "Writing" not in shown
    assert "being written by" not in shown


def test_a_hosted_model_is_told_from_one_on_this_computer(start: Progress) -> None:
    attempt = AttemptEvent(part=PART, number=1, backend="pen", name="The Pen", prompt_set="frozen v1")
    for hosted in (frozenset({"pen"}), frozenset[str]()):
        progress = step(start, Seen(seq=1, body=attempt), hosted)
        assert progress.part(PART).hosted is bool(hosted)  # type: ignore[union-attr]


def test_what_is_left_over_when_somebody_stops_it_is_said_to_be_unwritten(start: Progress) -> None:
    events = [*_events()[:-7], DoneEvent(status="cancelled", revision=5)]
    stopped = told(start, seen_events(_stored(events)))
    assert stopped.ending is Ending.CANCELLED
    states = {part.id: part.state for part in stopped.parts}
    assert states.pop(PART) is PartState.READY
    assert set(states.values()) == {PartState.STOPPED}


@given(st.lists(st.sampled_from(range(1, 25)), max_size=6))
def test_events_that_come_twice_change_nothing(again: list[int]) -> None:
    stored = _stored(_events())
    once = told(Progress(), seen_events(stored))
    twice = once
    for seq in again:
        for event in stored:
            if event.seq == seq:
                twice = told(twice, seen_events([event]))
    assert twice == once


def test_joining_pieces_of_text_changes_nothing(start: Progress) -> None:
    stored = _stored(_events())
    apart = start
    for event in stored:
        apart = told(apart, seen_events([event]))
    assert told(start, seen_events(stored)) == apart


class Screen:
    """The box on the page, as the script keeps it: each piece goes where it says."""

    def __init__(self, stream: DraftStream, start: Progress) -> None:
        self.stream = stream
        self.texts: dict[str, str] = {
            f"draft-text-{part.key}": _escaped(part.text)
            for part in start.parts
            if part.state in {PartState.WRITING, PartState.CHECKED}
        }
        self.states: dict[str, str] = {}
        self.ended = False

    def take(self, event: GenerationEvent) -> None:
        name, number, data = _read(self.stream.frame(event))
        assert number == event.seq
        for target, how, content in re.findall(
            r'<template data-target="([^"]*)" data-how="([a-z]+)">(.*?)</template>', data, flags=re.DOTALL
        ):
            if how == "add" and target.startswith("draft-text-"):
                self.texts[target] += content
            elif how == "swap":
                live = re.findall(r'id="(draft-text-[^"]+)" dir="auto">(.*?)</div>', content, flags=re.DOTALL)
                self.texts.update(live)
                if not live:
                    self.texts.pop(target.replace("part", "text", 1), None)
                self.states[target] = re.findall(r"is-([a-z_]+)", content)[0]
        self.ended = name == "end"


def _read(frame: bytes) -> tuple[str, int, str]:
    lines = frame.decode().split("\n")
    assert lines[-2:] == ["", ""], "a message ends with one empty line"
    fields = [line.partition(": ") for line in lines[:-2]]
    names = [name for name, _, _ in fields]
    assert names[:2] == ["event", "id"]
    assert set(names[2:]) == {"data"}
    return fields[0][2], int(fields[1][2]), "\n".join(text for _, _, text in fields[2:])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r\n", "\n")


@pytest.mark.parametrize("cut", range(len(_events()) + 1))
def test_a_stream_that_is_taken_up_after_a_break_shows_everything_once(cut: int, document: Document) -> None:
    templates = environment(default_words(), load_static())
    wanted = SectionsJob(kind="sections")
    stored = _stored(_events())
    shown = told(begin(wanted, document), seen_events(stored[:cut]))
    where: dict[str, Any] = {"generation_id": "gen_1", "session_id": "s_1", "on": "builder", "back": "/s/s_1/builder"}
    stream = DraftStream(templates, shown, asked_of(wanted), hosted=frozenset(), **where)
    screen = Screen(stream, shown)
    writing = {n for n, body in enumerate(_events(), start=1) if isinstance(body, DeltaEvent) and body.part == PART}
    for event in stored[cut:]:
        screen.take(event)
        if event.seq == max(writing):
            assert screen.texts["draft-text-section-call"] == _escaped(SAID)
    if cut < len(stored):
        assert screen.ended
        done = str(templates.get_template("drafts.html.j2").module.draft_inner(stream._view()))  # type: ignore[attr-defined]
        whole = told(begin(wanted, document), seen_events(stored))
        view = draft_view(whole, asked_of(wanted), **where)
        assert done == str(templates.get_template("drafts.html.j2").module.draft_inner(view))  # type: ignore[attr-defined]


@given(st.text())
def test_no_text_breaks_out_of_its_message(text: str) -> None:
    frame = message("draft", 7, [text])
    name, number, data = _read(frame)
    assert (name, number) == ("draft", 7)
    assert data == text.replace("\r\n", "\n").replace("\r", "\n")


def test_what_a_model_writes_is_shown_as_text(document: Document) -> None:
    templates = environment(default_words(), load_static())
    hostile = '<script>alert(1)</script></template><img src=x onerror="x">'
    bodies: list[GenerationEventBody] = [
        AttemptEvent(part=PART, number=1, backend="pen", name=hostile, prompt_set="p"),
        DeltaEvent(part=PART, text=hostile),
        ResultEvent(part=PART, event="turned_down", applied=False, revision=1, message=hostile),
    ]
    wanted = SectionsJob(kind="sections")
    stream = DraftStream(
        templates,
        begin(wanted, document),
        asked_of(wanted),
        generation_id="g",
        session_id="s",
        on="builder",
        back="/s/s/builder",
        hosted=frozenset(),
    )
    for event in _stored(bodies):
        data = _read(stream.frame(event))[2]
        assert "<script" not in data
        assert "<img" not in data


def test_a_draft_of_a_session_without_an_exercise_can_be_shown() -> None:
    empty = new_document(new_id("s"))
    assert begin(PacketJob(kind="packet"), empty).parts[-1].id == "packet"
    assert begin(SectionsJob(kind="sections"), empty).parts == ()
