"""`mingchu edge relay`: for which sites' devices an edge may speak."""

import asyncio
from typing import Annotated

import typer


def relay(
    code: str,
    site: Annotated[str, typer.Argument(help="The site's code.")],
    stop: Annotated[bool, typer.Option("--stop", help="No longer.")] = False,
) -> None:
    """Let an edge relay for a site's devices, heard on the site's own broker (MINGCHU_SITE_MQTT_URL at the edge).

    For a site whose cameras it watches it may do so without being told.

    \b
    Examples:
      mingchu edge relay edge-1 market-1
      mingchu edge relay edge-1 market-1 --stop
    """
    asyncio.run(_change(code, site, stop))
    print(f"edge {code} {'no longer relays' if stop else 'relays'} for {site}")


async def _change(code: str, site: str, stop: bool) -> None:
    from mingchu import settings
    from store import registry
    from store.connection import connect

    connection = await connect(settings.read().dsn, autocommit=True)
    async with connection:
        await (registry.drop_edge_site if stop else registry.put_edge_site)(connection, code, site)
