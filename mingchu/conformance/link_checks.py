"""Checks of the connection: login, topics, quality of service, last will, presence, reconnection."""

from domain.wire import DeviceState
from mingchu.conformance.case import Case
from mingchu.conformance.fact import Connected, Cut, Heard, Left, Published, TurnedAway, Will
from mingchu.conformance.finding import Seen, bad, good, unseen, warn

_BACK_S = 60.0  # a device is back so soon after its broker is


def login(case: Case) -> Seen:
    connections, refused = case.of(Connected), case.of(TurnedAway)
    if not connections:
        word = f"{len(refused)} attempts with another user or password were refused" if refused else "nobody tried"
        return bad(f"the device never logged in; {word}", ["no connection"])
    if refused:
        return warn(
            "besides good logins there were refused ones: another device, or an old password",
            ["refused"] * len(refused),
        )
    versions = {4: "MQTT 3.1.1", 5: "MQTT 5", 3: "MQTT 3.1"}
    return good(f"logged in {len(connections)} times, {versions.get(connections[-1].version, 'MQTT')}")


def keepalive(case: Case) -> Seen:
    connections = case.of(Connected)
    if not connections:
        return unseen("no connection")
    seconds, most = connections[-1].keepalive, case.profile.silence_s
    if seconds == 0:
        return bad("keep-alive is off: a dead connection would never be noticed", ["keepalive 0"])
    if seconds * 1.5 > most:
        return warn(
            f"a dead connection is noticed after {seconds * 1.5:g} s, its silence after {most:g} s",
            [f"keepalive {seconds}"],
        )
    return good(f"every {seconds} s")


def stays(case: Case) -> Seen:
    """Connections that broke without a goodbye, and not by us."""
    ours = [(cut.at - 1, cut.at + 5) for cut in case.of(Cut)]
    ours += [(case.outage.at - 1, case.outage.until + 1)] if case.outage else []
    broken = [one for one in case.of(Left) if not one.goodbye]
    lost = [f"after {one.at - case.began:.0f} s" for one in broken if not any(a <= one.at <= b for a, b in ours)]
    if lost:
        return warn(f"the connection broke without a goodbye, {len(lost)} ×", lost)
    return good("no connection broke by itself") if case.of(Connected) else unseen("no connection")


def topics(case: Case) -> Seen:
    denied = [one.topic for one in case.of(Published) if one.denied]
    if denied:
        return bad("published where it may not: the broker throws this away without a word", denied)
    return good("published below its own topics only") if case.of(Published) else unseen("nothing was published")


def _carried(case: Case) -> list[Published]:
    return [one for one in case.of(Published) if not one.denied and one.topic != case.state_topic]


def quality(case: Case) -> Seen:
    data = [one for one in case.of(Published) if one.topic != case.state_topic]
    if not data:
        return unseen("nothing was published")
    if case.sparkplug:
        return good("Sparkplug publishes at QoS 0 by its specification: what is lost on the way is lost")
    weak = [f"QoS 0 on {one.topic}" for one in data if one.qos == 0]
    if weak:
        return bad("QoS 0: what is under way when a connection breaks is lost, and nobody knows", weak)
    return good("QoS 1 or 2")


def retained(case: Case) -> Seen:
    data = _carried(case)
    kept = [one.topic for one in data if one.retain]
    if kept:
        return warn("data are retained: a new listener takes the last one for news", kept)
    return good("no data are retained") if data else unseen("nothing was published")


def will(case: Case) -> Seen:
    connections, wills = case.of(Connected), case.of(Will)
    if not connections:
        return unseen("no connection")
    if not wills:
        return bad(
            f"no last will: nobody learns that it is gone before {case.profile.silence_s:g} s of silence", ["no will"]
        )
    faults = [
        fault
        for one in wills
        for fault in (
            f"on {one.topic}, not {case.state_topic}" if one.topic != case.state_topic else "",
            "not retained" if not one.retain and not case.sparkplug else "",
            "QoS 0" if one.qos == 0 else "",
        )
        if fault
    ]
    return bad("its last will is not as it must be", faults) if faults else good(f"on {case.state_topic}, retained")


def will_words(case: Case) -> Seen:
    """What the will says is seen when the kit breaks the connection."""
    cuts = case.of(Cut)
    if not cuts or not case.of(Will):
        return unseen("no connection was broken, or there is no will")
    after = [one for one in case.of(Heard) if one.topic == case.state_topic and one.at >= cuts[0].at]
    states = [said for one, said in case.told(DeviceState) if one.heard in after]
    if any(not said.online for said in states):
        return good("it says that the device is offline")
    return bad(
        "when the connection broke, nothing said that the device is offline",
        [str(one.payload) for one in after] or ["nothing"],
    )


def presence(case: Case) -> Seen:
    said = [one for _, one in case.told(DeviceState)]
    if any(one.online for one in said):
        return good("it says when it is online")
    return warn("it never said that it is online: it counts as online while it speaks", ["no state"])


def reconnection(case: Case) -> Seen:
    if case.outage is None:
        return unseen("the broker was not taken away")
    back = [one.at - case.outage.until for one in case.of(Connected) if one.at >= case.outage.until]
    if not back:
        return bad(f"it did not come back within {case.ended - case.outage.until:.0f} s", ["not back"])
    if min(back) > _BACK_S:
        return warn(f"it came back after {min(back):.0f} s", [f"{min(back):.0f} s"])
    return good(f"it came back after {min(back):.1f} s")
