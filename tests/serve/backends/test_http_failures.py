from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_core.errors import FailureKind
from proofkit_serve.backends.http.failures import is_waking, of_status, read_retry_after, server_words

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
WHERE = "http://127.0.0.1:8080/v1"
KINDS = {
    307: FailureKind.REFUSED,
    400: FailureKind.REFUSED,
    401: FailureKind.AUTH,
    402: FailureKind.AUTH,
    403: FailureKind.AUTH,
    404: FailureKind.NOT_FOUND,
    405: FailureKind.NOT_FOUND,
    408: FailureKind.SERVER,
    413: FailureKind.REFUSED,
    422: FailureKind.REFUSED,
    429: FailureKind.RATE_LIMITED,
    500: FailureKind.SERVER,
    501: FailureKind.NOT_FOUND,
    503: FailureKind.SERVER,
    529: FailureKind.SERVER,
}
RETRY_AFTER = {
    "7": 7.0,
    " 0.5 ": 0.5,
    "0": 0.0,
    "Mon, 23 Nov 2026 12:00:30 GMT": 30.0,
    "Mon, 23 Nov 2026 11:00:00 GMT": 0.0,
    "Monday, 23-Nov-26 12:01:00 GMT": 60.0,
    "Mon Nov 23 12:00:05 2026": 5.0,
    "": None,
    "soon": None,
    "-3": None,
    "1e9": None,
    "Mon, 99 Nov 2026 12:00:30 GMT": None,
}


@pytest.mark.parametrize("status", KINDS)
def test_each_status_has_its_kind(status: int) -> None:
    assert of_status(status, {}, b"", where=WHERE, now=NOW).kind is KINDS[status]


@given(st.integers(300, 599))
def test_every_status_says_where_and_what_it_was(status: int) -> None:
    message = str(of_status(status, {}, b'{"error": "no"}', where=WHERE, now=NOW))
    assert WHERE in message
    assert str(status) in message


@pytest.mark.parametrize("value", RETRY_AFTER)
def test_when_to_come_back_is_read_in_seconds_and_as_a_date(value: str) -> None:
    assert read_retry_after(value, now=NOW) == RETRY_AFTER[value]


@given(st.text(max_size=40))
def test_no_header_breaks_the_reading(value: str) -> None:
    found = read_retry_after(value, now=NOW)
    assert found is None or found >= 0


def test_a_server_that_loads_its_model_is_told_from_a_broken_one() -> None:
    loading = b'{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}'
    assert is_waking(of_status(503, {}, loading, where=WHERE, now=NOW))
    assert is_waking(of_status(503, {"retry-after": "9"}, b"", where=WHERE, now=NOW))
    assert not is_waking(of_status(503, {}, b'{"error": "out of memory"}', where=WHERE, now=NOW))
    assert not is_waking(of_status(500, {}, loading, where=WHERE, now=NOW))


def test_nothing_a_server_says_about_a_key_is_repeated() -> None:
    body = b'{"error": {"message": "Incorrect API key provided: sk-12*****89"}}'
    assert "sk-12" not in str(of_status(401, {}, body, where=WHERE, now=NOW))


def test_what_a_server_says_is_cut_short_and_stripped_of_controls() -> None:
    assert server_words(b'{"error": {"message": "a\\u001b[31m\\nb"}}') == "a [31m b"
    assert len(server_words(b'{"detail": "' + b"x" * 5000 + b'"}')) == 200
    assert server_words(b"<html>") == server_words(b"[1]") == server_words(b'{"error": {"code": 1}}') == ""
