"""Checks of order and time: clocks, sequence numbers, repeats, sampling, and what is told after an outage."""

from collections import Counter
from itertools import pairwise
from statistics import median

from domain.wire import DeviceState, Telemetry
from mingchu.conformance.case import Case, Spoken
from mingchu.conformance.fact import Connected, Heard
from mingchu.conformance.finding import Seen, bad, good, unseen, warn

_WRONG_S, _AHEAD_S, _SLOW_S = 300.0, 300.0, 10.0
_BURST_S = 5.0  # what was kept is told within so long after the reconnection


def _data(case: Case) -> list[Spoken]:
    """What was said in the order of arrival, without presence and without exact repeats."""
    seen, found = set[tuple[str, bytes]](), list[Spoken]()
    for one in case.spoken:
        if not isinstance(one.said, DeviceState):
            key = (one.heard.topic, one.heard.payload)
            if key not in seen or (found and found[-1].heard is one.heard):
                found.append(one)
            seen.add(key)
    return found


def clock(case: Case) -> Seen:
    lags = [one.lag_s for one in _data(case) if one.heard.at < case.disturbed and one.lag_s is not None]
    if not lags:
        return unseen("no message with a time was heard")
    typical = median(lags)
    words = f"{abs(typical):.1f} s {'behind' if typical > 0 else 'ahead of'} ours"
    if -min(lags) > _AHEAD_S:
        return bad(f"its clock is up to {-min(lags):.0f} s ahead: such times are replaced by ours and flagged", [words])
    if typical > _WRONG_S:
        return bad(
            f"its times lie {typical:.0f} s back: a wrong clock, or messages that come so late; no rule fires", [words]
        )
    if abs(typical) > _SLOW_S:
        return warn(f"its times are {words}", [words])
    return good(f"its times are {words}")


def readings_times(case: Case) -> Seen:
    """A reading is known by its time: two that differ must not have the same."""
    told: dict[float, set[bytes]] = {}
    for one, said in case.told(Telemetry):
        told.setdefault(said.ts.timestamp(), set()).add(one.heard.payload)
    if not told:
        return unseen("no telemetry was heard")
    same = [f"{len(payloads)} different messages at {at:.3f}" for at, payloads in told.items() if len(payloads) > 1]
    return (
        bad("different readings have the same time: send milliseconds", same) if same else good("each has its own time")
    )


def numbers(case: Case) -> Seen:
    """Sequence numbers: there, without gaps. Late ones are the order's matter."""
    data = _data(case)
    if not data:
        return unseen("no message was heard")
    if case.sparkplug:
        return unseen("Sparkplug's own sequence is followed by ingest")
    bare = [one.heard.topic for one in data if one.seq is None]
    if len(bare) == len(data):
        return warn("no sequence numbers: what is missing is not seen", bare)
    gaps: list[str] = []
    for counter in ("messages", "sales"):
        known = sorted({one.seq for one in data if one.seq is not None and one.counter == counter})
        gaps += [f"{counter}: {low} is followed by {high}" for low, high in pairwise(known) if high > low + 1]
    if gaps:
        return bad("sequence numbers are missing: messages were lost, or never sent", gaps)
    return good(f"{len(data) - len(bare)} numbers without a gap")


def reused(case: Case) -> Seen:
    """One number for two different messages: the second is taken for another message, or a restart is hidden."""
    told: dict[tuple[str, int], set[bytes]] = {}
    for one in _data(case):
        if one.seq is not None:
            told.setdefault((one.counter, one.seq), set()).add(one.heard.payload)
    if not told:
        return unseen("no sequence numbers")
    twice = [f"{counter}: {seq}" for (counter, seq), payloads in told.items() if len(payloads) > 1]
    return bad("a sequence number stands on different messages", twice) if twice else good("each number is used once")


def order(case: Case) -> Seen:
    numbered = [(one.counter, one.seq) for one in _data(case) if one.seq is not None]
    back = [
        f"{counter}: {after} after {before}"
        for name in ("messages", "sales")
        for (counter, before), (_, after) in pairwise([pair for pair in numbered if pair[0] == name])
        if after < before
    ]
    if back:
        return warn("messages overtake each other: each is kept, but rules may see the past", back)
    return good("in order") if len(numbered) > 1 else unseen("too few numbers")


def repeats(case: Case) -> Seen:
    heard = Counter((one.topic, one.payload) for one in case.of(Heard) if one.topic != case.state_topic)
    twice = [f"{topic}: {payload[:80]!r}" for (topic, payload), n in heard.items() if n > 1]
    if twice:
        return warn("messages came more than once: harmless, the ledger knows them", twice)
    return good("no message came twice") if heard else unseen("no message was heard")


def sampling(case: Case) -> Seen:
    longest = case.profile.sampling.longest_s
    if longest is None:
        return unseen("the profile does not say how often this kind of device speaks")
    until = case.disturbed
    times = sorted({one.heard.at for one in case.spoken if one.heard.at < until and isinstance(one.said, Telemetry)})
    quiet = max((b - a for a, b in pairwise([case.began, *times, until])), default=0.0)
    if quiet > longest * 1.2:
        return bad(
            f"no telemetry for {quiet:.0f} s; this kind of device speaks at least every {longest:g} s",
            [f"{quiet:.0f} s"],
        )
    if until - case.began < longest:
        return unseen(f"the kit looked for {until - case.began:.0f} s; to see it, look for {longest:g} s")
    return good(f"the longest pause was {quiet:.0f} s, at most {longest:g} s")


def replay(case: Case) -> Seen:
    """What happened while the broker was away is told afterwards, with its own times."""
    if case.outage is None:
        return unseen("the broker was not taken away")
    back = min((one.at for one in case.of(Connected) if one.at >= case.outage.until), default=None)
    if back is None:
        return unseen("it did not come back")
    later = [one for one in _data(case) if one.heard.at >= back and one.said.ts is not None]
    kept = [one for one in later if one.said.ts and case.outage.at + 1 < one.said.ts.timestamp() < case.outage.until]
    if kept:
        times = [one.said.ts for one in kept if one.said.ts]
        if times != sorted(times):
            return warn("it tells what it kept, but not the oldest first", [f"{len(kept)} messages"])
        return good(f"it told {len(kept)} messages of the {case.outage.until - case.outage.at:.0f} s without a broker")
    return _nothing_kept(case, later, back - case.outage.at, back)


def _nothing_kept(case: Case, later: list[Spoken], away_s: float, back: float) -> Seen:
    """It told nothing of the time without a broker: for want of a memory, of the right times, or of a reason."""
    burst = [one for one in later if one.heard.at - back < _BURST_S]
    before = [one for one in _data(case) if one.heard.at < case.disturbed]
    rate = len(before) / max(case.disturbed - case.began, 1.0)
    if len(burst) > 3 and len(burst) > 2 + 2 * rate * _BURST_S:
        words = "what it kept is told with the time of telling: it would be believed to be now"
        return bad(words, [f"{len(burst)} at once"])
    if rate * away_s < 2:
        return unseen(f"it says too little to be missed: {rate * away_s:.1f} messages were to be expected")
    words = f"nothing of the {away_s:.0f} s without a broker is told: it keeps nothing"
    return bad(words, [f"{rate * away_s:.0f} messages missed"])
