"""Dead letters read again: after a profile or a registration was mended, what was refused lands after all."""

from dataclasses import dataclass

import msgspec
import psycopg

from domain.topic import EdgeTopic
from domain.wire import EdgeBatch, EdgeItem
from ingest import clock, commit, reader
from ingest.landing import Landing, Place
from ingest.message import Message
from ingest.patience import Patience
from ingest.refusal import RefusedError
from ingest.roster import Roster
from store import dead_letters
from store.connection import Connection
from store.dead_letters import Letter
from store.presence import Heard

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Reread:
    """How many letters landed, and how many were refused again."""

    landed: int = 0
    refused: int = 0


async def read_again(connection: Connection, roster: Roster) -> Reread:
    """Read what is asked for, each letter in a transaction of its own; raises psycopg.Error in an outage."""
    landed = refused = 0
    while letters := await dead_letters.asked(connection, AT_ONCE):
        for letter in letters:
            if reason := await _read(connection, letter, roster):
                refused += 1
                await dead_letters.refuse_again(connection, letter.id, reason)
            else:
                landed += 1
    return Reread(landed, refused)


async def _read(connection: Connection, letter: Letter, roster: Roster) -> str:
    """Land it and remove it; why it was refused, or nothing."""
    landing = reader.read([_message(letter, roster)], roster)
    _forget_presence(landing)
    try:
        async with connection.transaction():
            _check(landing)
            await commit.land(connection, landing, roster, _Hurry())
            _check(landing)  # what waits for its scene event in vain is refused only there
            await dead_letters.remove(connection, letter.id)
    except RefusedError as error:
        return str(error)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        return f"the database refused it: {' '.join(str(error).split())[:300]}"
    return ""


class _Hurry(Patience):
    """Nothing comes again by itself here: what is not there now is missing."""

    def waits(self, place: Place) -> bool:
        return False


def _check(landing: Landing) -> None:
    for dead in landing.dead:
        if not dead.partial:
            raise RefusedError(dead.reason)


def _message(letter: Letter, roster: Roster) -> Message:
    """As it came; what an edge said was kept item by item, and needs its batch again."""
    received = clock.instant(letter.received)
    payload = letter.payload
    if isinstance(_route(letter.topic, roster), EdgeTopic) and not payload.lstrip().startswith(b'{"spool"'):
        payload = msgspec.json.encode(EdgeBatch(letter.key.hex(), (EdgeItem(letter.id, msgspec.Raw(payload)),)))
    return Message(letter.topic, payload, received)


def _route(topic: str, roster: Roster) -> object:
    try:
        return roster.route(topic)
    except RefusedError:
        return None


def _forget_presence(landing: Landing) -> None:
    """Who spoke then need not be here now."""
    for heard in (landing.devices, landing.edges):
        heard.update(dict.fromkeys(heard, Heard()))
