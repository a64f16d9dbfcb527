"""Whether the house hears anything: while the broker or ingest is away, silence proves nothing (ADR 35)."""

from enum import StrEnum

import structlog

from store import deafness
from store.connection import Connection
from store.deafness import Hearing

log = structlog.get_logger("alerts")

WITHIN_S = 30.0  # an ingest process speaks every ten
TELL_AFTER_S = 60.0
SETTLE_S = 60.0  # until devices have connected again


class Turn(StrEnum):
    """What is to be done about it; also the reason of the notice."""

    HEARS = "hears"
    SETTLES = "settles"
    DEAF = "deaf"
    BEGINS = "begins"
    TELL = "broker_silent"
    ENDS = "ends"
    TELL_END = "broker_back"


def judge(said: Hearing) -> Turn:
    """Pure. An installation whose ingest never spoke is judged as if it heard."""
    if said.hears is False:
        if said.spell is None:
            return Turn.BEGINS
        return Turn.TELL if said.lasts_s >= TELL_AFTER_S and not said.told else Turn.DEAF
    if said.spell is not None:
        return Turn.TELL_END if said.told else Turn.ENDS
    return Turn.SETTLES if said.over_s is not None and said.over_s < SETTLE_S else Turn.HEARS


async def listen(connection: Connection) -> bool:
    """Whether silence proves anything now; notes when deafness begins and ends, and tells the authority at the top."""
    async with connection.transaction():
        said = await deafness.now(connection, WITHIN_S)
        turn = judge(said)
        if turn is Turn.BEGINS:
            await deafness.begin(connection)
        if said.spell is not None and turn in (Turn.TELL, Turn.TELL_END):
            told = await deafness.tell(connection, said.spell, turn)
            log.warning("alerts.deafness_told", reason=turn, channels=told, lasts_s=round(said.lasts_s))
        if said.spell is not None and turn in (Turn.ENDS, Turn.TELL_END):
            await deafness.end(connection, said.spell)
    if turn in (Turn.BEGINS, Turn.ENDS, Turn.TELL_END):
        log.warning("alerts.deafness", reason=turn)
    return turn is Turn.HEARS
