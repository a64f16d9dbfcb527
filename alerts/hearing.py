"""Whether the house is able to hear and to keep: a broker or ingest that is away (ADR 35), a disk that is full."""

from enum import StrEnum

import structlog

from store import trouble
from store.connection import Connection
from store.trouble import Spell, Trouble

log = structlog.get_logger("alerts")

WITHIN_S = 30.0  # a process speaks every ten
TELL_AFTER_S = 60.0
SETTLE_S = 60.0  # until devices have connected again


class Turn(StrEnum):
    """What is to be done about a trouble."""

    NONE = "none"
    SETTLES = "settles"
    GOES_ON = "goes on"
    BEGINS = "begins"
    TELL = "tell"
    ENDS = "ends"
    TELL_END = "tell its end"


_NOTICES = {
    (Trouble.DEAF, Turn.TELL): "broker_silent",
    (Trouble.DEAF, Turn.TELL_END): "broker_back",
    (Trouble.FULL, Turn.TELL): "disk_full",
    (Trouble.FULL, Turn.TELL_END): "disk_room",
}


def judge(troubled: bool, noted: Spell, tell_after_s: float) -> Turn:
    """Pure. Told when it has lasted so long, and its end only where it was told."""
    if troubled:
        if noted.going is None:
            return Turn.BEGINS
        return Turn.TELL if noted.lasts_s >= tell_after_s and not noted.told else Turn.GOES_ON
    if noted.going is not None:
        return Turn.TELL_END if noted.told else Turn.ENDS
    return Turn.SETTLES if noted.over_s is not None and noted.over_s < SETTLE_S else Turn.NONE


async def listen(connection: Connection) -> bool:
    """Whether silence proves anything now; notes when deafness begins and ends, and tells the authority at the top.

    An installation whose ingest never spoke is judged as if it heard.
    """
    async with connection.transaction():
        deaf = await trouble.hears(connection, WITHIN_S) is False
        turn = await _note(connection, Trouble.DEAF, deaf, TELL_AFTER_S)
    return turn is Turn.NONE


async def look_for_room(connection: Connection) -> None:
    """Notes and tells that the evidence store or the database is full, as who writes there says, and that it has room.

    PROMISES R13: once each, to the authority at the top. While the database itself is full nothing can be noted in
    it; who was refused goes on saying so for two minutes.
    """
    async with connection.transaction():
        refused = await trouble.full(connection, WITHIN_S)
        await _note(connection, Trouble.FULL, bool(refused), 0.0)


async def _note(connection: Connection, kind: Trouble, troubled: bool, tell_after_s: float) -> Turn:
    noted = await trouble.spell(connection, kind)
    turn = judge(troubled, noted, tell_after_s)
    if turn is Turn.BEGINS:
        await trouble.begin(connection, kind)
    notice = _NOTICES.get((kind, turn))
    if noted.going is not None and notice is not None:
        told = await trouble.tell(connection, noted.going, notice)
        log.warning("alerts.trouble_told", reason=notice, channels=told, lasts_s=round(noted.lasts_s))
    if noted.going is not None and turn in (Turn.ENDS, Turn.TELL_END):
        await trouble.end(connection, noted.going)
    if turn in (Turn.BEGINS, Turn.ENDS, Turn.TELL_END):
        log.warning("alerts.trouble", kind=kind, turn=turn)
    return turn
