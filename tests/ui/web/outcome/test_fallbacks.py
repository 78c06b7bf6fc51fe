"""A model that fails is told, and can be asked again."""

from collections.abc import Callable
from typing import Any

import pytest

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_core.generation import GenerationRequest
from proofkit_serve.sessions import Document
from proofkit_serve.wire.requests import PacketJob
from proofkit_ui.web.views.fallbacks import fallbacks_of
from proofkit_ui.web.words import load_words

Fixture = Any
"""What a fixture gives; importlib mode lets tests share no module."""

MakeDocument = Callable[..., Document]


@pytest.fixture(scope="module")
def away(scripted: Fixture) -> Fixture:
    def nobody(_request: GenerationRequest) -> str:
        raise GenerationError("nobody answers", kind=FailureKind.CONNECT)

    return scripted(nobody)


def test_without_a_model_nothing_fell_back(finished: Document) -> None:
    assert fallbacks_of(finished, back="/").count == 0


def test_what_a_model_could_not_write_is_told_by_its_reason(make_document: MakeDocument, away: Fixture) -> None:
    document = make_document(models=(away,))
    notice = fallbacks_of(document, back="/here")
    assert notice.count == len(document.sections) + 3
    assert [group.why for group in notice.groups] == ["The model could not be reached."]
    assert notice.groups[0].titles == tuple(item.section.title for item in document.sections)
    assert [load_words()(name) for name in notice.groups[0].names] == [
        "LinkedIn post",
        "Résumé bullets",
        "Talking points",
    ]
    assert notice.advice == "fallback.advice.away"
    assert notice.kind == "packet"
    assert fallbacks_of(document, back="/here", travel=False).count == len(document.sections)


def test_trying_again_writes_all_that_fell_back_and_nothing_else(
    make_document: MakeDocument, make_again: Callable[..., Document], away: Fixture
) -> None:
    fallen = make_document(models=(away,))
    again = make_again(fallen, PacketJob(kind="packet", fallbacks=True))
    assert fallbacks_of(again, back="/").count == 0
    assert again.packet is not None
    untouched = make_again(again, PacketJob(kind="packet", fallbacks=True))
    assert untouched.sections == again.sections


def test_what_the_person_rewrote_is_theirs_and_no_fallback(make_document: MakeDocument, away: Fixture) -> None:
    document = make_document(models=(away,))
    mine = document.sections[0].model_copy(update={"edited_by_person": True})
    told = fallbacks_of(document.model_copy(update={"sections": (mine, *document.sections[1:])}), back="/")
    assert mine.section.title not in told.groups[0].titles
