"""The previewer: takes up people's questions what a rule would have raised, beside the engine and never in its way."""

import asyncio

import msgspec
import psycopg
import structlog

from alerts import preview
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.preview import NobodyWaitsError, Progress, Source
from domain.rule import Rule
from store import previews
from store.connection import Connection, ServiceRole, connect
from store.previews import Taken
from store.replay import Span

log = structlog.get_logger("alerts")

_POLL_S = 1.0
_PATIENCE_S = 60.0  # a question whose worker gave no sign of life for so long is taken up anew


class _StoppedError(Exception):
    """The process is to end: the next one begins anew."""


async def answer(config: AlertsConfig, source: Source, counters: Counters, stop: asyncio.Event) -> None:
    """Answer questions, one at a time, until `stop` is set; raises psycopg.OperationalError."""
    connection = await connect(config.dsn, ServiceRole.ALERTS, autocommit=True)
    try:
        await connection.execute("LISTEN mingchu_preview")
        while not stop.is_set():
            taken = await previews.take(connection, _PATIENCE_S)
            if taken is None:
                async for _ in connection.notifies(timeout=_POLL_S, stop_after=1):
                    pass
            else:
                await _answer(connection, source, taken, counters, stop)
    finally:
        await connection.close()


async def _answer(
    connection: Connection, source: Source, taken: Taken, counters: Counters, stop: asyncio.Event
) -> None:
    async def tell(progress: Progress) -> bool:
        if stop.is_set():
            raise _StoppedError
        return await previews.progress(connection, taken.id, progress.done, progress.total, progress.rows)

    try:
        rule = msgspec.json.decode(taken.body, type=Rule)
        span = Span(taken.begins, taken.ends, taken.authority)
        found = await preview.run(connection, source, (rule, span), tell)
        await previews.answer(connection, taken.id, found)
        counters.add("previewed")
    except _StoppedError:
        await previews.put_back(connection, taken.id)
    except NobodyWaitsError:
        counters.add("preview_dropped")
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except Exception as error:  # one question's fault stops no other
        problem = " ".join(str(error).split()) or type(error).__name__
        log.exception("alerts.preview_failed", preview=str(taken.id), problem=problem)
        counters.add("preview_failed")
        await previews.fail(connection, taken.id, problem)
