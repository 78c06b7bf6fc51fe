"""What step 7 shows of a session, and what its files are called."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.export.render import render_packet
from proofkit_serve.api.rendering import ZIP_FILE
from proofkit_serve.sessions import Document
from proofkit_ui.web.views.file_names import SIMULATED, disposition, saved_name
from proofkit_ui.web.views.packet import cards_of, download_names, packet_view, rehearsal_view


def test_an_unfinished_packet_shows_only_how_to_finish_it(written: Document) -> None:
    view = packet_view(written)
    assert not view.is_finished
    assert view.downloads is None
    assert view.cards == ()


def test_every_file_of_the_packet_can_be_downloaded_and_nothing_else(finished: Document) -> None:
    assert finished.packet is not None
    assert set(download_names()) == {*render_packet(finished.packet).files, ZIP_FILE}


def test_what_holds_private_words_is_set_apart_from_what_is_sent(finished: Document) -> None:
    assert finished.packet is not None
    packet = finished.packet
    spot = packet.brief.weak_spots[0]
    files = render_packet(packet).files
    view = packet_view(finished)
    assert view.downloads is not None
    for file in view.downloads.to_send:
        name = file.url.rpartition("/")[2]
        assert spot.encode() not in files[name], f"{name} is offered for sending and holds a weak spot"
    assert any(spot.encode() in files[file.url.rpartition("/")[2]] for file in view.downloads.for_you)


def test_the_names_of_files_say_who_for_what_and_that_it_is_simulated(finished: Document) -> None:
    assert finished.packet is not None
    names = [saved_name(finished.packet, name) for name in download_names()]
    assert len(set(names)) == len(names)
    assert saved_name(finished.packet, "work-sample.pdf") == (
        "maya-ökafor-project-manager-entry-level-simulated-work-sample.pdf"
    )
    assert all(name.startswith("maya-ökafor-project-manager-entry-level-simulated-work-sample") for name in names)


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("", "Nurse", "nurse-simulated-work-sample.pdf"),
        ("../../etc/passwd", "CON", "etc-passwd-con-simulated-work-sample.pdf"),
        ("李雷", "产品经理", "李雷-产品经理-simulated-work-sample.pdf"),
        ("🐇🐇", "<b>Boss</b>", "b-boss-b-simulated-work-sample.pdf"),
    ],
)
def test_odd_names_make_plain_files(finished: Document, name: str, role: str, expected: str) -> None:
    assert finished.packet is not None
    brief = finished.packet.brief.model_copy(update={"name": name, "target_role": role})
    assert saved_name(finished.packet.model_copy(update={"brief": brief}), "work-sample.pdf") == expected


@given(name=st.text(max_size=80), role=st.text(min_size=2, max_size=120))
def test_no_name_breaks_the_header(finished: Document, name: str, role: str) -> None:
    assert finished.packet is not None
    brief = finished.packet.brief.model_copy(update={"name": name, "target_role": role})
    saved = saved_name(finished.packet.model_copy(update={"brief": brief}), "work-sample.pdf")
    header = disposition(saved)
    assert SIMULATED in saved
    assert len(saved) < 140
    assert re.fullmatch(r"attachment; filename=\"[a-z0-9-]+\.pdf\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+", header)
    assert header.encode("latin-1")


def test_the_rehearsal_ends_with_the_question_that_always_comes(finished: Document) -> None:
    assert finished.packet is not None
    cards = cards_of(finished.packet)
    assert [card.is_about_reality for card in cards] == [False] * (len(cards) - 1) + [True]
    assert finished.packet.challenge.company in cards[-1].answer
    assert "real" in cards[-1].question


def test_the_rehearsal_leads_from_the_first_question_to_the_last(finished: Document) -> None:
    assert finished.packet is not None
    first = rehearsal_view(finished, finished.packet, 1)
    assert first is not None
    assert first.back_url == ""
    last = rehearsal_view(finished, finished.packet, first.total)
    assert last is not None
    assert last.next_url == ""
    assert rehearsal_view(finished, finished.packet, first.total + 1) is None


def test_the_shares_of_who_wrote_it_sum_to_a_hundred(finished: Document) -> None:
    meter = packet_view(finished).meter
    assert meter is not None
    assert meter.typed + meter.drafted + meter.supplied == 100
    assert meter.typed > 0
    assert meter.drafted == 0


def test_what_is_copied_is_the_file_itself(finished: Document) -> None:
    assert finished.packet is not None
    files, view = render_packet(finished.packet).files, packet_view(finished)
    assert view.post is not None
    assert files["linkedin-post.txt"].decode().strip() == view.post.text.strip()
    assert "".join(files["resume-bullets.txt"].decode().split()) == "".join(view.bullets_text.split())
