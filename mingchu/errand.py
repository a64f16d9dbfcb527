"""A command's errand: the settings it runs under, and its work over one connection as the database's owner."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mingchu.settings import Settings
    from store.connection import Connection

T = TypeVar("T")


def settings_of(data_dir: Path | None = None) -> "Settings":
    """The environment's settings, with the logs set up as they say."""
    from mingchu import logs, settings

    read = settings.read()
    logs.configure(read.log_level)
    return read if data_dir is None else read.model_copy(update={"data_dir": data_dir})


def with_database(work: "Callable[[Connection], Awaitable[T]]") -> T:
    """Do `work` over one connection as the owner."""
    from store.connection import connect

    dsn = settings_of().dsn

    async def do() -> T:
        connection = await connect(dsn, autocommit=True)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(do())
