"""Checks of what messages say: payloads, metrics, units, ranges, codes, polarity, sales."""

from collections import Counter

import numpy as np

from domain import predicate, unit
from domain.profile import Metric
from domain.wire import DeviceEvent, Telemetry, Transaction
from mingchu.conformance.case import Case
from mingchu.conformance.finding import Seen, bad, good, unseen, warn

_ENOUGH = 5  # a contradiction in fewer statuses is a moment, not a polarity
_SHARE = 0.5


def payloads(case: Case) -> Seen:
    if case.unread:
        shown = [f"{reason} [{heard.topic}: {heard.payload[:60]!r}]" for heard, reason in case.unread]
        return bad(f"{len(shown)} messages cannot be read; each would be a dead letter", shown)
    return good(f"all {len(case.spoken)} can be read") if case.spoken else unseen("no message was heard")


def names(case: Case) -> Seen:
    if case.unnamed:
        counted = Counter(case.unnamed)
        return bad(
            "the profile does not know these: they are not stored",
            [f"{name} ({n} times)" for name, n in counted.items()],
        )
    return good("the profile knows them all") if case.spoken else unseen("no message was heard")


def coverage(case: Case) -> Seen:
    """Which of the profile's metrics never came."""
    told = {name for one in case.spoken if one.readings for name in one.readings.values}
    if not told:
        return unseen("no telemetry was heard")
    missing = [metric.name for metric in case.profile.metrics if metric.name not in told]
    return warn("never told: rules about them never fire", missing) if missing else good("all metrics came")


def units(case: Case) -> Seen:
    if case.odd_units:
        return bad("a unit does not fit its metric: the whole message would be a dead letter", case.odd_units)
    return (
        good("they fit their metrics") if any(True for _ in case.told(Telemetry)) else unseen("no telemetry was heard")
    )


def ranges(case: Case) -> Seen:
    outside: dict[str, list[float]] = {}
    for one in case.spoken:
        for name, value in one.readings.values.items() if one.readings else ():
            metric = case.profile.metric(name)
            if metric is not None and not metric.values and not metric.low <= value <= metric.high:
                outside.setdefault(name, []).append(value)
    if not outside:
        return (
            good("all are believable") if any(True for _ in case.told(Telemetry)) else unseen("no telemetry was heard")
        )
    said = [_outside(case.profile.metric(name), values) for name, values in outside.items()]
    return bad("values outside what is believable: stored and flagged, and seen by no rule", said)


def _outside(metric: Metric | None, values: list[float]) -> str:
    assert metric is not None
    hint = _hint(metric, values)
    return f"{metric.name} {values[0]:g}, not within {metric.low:g} … {metric.high:g} {metric.unit}{hint}"


def _hint(metric: Metric, values: list[float]) -> str:
    """A unit in which all of them would be believable."""
    own = unit.UNITS[metric.unit]
    for name, other in unit.UNITS.items():
        if other.quantity == own.quantity and name != metric.unit:
            scale, offset = unit.conversion(name, metric.unit)
            if all(metric.low <= value * scale + offset <= metric.high for value in values):
                return f"; sent in {name} without saying so?"
    return ""


def status_codes(case: Case) -> Seen:
    tables = {metric.name: {each.value for each in metric.values} for metric in case.profile.metrics if metric.values}
    flags = {metric.name for metric in case.profile.metrics if metric.flag}
    told = [(name, value) for one in case.spoken if one.readings for name, value in one.readings.values.items()]
    odd = [f"{name} = {value:g}" for name, value in told if name in tables and value not in tables[name]]
    odd += [
        f"{name} = {value:g} (a flag is 0 or 1)" for name, value in told if name in flags and value not in (0.0, 1.0)
    ]
    if odd:
        return bad("values that the profile's code tables do not have", odd)
    seen = any(name in tables or name in flags for name, _ in told)
    return good("all are in the code tables") if seen else unseen("no status item was heard")


def event_codes(case: Case) -> Seen:
    told = [said for _, said in case.told(DeviceEvent)]
    odd = [said.code for said in told if case.profile.event(said.code) is None]
    if odd:
        return bad("event codes that the profile does not have: no rule hears them", odd)
    return good(f"{len({said.code for said in told})} codes, all known") if told else unseen("no event was heard")


def polarity(case: Case) -> Seen:
    """A flag that comes upside down contradicts the others in most messages."""
    if not case.profile.contradictions:
        return unseen("the profile names no contradiction that would show it")
    rows = [one.readings.values for one in case.spoken if one.readings]
    columns = {metric.name: np.array([row.get(metric.name, np.nan) for row in rows]) for metric in case.profile.metrics}
    looked, found = 0, list[str]()
    for one in case.profile.contradictions:
        truth = predicate.parse(one.when).evaluate(columns)
        known = int((truth.yes | truth.no).sum())
        looked += known
        if truth.yes.sum() >= _ENOUGH and truth.yes.sum() > _SHARE * known:
            found.append(f"{one.en} ({int(truth.yes.sum())} of {known} statuses): {one.when}")
    if found:
        return bad("what most statuses say can hardly be: a flag comes upside down, or a unit is wrong", found)
    return good("flags agree with each other") if looked >= _ENOUGH else unseen("too few statuses")


def sales(case: Case) -> Seen:
    told = [said for _, said in case.told(Transaction)]
    if not told:
        return unseen("no sale was heard")
    odd = [
        f"{sale.tx_id}: {sale.net_g:g} g × {sale.unit_price:g} fen/kg is not {sale.amount:g} fen"
        for sale in told
        if abs(sale.amount - sale.net_g / 1000 * sale.unit_price) > 1
    ]
    odd += [
        f"{sale.tx_id}: gross − tare is not net" for sale in told if abs(sale.gross_g - sale.tare_g - sale.net_g) > 0.5
    ]
    odd += [
        f"{tx_id}: the number of {n} different sales"
        for tx_id, n in Counter(one.tx_id for one in set(told)).items()
        if n > 1
    ]
    return bad("sales that do not add up", odd) if odd else good(f"all {len(told)} add up")
