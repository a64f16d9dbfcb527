"""What a site shows the public: chosen by its authority, and live only where its operator agrees too."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class PublicityRow:
    """What is switched on. `token` is None as long as the site was never published."""

    token: str | None
    published: bool
    grade: str
    live_consent: bool
    live_wanted: bool


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A camera of the site, and whether the public may see it."""

    id: int
    code: str
    zh: str
    en: str
    published: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What the authority switches on."""

    published: bool
    cameras: Sequence[int]
    grade: str
    live_consent: bool


async def of_site(connection: Connection, site: int) -> PublicityRow:
    """What is switched on at a site; nothing, where nobody has chosen."""
    async with connection.cursor(row_factory=class_row(PublicityRow)) as cursor:
        await cursor.execute(
            "SELECT token, coalesce(published, false) AS published, coalesce(grade, '') AS grade,"
            " coalesce(live_consent, false) AS live_consent, coalesce(wanted, false) AS live_wanted"
            " FROM (SELECT %(site)s::bigint AS site_id) AS asked LEFT JOIN site_public USING (site_id)"
            " LEFT JOIN site_live_wish USING (site_id)",
            {"site": site},
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def cameras(connection: Connection, site: int) -> list[ChoiceRow]:
    """The site's cameras, by code."""
    async with connection.cursor(row_factory=class_row(ChoiceRow)) as cursor:
        await cursor.execute(
            "SELECT id, code, zh, en, EXISTS (SELECT FROM public_camera WHERE camera_id = camera.id) AS published"
            " FROM camera WHERE site_id = %s AND removed IS NULL ORDER BY code",
            (site,),
        )
        return await cursor.fetchall()


async def choose(connection: Connection, site: int, choice: Choice) -> None:
    """Switch on and off. Cameras that are not the site's are left out; a publication begins anew from when it is on."""
    await connection.execute(
        "INSERT INTO site_public (site_id, published, grade, live_consent) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (site_id) DO UPDATE SET published = excluded.published, grade = excluded.grade,"
        "  live_consent = excluded.live_consent,"
        "  since = CASE WHEN excluded.published AND NOT site_public.published THEN now() ELSE site_public.since END",
        (site, choice.published, choice.grade, choice.live_consent),
    )
    await connection.execute(
        "DELETE FROM public_camera USING camera WHERE camera.id = camera_id AND camera.site_id = %s"
        " AND NOT camera.id = ANY(%s)",
        (site, list(choice.cameras)),
    )
    await connection.execute(
        "INSERT INTO public_camera SELECT id FROM camera WHERE site_id = %s AND id = ANY(%s) AND removed IS NULL"
        " ON CONFLICT DO NOTHING",
        (site, list(choice.cameras)),
    )


async def wish(connection: Connection, site: int, wanted: bool) -> None:
    """The operator's choice to be seen live."""
    await connection.execute(
        "INSERT INTO site_live_wish (site_id, wanted) VALUES (%s, %s)"
        " ON CONFLICT (site_id) DO UPDATE SET wanted = excluded.wanted, at = now()",
        (site, wanted),
    )
