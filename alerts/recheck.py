"""The machine's re-check: after a report, the same camera and zone, or sensor, is watched for the rule's recheck_s.

Its result is a paper beside the report. The gate stays on the condition itself (ADR 5, ADR 31), which may change again.
"""

from datetime import datetime, timedelta

import structlog

from alerts import workflow
from alerts.counters import Counters
from alerts.workflow import Refusal
from domain import audit_sample, finding, predicate
from domain.alert import Recheck
from store import alerts, rechecks
from store import workflow as cases
from store.connection import Connection
from store.rechecks import Outcome, Watch

log = structlog.get_logger("alerts")

BATCH = 50  # alerts at once
PATIENCE = 3  # times the watch: what keeps coming back so long is not put right


def judge(watched: Watch) -> Outcome | datetime:
    """How the re-check ends, or until when it goes on. Pure."""
    length = timedelta(seconds=watched.watch_s)
    end = watched.began + length
    if watched.now < end:
        return end
    if watched.blind:
        what = "camera was" if watched.is_camera else "device was"
        return Outcome(Recheck.UNJUDGED, None, f"the {what} {watched.blind} during the re-check")
    if watched.cleared is None:
        return Outcome(Recheck.VIOLATING, None, _measured(watched) or f"still so after {watched.watch_s:.0f} s")
    clear = max(watched.began, watched.cleared) + length
    if watched.now >= clear:
        seen = _measured(watched) or f"watched for {watched.watch_s:.0f} s, nothing seen"
        return Outcome(Recheck.CLEAR, watched.cleared, seen)
    if watched.now >= watched.began + PATIENCE * length:
        return Outcome(Recheck.VIOLATING, None, f"it came back within {PATIENCE * watched.watch_s:.0f} s")
    return min(clear, watched.began + PATIENCE * length)


def _measured(watched: Watch) -> str:
    """The latest values of what the rule reads, as reasons are written; '' where it reads none."""
    try:
        asked = predicate.parse(watched.predicate)
    except predicate.BadPredicateError:
        return ""
    return finding.written(asked, rechecks.values(watched.measured))


async def settle(connection: Connection, counters: Counters) -> int:
    """Look once at every alert whose re-check is due; returns how many. Each is a transaction of its own."""
    waiting = await rechecks.due(connection, BATCH)
    for alert in waiting:
        async with connection.transaction():
            if await cases.lock(connection, alert) is None:
                continue
            for watched in await rechecks.watch(connection, alert):
                await _look(connection, watched, counters)
    return len(waiting)


async def _look(connection: Connection, watched: Watch, counters: Counters) -> None:
    verdict = judge(watched)
    if isinstance(verdict, datetime):
        await rechecks.look_again(connection, watched.rectification_id, verdict)
        return
    await rechecks.end(connection, watched.rectification_id, verdict)
    await alerts.announce(connection, [watched.alert_id])
    counters.add(f"recheck-{verdict.result}")
    log.info("alerts.rechecked", alert=watched.alert_id, result=verdict.result, why=verdict.why)
    if verdict.result is Recheck.CLEAR and watched.machine_share > 0:
        await _draw(connection, watched, counters)


async def _draw(connection: Connection, watched: Watch, counters: Counters) -> None:
    """Leave it to the machine or to a human, as the seed has it (ADR 31)."""
    human = audit_sample.human(watched.draw_seed, watched.alert_id, watched.machine_share)
    await rechecks.record_draw(
        connection, watched, audit_sample.drawn(watched.draw_seed, watched.alert_id), human=human
    )
    if human:
        counters.add("audit-drawn")
        return
    moved = await workflow.settle(connection, watched.alert_id)
    counters.add("machine-refused" if isinstance(moved, Refusal) else "machine-closed")
