"""Idempotency keys, on both databases: a call that is made twice is done once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import pytest

from proofkit_core.errors import InputError
from proofkit_serve.store import CallAnswer, Claimed, Finished, IdempotencyClaim, InProgress, Mismatch, Store

pytestmark = pytest.mark.anyio
Insisting = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class Watch(Protocol):
    """The conftest's clock."""

    def __call__(self) -> datetime: ...
    def go_on(self, seconds: float) -> None: ...


def _answer(token: str, body: bytes = b"{}", session_id: str | None = None) -> CallAnswer:
    return CallAnswer(token=token, status=201, headers={"etag": '"1"'}, body=body, session_id=session_id)


def _token(claim: IdempotencyClaim) -> str:
    assert isinstance(claim, Claimed)
    return claim.token


async def test_the_second_call_gets_the_answer_of_the_first(store: Store) -> None:
    token = _token(await store.claim_idempotency("ann", "key", "asked"))
    await store.finish_idempotency("ann", "key", _answer(token, b"\x00\xff made"))
    found = await store.claim_idempotency("ann", "key", "asked")
    assert found == Finished(status=201, headers={"etag": '"1"'}, body=b"\x00\xff made")


async def test_a_call_that_runs_is_told(store: Store) -> None:
    await store.claim_idempotency("ann", "key", "asked")
    found = await store.claim_idempotency("ann", "key", "asked")
    assert isinstance(found, InProgress)
    assert 0 < found.retry_after_s <= 1


async def test_a_key_for_another_call_is_told(store: Store) -> None:
    token = _token(await store.claim_idempotency("ann", "key", "asked"))
    assert await store.claim_idempotency("ann", "key", "something else") == Mismatch()
    await store.finish_idempotency("ann", "key", _answer(token))
    assert await store.claim_idempotency("ann", "key", "something else") == Mismatch()


async def test_two_people_may_use_the_same_key(store: Store) -> None:
    _token(await store.claim_idempotency("ann", "key", "asked"))
    _token(await store.claim_idempotency("ben", "key", "something else"))


async def test_of_fifty_calls_at_once_one_is_done(store: Store, insisting: Insisting) -> None:
    calls = (insisting(partial(store.claim_idempotency, "ann", "key", "asked")) for _ in range(50))
    claims: list[IdempotencyClaim] = await asyncio.gather(*calls)
    assert len([claim for claim in claims if isinstance(claim, Claimed)]) == 1
    assert len([claim for claim in claims if isinstance(claim, InProgress)]) == 49


async def test_a_call_that_failed_can_be_made_again(store: Store) -> None:
    token = _token(await store.claim_idempotency("ann", "key", "asked"))
    await store.release_idempotency("ann", "key", token)
    _token(await store.claim_idempotency("ann", "key", "asked"))


async def test_a_call_whose_server_died_can_be_made_again_and_answers_once(store: Store, watch: Watch) -> None:
    lost = _token(await store.claim_idempotency("ann", "key", "asked", lease_s=30))
    watch.go_on(31)
    token = _token(await store.claim_idempotency("ann", "key", "asked", lease_s=30))
    assert token != lost
    await store.finish_idempotency("ann", "key", _answer(lost, b"late"))
    await store.release_idempotency("ann", "key", lost)
    await store.finish_idempotency("ann", "key", _answer(token, b"made"))
    await store.finish_idempotency("ann", "key", _answer(token, b"made twice"))
    await store.release_idempotency("ann", "key", token)
    found = await store.claim_idempotency("ann", "key", "asked")
    assert isinstance(found, Finished)
    assert found.body == b"made"


async def test_old_answers_are_forgotten(store: Store, watch: Watch) -> None:
    token = _token(await store.claim_idempotency("ann", "old", "asked"))
    await store.finish_idempotency("ann", "old", _answer(token))
    watch.go_on(3_600)
    await store.claim_idempotency("ann", "new", "asked")
    assert await store.forget_idempotency(older_than_s=3_000) == 1
    _token(await store.claim_idempotency("ann", "old", "asked"))
    assert isinstance(await store.claim_idempotency("ann", "new", "asked"), InProgress)


async def test_an_answer_goes_with_the_session_it_tells_about(store: Store, session: str) -> None:
    for key, about in (("this", session), ("other", None)):
        token = _token(await store.claim_idempotency("ann", key, "asked"))
        await store.finish_idempotency("ann", key, _answer(token, session_id=about))
    await store.delete_session(session, "ann")
    _token(await store.claim_idempotency("ann", "this", "asked"))
    assert isinstance(await store.claim_idempotency("ann", "other", "asked"), Finished)


async def test_a_strange_owner_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="Expected up to 120"):
        await store.claim_idempotency("ann\0", "key", "asked")


async def test_a_call_that_takes_long_stays_claimed_while_it_is_told_of(store: Store, watch: Watch) -> None:
    token = _token(await store.claim_idempotency("ann", "key", "asked", lease_s=30))
    for _ in range(3):
        watch.go_on(20)
        await store.keep_idempotency("ann", "key", token, lease_s=30)
        await store.keep_idempotency("ann", "key", "another's", lease_s=3_000)
    assert isinstance(await store.claim_idempotency("ann", "key", "asked", lease_s=30), InProgress)
    watch.go_on(31)
    assert _token(await store.claim_idempotency("ann", "key", "asked", lease_s=30)) != token


async def test_an_answer_that_comes_after_its_session_was_deleted_is_not_kept(store: Store, session: str) -> None:
    token = _token(await store.claim_idempotency("ann", "key", "asked"))
    await store.delete_session(session, "ann")
    await store.finish_idempotency("ann", "key", _answer(token, b"words", session_id=session))
    _token(await store.claim_idempotency("ann", "key", "asked"))
