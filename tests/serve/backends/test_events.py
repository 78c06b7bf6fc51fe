import json
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import FailureKind, GenerationError
from proofkit_serve.backends.http.deltas import Delta, Usage, read_delta
from proofkit_serve.backends.http.events import EventReader

STREAM = (
    ": a comment\n\n"
    'data: {"a": 1}\n\n'
    "event: message\r\nid: 7\r\ndata: first\r\ndata: second\r\n\r\n"
    "data:no blank\r\r"
    "data: größer\n\n"
    'error: {"code": 500}\n\n'
    "data: [DONE]\n"
)
PAYLOADS = ['{"a": 1}', "first\nsecond", "no blank", "größer", '{"code": 500}', "[DONE]"]


def read(chunks: list[bytes], line_bytes: int = 1000) -> list[str]:
    reader = EventReader(line_bytes=line_bytes)
    return [*(payload for chunk in chunks for payload in reader.push(chunk)), *reader.finish()]


@given(cuts=st.sets(st.integers(0, len(STREAM.encode()))))
def test_events_are_read_alike_however_the_bytes_arrive(cuts: set[int]) -> None:
    data = STREAM.encode()
    places = sorted({0, len(data), *cuts})
    assert read([data[start:end] for start, end in pairwise(places)]) == PAYLOADS


def test_a_line_that_does_not_end_is_refused() -> None:
    with pytest.raises(GenerationError) as caught:
        read([b"data: " + b"x" * 600, b"x" * 600])
    assert caught.value.kind is FailureKind.BAD_ANSWER


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    assert all(isinstance(payload, str) for payload in read([data]))


CHAT = {"choices": [{"delta": {"content": "Hi"}, "finish_reason": None}]}
DELTAS: dict[str, tuple[dict[str, Any], Delta]] = {
    "chat": (CHAT, Delta(text="Hi")),
    "completion": ({"choices": [{"text": "Hi", "finish_reason": ""}]}, Delta(text="Hi")),
    "role only": ({"choices": [{"delta": {"role": "assistant", "content": None}}]}, Delta()),
    "end": ({"choices": [{"delta": {}, "finish_reason": "length"}]}, Delta(finish="length")),
    "whole": (
        {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]},
        Delta(text="Hi", finish="stop"),
    ),
    "reasoning_content": ({"choices": [{"delta": {"reasoning_content": "Hm"}}]}, Delta(reasoning="Hm")),
    "reasoning": ({"choices": [{"delta": {"reasoning": "Hm", "content": ""}}]}, Delta(reasoning="Hm")),
    "parts": (
        {"choices": [{"delta": {"content": [{"type": "thinking"}, {"type": "text", "text": "Hi"}]}}]},
        Delta(text="Hi", reasoning="…"),
    ),
    "usage": (
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 9,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 8},
                "completion_tokens_details": {"reasoning_tokens": 2},
            },
        },
        Delta(usage=Usage(prompt_tokens=9, completion_tokens=5, reasoning_tokens=2, cached_tokens=8)),
    ),
    "timings": (
        {"choices": [], "timings": {"cache_n": 6, "prompt_n": 3, "predicted_n": 4}},
        Delta(usage=Usage(prompt_tokens=9, completion_tokens=4, cached_tokens=6)),
    ),
    "half a character": ({"choices": [{"text": "a\ud83d"}]}, Delta(text="a?")),
}


@pytest.mark.parametrize("case", DELTAS)
def test_an_event_is_read_in_each_of_its_forms(case: str) -> None:
    event, delta = DELTAS[case]
    assert read_delta(json.dumps(event)) == delta


@pytest.mark.parametrize("payload", ["<html>", "[1]", "null", '{"hello": 1}', '"text"', ""])
def test_what_is_no_event_is_refused(payload: str) -> None:
    with pytest.raises(GenerationError) as caught:
        read_delta(payload)
    assert caught.value.kind is FailureKind.BAD_ANSWER


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["choices", "delta", "usage", "error", "text", "content"]), inner, max_size=4
            )
        ),
    )
)
def test_no_json_breaks_the_reader_of_events(value: object) -> None:
    with suppress(GenerationError):
        assert isinstance(read_delta(json.dumps(value)), Delta)


def test_an_error_in_the_stream_tells_what_the_server_says() -> None:
    with pytest.raises(GenerationError, match="out of memory") as caught:
        read_delta('{"error": {"code": 500, "message": "out of memory"}}')
    assert caught.value.kind is FailureKind.SERVER
    with pytest.raises(GenerationError) as limited:
        read_delta('{"error": {"code": 429, "message": "slow down"}}')
    assert limited.value.kind is FailureKind.RATE_LIMITED
