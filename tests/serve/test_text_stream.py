from hypothesis import given
from hypothesis import strategies as st

from proofkit_serve.backends.decoding.text import TextStream


@given(
    st.text(),
    st.lists(st.text(min_size=1, max_size=4), max_size=3),
    st.lists(st.integers(1, 5), min_size=1),
)
def test_text_is_what_comes_before_the_first_stop_string(text: str, stop: list[str], sizes: list[int]) -> None:
    data, stream, pieces, place = text.encode("utf-8", "ignore"), TextStream(stop), list[str](), 0
    while place < len(data):
        size = sizes[place % len(sizes)]
        pieces.append(stream.push(data[place : place + size]))
        place += size
    pieces.append(stream.finish())
    whole = data.decode()
    expected = whole[: min([at for string in stop if (at := whole.find(string)) >= 0], default=len(whole))]
    written = "".join(pieces)
    # Where two stop strings overlap, the one that is complete first ends the text.
    assert written == expected or (stream.stopped and whole.startswith(written) and len(stop) > 1)


def test_half_a_character_waits_for_its_rest() -> None:
    stream = TextStream(())
    first, rest = "é".encode()[:1], "é".encode()[1:]
    assert stream.push(first) == ""
    assert stream.push(rest) == "é"


def test_half_a_character_at_the_end_is_dropped() -> None:
    stream = TextStream(())
    assert stream.push(b"ok\xf0\x9f") == "ok"
    assert stream.finish() == ""


def test_the_start_of_a_stop_string_is_held_back_until_it_is_certain() -> None:
    stream = TextStream(("\n\nEnd",))
    assert stream.push(b"a\n\nE") == "a"
    assert stream.push(b"ast") == "\n\nEast"
    assert not stream.stopped
