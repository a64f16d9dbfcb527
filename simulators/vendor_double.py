"""A vendor's device that does not do as it must, in one way or another: what the vendor kit must find."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from simulators.device import Outlet
from simulators.link import Kind

# Each by its name, with what a vendor's engineer would have done.
MISCHIEFS: dict[str, str] = {
    "qos-0": "publishes at QoS 0",
    "retained-data": "publishes data with the retain flag",
    "no-will": "connects without a last will",
    "will-elsewhere": "has its last will on a topic of its own invention",
    "no-presence": "never says that it is online",
    "foreign-topic": "publishes below another device's topic",
    "unknown-metric": "sends a metric that the profile does not have",
    "undeclared-unit": "sends its measured values a thousand times as large, and does not say in which unit",
    "wrong-unit": "names a unit that measures something else",
    "inverted": "sends its flags upside down",
    "odd-status": "sends a status that the code table does not have",
    "unknown-code": "sends events by codes of its own",
    "local-time": "sends times without an offset",
    "no-seq": "sends no sequence numbers",
    "stuck-seq": "sends the same sequence number again and again",
    "gaps": "drops every tenth message, after having numbered it",
    "whole-minutes": "cuts its times to whole minutes",
    "wrong-sum": "asks for 5 yuan more than net × price",
    "forgets": "keeps nothing while its broker is away",
    "restamps": "tells what it kept with the time of telling",
}

_MEASURED = ("speed", "air_temp", "weight", "zero_offset")


class UnknownMischiefError(ValueError):
    """A mischief is one of those that there are."""


def check(names: frozenset[str]) -> frozenset[str]:
    """The names; raises UnknownMischiefError."""
    if unknown := sorted(names - MISCHIEFS.keys()):
        raise UnknownMischiefError(f"no vendor does {unknown[0]!r}; there are {', '.join(MISCHIEFS)}")
    return names


def will(names: frozenset[str], usual: tuple[str, bytes]) -> tuple[str, bytes] | None:
    """The last will that such a device connects with."""
    if "no-will" in names:
        return None
    return (f"{usual[0]}/lwt", usual[1]) if "will-elsewhere" in names else usual


@dataclass(slots=True)
class VendorDouble:
    """Stands between a device and its broker. `up`: whether there is a connection; `wall`: the date."""

    outlet: Outlet
    names: frozenset[str]
    up: Callable[[], bool]
    wall: Callable[[], datetime]
    count: int = 0
    kept: list[tuple[str, dict[str, Any], Kind]] = field(default_factory=list)

    async def ready(self) -> None:
        await self.outlet.ready()

    def cut(self) -> None:
        self.outlet.cut()

    def mend(self) -> None:
        self.outlet.mend()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, kind: Kind = Kind.MESSAGE) -> None:
        """Pass it on, or what this vendor makes of it."""
        if topic.endswith("/state"):
            if "no-presence" not in self.names:
                self.outlet.publish(topic, payload, retain=retain, kind=kind)
            return
        self.count += 1
        if ("gaps" in self.names and self.count % 10 == 0) or ("forgets" in self.names and not self.up()):
            return
        if kind is not Kind.GARBAGE:
            said: dict[str, Any] = msgspec.json.decode(payload)
            if "restamps" in self.names and not self.up():
                self.kept.append((topic, said, kind))
                return
            self._tell_kept()
            topic, payload = self._bend(topic, said)
        self.outlet.publish(topic, payload, retain=retain or "retained-data" in self.names, kind=kind)

    def _tell_kept(self) -> None:
        for topic, said, kind in self.kept:
            self.outlet.publish(topic, msgspec.json.encode({**said, "ts": self.wall().isoformat()}), kind=kind)
        self.kept.clear()

    def _bend(self, topic: str, said: dict[str, Any]) -> tuple[str, bytes]:
        if "values" in said:
            self._bend_values(said)
        if "code" in said and "unknown-code" in self.names:
            said["code"] = f"E{said['code']}"
        if "amount" in said and "wrong-sum" in self.names:
            said["amount"] += 500
        self._bend_number_and_time(said)
        if "foreign-topic" in self.names:
            topic = re.sub(r"/([a-z]+)$", r"-2/\1", topic)
        return topic, msgspec.json.encode(said)

    def _bend_values(self, said: dict[str, Any]) -> None:
        values: dict[str, Any] = said["values"]
        if "unknown-metric" in self.names:
            values["firmware_build"] = 417
        if "undeclared-unit" in self.names:
            said.pop("units", None)
            values |= {name: values[name] * 1000 for name in _MEASURED if name in values}
        if "wrong-unit" in self.names:
            said["units"] = {name: "kPa" for name in _MEASURED if name in values}
        if "inverted" in self.names:
            values |= {name: not value for name, value in values.items() if isinstance(value, bool)}
        if "odd-status" in self.names:
            values |= {name: 9 for name in ("service_mode", "state") if name in values}

    def _bend_number_and_time(self, said: dict[str, Any]) -> None:
        if "no-seq" in self.names and "amount" not in said:
            said.pop("seq", None)
        if "stuck-seq" in self.names:
            said["seq"] = 7
        if "local-time" in self.names:
            said["ts"] = re.sub(r"(Z|[+-]\d\d:\d\d)$", "", said["ts"])
        if "whole-minutes" in self.names:
            said["ts"] = re.sub(r":\d\d(\.\d+)?(?=Z|[+-])", ":00", said["ts"])
