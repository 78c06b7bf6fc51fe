"""Opens the store: migrated, checked and ready."""

import asyncio

from proofkit_serve.sessions.ids import IdFactory, new_id
from proofkit_serve.store.address import read_address
from proofkit_serve.store.migrating import check_migrated, migrate
from proofkit_serve.store.sql_store import SqlStore
from proofkit_serve.store.times import Clock, system_clock
from proofkit_serve.store.transactions import Transactions


async def open_store(
    url: str, *, clock: Clock = system_clock, make_id: IdFactory = new_id, migrating: bool | None = None
) -> SqlStore:
    """Open a store.

    Args:
        url: `sqlite:////path/store.db` or `postgresql://name@host/database`.
        clock: Tells the time.
        make_id: Makes unguessable ids.
        migrating: Whether to bring the tables up to date first. By default a SQLite file is, and made if need be; a
            Postgres that others use too is not.

    Raises:
        StoreAddressError: The URL cannot be used.
        StoreSchemaError: The tables are not those of this version.
        StoreError: The database cannot be used.
    """
    address = read_address(url)
    if migrating if migrating is not None else address.file is not None:
        await asyncio.to_thread(migrate, url)
    else:
        await asyncio.to_thread(check_migrated, url)
    return SqlStore(Transactions(address), clock=clock, new_id=make_id)
