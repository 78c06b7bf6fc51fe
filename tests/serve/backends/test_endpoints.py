from random import Random

import pytest

from proofkit_core.errors import FailureKind, GenerationError, InputError
from proofkit_serve.backends.http.endpoints import REST_S, EndpointPool, configured

BASES = {
    "http://127.0.0.1:8080": "http://127.0.0.1:8080/v1",
    "http://127.0.0.1:8080/": "http://127.0.0.1:8080/v1",
    "http://127.0.0.1:8080/v1/": "http://127.0.0.1:8080/v1",
    "https://router.example.org/api/v1": "https://router.example.org/api/v1",
    "https://example.org/openai": "https://example.org/openai",
}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def pool_of(count: int, clock: Clock) -> EndpointPool:
    endpoints = [configured(f"http://host{number}:8000") for number in range(count)]
    return EndpointPool(endpoints, random=Random(1), clock=clock)  # noqa: S311 - spreads load, guards nothing


@pytest.mark.parametrize("base", BASES)
def test_a_base_url_is_taken_with_and_without_its_path(base: str) -> None:
    assert configured(base).url == BASES[base]


@pytest.mark.parametrize("base", ["", "127.0.0.1:8080", "ftp://x/v1", "http:///v1", "http://x/v1?key=1", "file:///x"])
def test_what_is_no_base_url_is_refused(base: str) -> None:
    with pytest.raises(InputError, match="Expected http or https"):
        configured(base)


def test_a_password_in_a_base_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        configured("https://me:hunter2@example.org/v1")
    assert "hunter2" not in str(caught.value)


def test_of_two_endpoints_the_less_busy_one_is_taken() -> None:
    pool = pool_of(2, Clock())
    with pool.take() as first, pool.take() as second, pool.take() as third:
        assert first != second
        assert sorted(pool.in_flight.values()) == [1, 2]
        assert third in {first, second}
    assert set(pool.in_flight.values()) == {0}


def test_of_many_endpoints_none_is_left_out_or_run_over() -> None:
    pool = pool_of(8, Clock())
    open_calls = [pool.take() for _ in range(80)]
    for call in open_calls:
        call.__enter__()
    counts = pool.in_flight.values()
    assert min(counts) >= 8
    assert max(counts) <= 12
    for call in open_calls:
        call.__exit__(None, None, None)


def test_an_endpoint_that_refused_a_connection_rests_while_another_is_there() -> None:
    clock = Clock()
    pool = pool_of(2, clock)
    with pytest.raises(GenerationError), pool.take() as dead:
        raise GenerationError("refused", kind=FailureKind.CONNECT)
    for _ in range(10):
        with pool.take() as endpoint:
            assert endpoint != dead
    clock.now = REST_S
    with pool.take() as one, pool.take() as other:
        assert {one, other} == set(pool.endpoints)


def test_an_endpoint_that_is_alone_is_asked_again_at_once() -> None:
    pool = pool_of(1, Clock())
    for _ in range(3):
        with pytest.raises(GenerationError), pool.take():
            raise GenerationError("refused", kind=FailureKind.CONNECT)


def test_a_failure_of_another_kind_lets_no_endpoint_rest() -> None:
    pool = pool_of(2, Clock())
    with pytest.raises(GenerationError), pool.take() as failed:
        raise GenerationError("500", kind=FailureKind.SERVER)
    with pool.take() as one, pool.take() as other:
        assert failed in {one, other}


def test_no_endpoint_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="no base URL"):
        EndpointPool([], random=Random(1))  # noqa: S311 - the same
