"""What a site shows the public: the authority switches it on, the operator agrees to be live; audited."""

from api.camera_desk import must_configure
from api.desk import Desk
from api.equipment_model import Publicity, PublicityOrder, PublishedCamera
from api.problem import ProblemError, not_found
from domain.alert import Role
from domain.badge import Seen, badge
from store import people, places, public, publicity
from store.connection import Connection
from store.people import Person
from store.publicity import Choice


async def read(at: Desk, person: Person, site: int) -> Publicity:
    """What is switched on; 404 for another tenant's site."""
    async with at.scoped(person) as connection:
        await _site(connection, site)
        return await _shown(at, connection, site)


async def choose(at: Desk, person: Person, site: int, order: PublicityOrder) -> Publicity:
    """The authority's choice."""
    async with at.scoped(person) as connection:
        await _site(connection, site)
        must_configure(person)
        choice = Choice(order.published, order.cameras, order.grade, order.live_consent)
        await publicity.choose(connection, site, choice)
        await people.audit(connection, person, "publicity_changed", {"site": site, **order.model_dump()})
        return await _shown(at, connection, site)


async def wish(at: Desk, person: Person, site: int, *, wanted: bool) -> Publicity:
    """The operator's choice to be shown live, or no longer."""
    async with at.scoped(person) as connection:
        await _site(connection, site)
        if person.role is not Role.OPERATOR:
            raise ProblemError(403, "role", {"role": Role.OPERATOR})
        await publicity.wish(connection, site, wanted)
        await people.audit(connection, person, "publicity_live", {"site": site, "wanted": wanted})
        return await _shown(at, connection, site)


async def _site(connection: Connection, site: int) -> None:
    if await places.site(connection, site) is None:
        raise not_found()


async def _shown(at: Desk, connection: Connection, site: int) -> Publicity:
    found = await publicity.of_site(connection, site)
    cameras = await publicity.cameras(connection, site)
    seen = [] if found.token is None else await public.cameras(connection, found.token)
    page = None if found.token is None else f"{at.config.console_url.rstrip('/')}/p/s/{found.token}"
    return Publicity(
        published=found.published,
        grade=found.grade,
        live_consent=found.live_consent,
        live_wanted=found.live_wanted,
        live=found.live_consent and found.live_wanted,
        cameras=[PublishedCamera(id=c.id, code=c.code, zh=c.zh, en=c.en, published=c.published) for c in cameras],
        badge=badge(found.published, [Seen(camera.well, camera.passed) for camera in seen], at.clock()),
        page=page,
        badge_url=page and f"{page}/badge.svg",
    )
