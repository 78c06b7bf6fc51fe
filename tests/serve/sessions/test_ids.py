import re

from proofkit_serve.sessions import id_factory, new_document, new_id
from proofkit_serve.sessions.ids import ID_BYTES


def test_an_id_holds_more_randomness_than_can_be_guessed() -> None:
    assert ID_BYTES * 8 >= 128
    assert re.fullmatch(r"s_[A-Za-z0-9_-]{24}", new_id("s"))


def test_ten_thousand_ids_differ() -> None:
    assert len({new_id("s") for _ in range(10_000)}) == 10_000


def test_the_same_bytes_give_the_same_id() -> None:
    make = id_factory(lambda count: b"\xff" * count)
    assert make("gen") == make("gen") == "gen_" + "_" * 24


def test_an_id_is_one_that_a_document_takes() -> None:
    make = id_factory(lambda count: bytes(range(count)))
    assert new_document(make("s")).id == make("s")
