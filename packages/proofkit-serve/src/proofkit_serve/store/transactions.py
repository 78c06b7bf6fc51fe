"""Reading and writing, each as one transaction, with every failure told in the store's own errors."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from proofkit_serve.store.address import StoreAddress
from proofkit_serve.store.engine import BEGIN, WAIT_S, Begin, open_engine, still_there
from proofkit_serve.store.failures import at, away, busy, told


class Transactions:
    """The way to the database. After a failure the next transaction starts from nothing, so it recovers by itself."""

    def __init__(self, address: StoreAddress) -> None:
        """Prepare an engine; nothing is opened yet.

        Args:
            address: The store.
        """
        self._address = address
        self.engine: AsyncEngine = open_engine(address)
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that only reads; all of its statements see the store at one moment.

        Raises:
            StoreError: The database failed.
        """
        async with self._telling(), self._connection("read") as connection:
            if self._address.file is None:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction that writes: once it is left without an error, what it wrote is on the disk.

        Raises:
            StoreError: The database failed; nothing was written.
        """
        async with self._telling(), self._alone(), self._connection("write") as connection:
            async with connection.begin():
                yield connection
            if self._address.file and not still_there(connection, self._address.file):
                raise at(self._address, away())  # a commit into a file that was just taken away is no commit

    async def sweep(self) -> bool:
        """Empty SQLite's journal, which still holds what was deleted.

        Returns:
            Whether nothing is left in it; False where somebody is reading. Postgres cleans up by itself.

        Raises:
            StoreError: The database failed.
        """
        if self._address.file is None:
            return True
        async with self._telling(), self._alone(), self._connection("none") as connection:
            blocked = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
            return blocked == 0

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _connection(self, begin: Begin) -> AsyncGenerator[AsyncConnection]:
        async with self.engine.connect() as connection:
            yield await connection.execution_options(**{BEGIN: begin})

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        """Let one write at a time: SQLite has one writer, and waiting here is fair and cheap."""
        if self._address.file is None:
            yield
            return
        try:
            async with asyncio.timeout(WAIT_S):
                await self._writer.acquire()
        except TimeoutError as error:
            raise at(self._address, busy()) from error
        try:
            yield
        finally:
            self._writer.release()

    @asynccontextmanager
    async def _telling(self) -> AsyncGenerator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise told(error, self._address) from error
