"""Dead letters read again: after a profile or a registration was mended, what was refused lands after all."""

from dataclasses import dataclass

import msgspec
import psycopg

from domain.topic import EdgeTopic
from domain.wire import EdgeBatch, EdgeItem
from ingest import clock, commit, leftover, reader
from ingest.landing import Landing, Place
from ingest.message import Message
from ingest.patience import Patience
from ingest.refusal import RefusedError
from ingest.roster import Roster
from store import dead_letters, leftovers
from store.connection import Connection
from store.dead_letters import Letter
from store.leftovers import Kept
from store.presence import Heard

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Reread:
    """How many messages landed, wholly or with more of them than before, and how many were refused again."""

    landed: int = 0
    refused: int = 0

    def __add__(self, other: "Reread") -> "Reread":
        return Reread(self.landed + other.landed, self.refused + other.refused)


async def read_again(connection: Connection, roster: Roster) -> Reread:
    """Read what is asked for, each message in a transaction of its own; raises psycopg.Error in an outage."""
    read = Reread()
    while letters := await dead_letters.asked(connection, AT_ONCE):
        for letter in letters:
            read += await (_rest if letter.partial else _whole)(connection, letter, roster)
    return read


async def _whole(connection: Connection, letter: Letter, roster: Roster) -> Reread:
    if reason := await _read(connection, letter, roster):
        await dead_letters.refuse_again(connection, letter.id, reason)
        return Reread(refused=1)
    return Reread(landed=1)


async def _rest(connection: Connection, letter: Letter, roster: Roster) -> Reread:
    """What was left out of each message of a partial letter, as far as the profile knows it now."""
    read, after = Reread(), None
    while kept := await leftovers.page(connection, letter.id, after, AT_ONCE):
        for one in kept:
            landed = await _read_rest(connection, letter, one, roster)
            read += Reread(landed, not landed)
        after = kept[-1].key
    await leftovers.settle(connection, letter.id)
    return read


async def _read_rest(connection: Connection, letter: Letter, kept: Kept, roster: Roster) -> bool:
    """Whether anything more of it is stored now."""
    try:
        found = leftover.remainder(letter.topic, kept.payload, kept.landed, roster)
        if found.unread and not found.parts:
            return False
        landing = leftover.read(found, kept.heard, roster)
        _forget_presence(landing)
        async with connection.transaction():
            await commit.land(connection, landing, roster, _Hurry())
            if found.unread:
                await leftovers.add_landed(connection, letter.id, kept.key, found.names)
            else:
                await leftovers.remove(connection, letter.id, kept.key)
    except (RefusedError, psycopg.DataError, psycopg.IntegrityError):
        return False
    return True


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
