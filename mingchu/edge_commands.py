"""`mingchu edge …`: for which sites' devices an edge may speak, and how the edges are."""

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
    from mingchu.errand import with_database
    from store import registry

    change = registry.drop_edge_site if stop else registry.put_edge_site
    with_database(lambda connection: change(connection, code, site))
    print(f"edge {code} {'no longer relays' if stop else 'relays'} for {site}")


def list_edges() -> None:
    """List the edges: whether they are there, how far their clocks are ahead, and what they had to shed."""
    from mingchu.errand import with_database
    from store import places

    for row in with_database(places.edges):
        clock = "not compared" if row.ahead_ms is None else f"{row.ahead_ms:+d} ms"
        state = "online" if row.online else "offline"
        print(f"{row.code:<20} {state:<8} cameras {row.cameras:<4} clock {clock:<14} shed {row.shed:<8} {row.zh}")
