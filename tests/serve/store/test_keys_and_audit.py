"""API keys and the audit log, on both databases."""

import hashlib

import pytest
from pydantic import ValidationError

from proofkit_serve.errors import EventRefusedError, KeyNotFoundError
from proofkit_serve.sessions import new_id
from proofkit_serve.store import AuditEntry, Store

pytestmark = pytest.mark.anyio
DIGEST = hashlib.sha256(b"a key").hexdigest()


async def test_a_key_is_found_by_its_digest(store: Store) -> None:
    key = await store.add_key("laptop", DIGEST, key_id=new_id("key"), owner="ann")
    assert await store.find_key(DIGEST) == key
    assert await store.find_key("0" * 64) is None
    assert await store.keys() == (key,)


async def test_a_key_itself_cannot_be_stored(store: Store) -> None:
    with pytest.raises(ValidationError):
        await store.add_key("laptop", "pk_a-key-in-plain-words", key_id=new_id("key"), owner="ann")
    assert await store.keys() == ()


async def test_a_key_is_stored_once(store: Store) -> None:
    await store.add_key("laptop", DIGEST, key_id=new_id("key"), owner="ann")
    with pytest.raises(EventRefusedError, match="already"):
        await store.add_key("desk", DIGEST, key_id=new_id("key"), owner="ben")


async def test_a_revoked_key_is_listed_and_not_found(store: Store) -> None:
    key = await store.add_key("laptop", DIGEST, key_id=new_id("key"), owner="ann")
    revoked = await store.revoke_key(key.id)
    assert revoked.revoked_at is not None
    assert await store.find_key(DIGEST) is None
    assert await store.keys() == (revoked,)
    assert await store.revoke_key(key.id) == revoked


async def test_an_unknown_key_is_told(store: Store) -> None:
    with pytest.raises(KeyNotFoundError, match="keys list"):
        await store.revoke_key(new_id("key"))


async def test_the_audit_log_is_numbered_and_read_on(store: Store) -> None:
    for number in range(3):
        await store.record_audit(AuditEntry(action="session.create", owner="ann", subject=f"s_{number}"))
    entries = await store.audit()
    assert [item.entry.subject for item in entries] == ["s_0", "s_1", "s_2"]
    assert await store.audit(after=entries[0].number, limit=1) == entries[1:2]
    assert [item.at for item in entries] == sorted(item.at for item in entries)


def test_the_audit_log_has_no_room_for_what_was_said() -> None:
    with pytest.raises(ValidationError):
        AuditEntry(action="session.create", subject="x" * 201)
    with pytest.raises(ValidationError):
        AuditEntry(action="I ran a ward")
