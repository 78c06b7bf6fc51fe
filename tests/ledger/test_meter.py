"""Who wrote what, in words and shares."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.generation import ModelIdentity
from proofkit_core.ledger import ALL, who_wrote
from proofkit_core.ledger.meter import exact_shares
from proofkit_core.packet import Origin, Packet, WhoWrote, Writer

Example = Callable[[str], Packet]
MODEL = ModelIdentity(id="tiny", name="Tiny", artifact_digest="ab" * 32)
DRAFTED = Origin(writer=Writer.MODEL, model=MODEL)


def part_of(parts: tuple[WhoWrote, ...], name: str) -> WhoWrote:
    return next(part for part in parts if part.part == name)


@given(st.lists(st.integers(min_value=0, max_value=100_000), min_size=3, max_size=3))
def test_shares_sum_to_one(counts: list[int]) -> None:
    shares = exact_shares(counts)
    assert sum(round(share * 1000) for share in shares) == 1000
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("name", ["career-changer", "nurse-educator", "long-tail"])
def test_each_part_counts_every_word_once(name: str, example: Example) -> None:
    packet = example(name)
    parts = packet.who_wrote
    assert parts == who_wrote(packet)
    assert [part.part for part in parts][-4:] == ["post", "bullets", "talking_points", ALL]
    assert len(parts) == len(packet.sample.sections) + 4
    for part in parts:
        assert part.words == part.typed + part.drafted + part.supplied
        assert abs(part.typed_share + part.drafted_share + part.supplied_share - 1) < 1e-9
        assert part.drafted == 0
    whole = parts[-1]
    assert whole.words == sum(part.words for part in parts[:-1])
    assert 0 < whole.typed < whole.words


def test_copied_words_are_the_persons_even_in_a_models_draft(example: Example) -> None:
    packet = example("career-changer")
    note = packet.brief.notes[1]
    section = packet.sample.sections[0].model_copy(
        update={"markdown": f"Here is a point worth keeping: {note}.", "origin": DRAFTED}
    )
    sample = packet.sample.model_copy(update={"sections": (section, *packet.sample.sections[1:])})
    part = who_wrote(packet.model_copy(update={"sample": sample}))[0]
    assert (part.typed, part.drafted, part.supplied) == (len(note.split()), 6, 0)
    assert part.model == MODEL


def test_the_last_talking_point_is_always_the_templates(example: Example) -> None:
    packet = example("career-changer")
    drafted = packet.talking_points.model_copy(update={"origin": DRAFTED})
    part = part_of(who_wrote(packet.model_copy(update={"talking_points": drafted})), "talking_points")
    last = packet.talking_points.items[-1]
    assert 0 < part.supplied <= len(f"{last.question} {last.answer}".split()) + 2
    assert part.drafted > part.supplied


def test_marks_are_nobodys_words(example: Example) -> None:
    packet = example("career-changer")
    post = packet.post.model_copy(update={"text": "Ten minutes (h) for each bay [S1]."})
    assert part_of(who_wrote(packet.model_copy(update={"post": post})), "post").words == 5
