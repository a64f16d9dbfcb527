"""The ledger of excursions: one row an alert, written when its condition is over (DOMAIN §4)."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from domain import excursion, predicate
from domain.rule import Rule, RuleKind
from store import excursions
from store.connection import Connection


async def write(connection: Connection, ended: Mapping[int, tuple[Rule, datetime]]) -> None:
    """Write the ledgers of alerts that are over now: by alert, its rule and when it was over.

    A rule whose predicate sets no metric's bound, or none of a temperature, has no excursions.
    """
    bounds = {
        alert: bound
        for alert, (rule, _) in ended.items()
        if rule.kind is RuleKind.THRESHOLD and (bound := excursion.limit(predicate.parse(rule.predicate)))
    }
    for alert, device, began in await excursions.open_at(connection, list(bounds)) if bounds else []:
        bound, end = bounds[alert], ended[alert][1]
        times, values = await excursions.measured(connection, device, bound.metric, began, end)
        told = await asyncio.to_thread(excursion.summarise, bound, times, values, end.timestamp())
        if told is not None:
            await excursions.put(connection, alert, bound, (began, end), told)
