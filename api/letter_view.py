"""Dead letters and gaps, as REST and the console show them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT
from api.place_view import profile_of
from domain import gap
from domain.gap import Cause
from domain.topic import ROOT
from store import gaps
from store.connection import Connection
from store.dead_letters import Letter
from store.places import DeviceRow

Topic = Annotated[str, Query(max_length=200, description="what the topic begins with", examples=["mc/v1/market-1/"])]
Reason = Annotated[str, Query(max_length=200, description="a part of the reason", examples=["has no metric"])]
_SHOWN = 4000  # bytes of a payload


class DeadLetter(BaseModel):
    """A message that was refused. `payload` is its beginning, as text where it is text, else in hexadecimal."""

    id: int = Field(examples=[41])
    topic: str = Field(examples=["mc/v1/market-1/scale-2/telemetry"])
    reason: str = Field(examples=["not a telemetry message: Object missing required field `ts`"])
    payload: str = Field(examples=['{"values":{"zero_offset":0.2}}'])
    text: bool = Field(examples=[True])
    size: int = Field(examples=[31], description="bytes of the whole payload")
    partial: bool = Field(examples=[False], description="true: it was stored but for what the reason names")
    kept: int = Field(examples=[0], description="of a partial one: how many messages wait to have the rest stored")
    seen: int = Field(examples=[3], description="how often it came")
    received: datetime = Field(examples=[AT])
    last: datetime = Field(examples=[AT])
    replay: datetime | None = Field(examples=[None], description="since when it waits to be read again")


class Replay(BaseModel):
    """Which letters to read again: those whose topic begins so, and whose reason has this part."""

    model_config = ConfigDict(extra="forbid")
    topic: str = Field(default="", max_length=200, examples=["mc/v1/market-1/"])
    reason: str = Field(default="", max_length=200, examples=["has no metric"])


class Asked(BaseModel):
    """How many letters will be read again; a partial one stands for all its messages."""

    letters: int = Field(examples=[12])


class DeviceGap(BaseModel):
    """A time for which messages are missing, or were missing for long, and the named cause."""

    begin: datetime = Field(examples=[AT])
    end: datetime = Field(examples=[AT])
    minutes: int = Field(examples=[12])
    cause: Cause = Field(examples=["offline"])
    messages: int = Field(examples=[0], description="how many were refused, mistimed, lost or late; 0: unknown")


def letter(row: Letter) -> DeadLetter:
    """The letter with as much of its payload as a person reads."""
    shown, is_text = _readable(row.payload[:_SHOWN])
    return DeadLetter(
        id=row.id, topic=row.topic, reason=row.reason, payload=shown, text=is_text, size=len(row.payload),
        partial=row.partial, kept=row.kept, seen=row.seen, received=row.received, last=row.last, replay=row.replay,
    )  # fmt: skip


def _readable(payload: bytes) -> tuple[str, bool]:
    text = payload.decode("utf-8", "ignore" if len(payload) == _SHOWN else "replace")
    if "\N{REPLACEMENT CHARACTER}" in text or any(ord(char) < 32 and char not in "\t\r\n" for char in text):
        return payload.hex(" "), False
    return text, True


async def device_gaps(connection: Connection, device: DeviceRow, span: timedelta) -> list[DeviceGap]:
    """What is missing of the last `span`, in order of time."""
    end = datetime.now(UTC)
    begin, longest = end - span, timedelta(seconds=profile_of(device.profile).gap_s)
    found = await gaps.silences(connection, device.id, begin, end, longest)
    facts = await gaps.facts(connection, device.id, f"{ROOT}/{device.site_code}/{device.code}/", begin, end)
    return [
        DeviceGap(begin=each.begin, end=each.end, minutes=each.minutes, cause=each.cause, messages=each.messages)
        for each in gap.explain(found, facts)
    ]
