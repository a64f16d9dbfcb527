"""Live updates: server-sent events that are taken up again where the line broke."""

import time
from collections.abc import Iterator

import httpx
import msgspec

from mingchu.client.session import Session, judged

_SILENCE_S = 60.0  # the platform speaks every 15 s
_AGAIN_S = 1.0


class Event(msgspec.Struct, frozen=True):
    """One event. `kind` `alert`: `data` is an alert as the list shows it; `reset`: read the list again."""

    id: str
    kind: str
    data: bytes


def follow(session: Session, after: str = "") -> Iterator[Event]:
    """Events from now on, or from after an event's id on, for ever: a broken line is taken up again.

    What was changed in the last seconds before a break may come twice: an alert's `version` tells. Raises Refused.
    """
    last = after
    while True:
        headers = {"accept": "text/event-stream"} | ({"last-event-id": last} if last else {})
        try:
            with session.http.stream("GET", "/api/v1/events", headers=headers, timeout=_SILENCE_S) as answer:
                if answer.is_error:
                    answer.read()
                judged(answer)
                for event in _events(answer.iter_lines()):
                    last = event.id or last
                    yield event
        except httpx.TransportError:
            pass
        time.sleep(_AGAIN_S)


def _events(lines: Iterator[str]) -> Iterator[Event]:
    told: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            told[name] = value.removeprefix(" ")
        elif "event" in told:
            yield Event(told.get("id", ""), told["event"], told.get("data", "").encode())
            told = {}
        else:  # a comment that keeps the line alive
            told = {}
