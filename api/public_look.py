"""Looks at published cameras: one redacted picture from the edge, for all who ask within a while."""

import asyncio
import secrets
from datetime import timedelta

from api.desk import Desk
from api.edge_line import EdgeSilentError, LineDownError, TooManyAskedError
from domain.badge import LIVE_EVERY, LOOK_EVERY, OLDEST, Badge, Seen, badge
from domain.wire import LiveLook, LivePicture, LiveRefused
from store import public
from store.public import Claimed, PublicCamera, PublicSite

PATIENCE_S = 6.0


async def cameras(at: Desk, token: str, site: PublicSite) -> list[PublicCamera]:
    """A site's published cameras, looked at anew where the last look is old."""
    if not site.published:
        return []
    every = LIVE_EVERY if site.live else LOOK_EVERY
    async with at.unscoped() as connection:
        found = await public.cameras(connection, token)
        claimed = await public.claim(connection, token, every) if _any_old(at, found, every) else []
    if not claimed:
        return found
    await asyncio.gather(*(_look(at, one) for one in claimed))
    async with at.unscoped() as connection:
        return await public.cameras(connection, token)


def badge_of(at: Desk, site: PublicSite, found: list[PublicCamera]) -> Badge:
    """What the site may claim now."""
    return badge(site.published, [Seen(camera.well, camera.passed) for camera in found], at.clock())


def _any_old(at: Desk, found: list[PublicCamera], every: timedelta) -> bool:
    now = at.clock()
    return any(camera.asked is None or now - camera.asked >= every for camera in found)


async def _look(at: Desk, one: Claimed) -> None:
    """It passes when the edge sends a picture of now, with heads hidden; else the last one stands until it is old."""
    picture, why = None, ""
    try:
        reply = await at.line.ask(one.edge, LiveLook(secrets.token_hex(16), one.code, redacted=True), PATIENCE_S)
    except LineDownError:
        why = "live_off"
    except EdgeSilentError:
        why = "live_silent"
    except TooManyAskedError:
        why = "live_busy"
    else:
        if isinstance(reply, LiveRefused):
            why = f"live_{reply.reason}"
        elif not isinstance(reply, LivePicture) or not reply.redacted:
            why = "live_old"
        elif abs(at.clock() - reply.at) > OLDEST:
            why = "live_no_picture"
        else:
            picture = reply
    async with at.unscoped() as connection:
        taken, jpeg = (picture.at, picture.jpeg) if picture else (None, None)
        await public.looked(connection, one.camera_id, taken, jpeg, why)
