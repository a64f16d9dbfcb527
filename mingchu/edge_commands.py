"""`mingchu edge …`: the agent beside the cameras, and how one comes to be and ends."""

from pathlib import Path
from typing import Annotated

import typer

from mingchu.errand import settings_of, with_database

_HELP = """\
The agent beside the cameras. Without a command it runs.

\b
Examples:
  mingchu edge enroll 7K3M-9QTX-2B4D --api-url https://console.example   with a code from the console
  mingchu edge                                                           run the agent
  mingchu edge list                                                      on the platform: who is there
  mingchu edge revoke edge-canteen-1                                     on the platform: let it in no more
"""

edge = typer.Typer(help=_HELP, invoke_without_command=True, rich_markup_mode=None)


@edge.callback()
def run_edge(context: typer.Context) -> None:
    # Its help is the group's own.
    if context.invoked_subcommand is None:
        from mingchu import services

        services.edge(settings_of())


@edge.command("enroll")
def enroll_edge(
    code: Annotated[str, typer.Argument(help="The code that the console shows, for one use.")],
    api_url: Annotated[str, typer.Option(help="Where the console is, as the code's page says.")],
    mqtt_url: Annotated[str | None, typer.Option(help="Where the broker is, where the console does not know.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the data lie (MINGCHU_DATA_DIR).")] = None,
) -> None:
    """Make this machine an edge: exchange a code for its credential. Afterwards `mingchu edge` needs no settings."""
    import sys

    from edge import enrolment
    from mingchu import enrolled

    data = settings_of(data_dir).data
    data.make()
    kept = enrolment.redeem(api_url, code, mqtt_url)
    enrolled.keep(data, kept)
    if enrolment.is_bare(kept.api_url):
        print("mingchu: without TLS whoever listens in can read what this edge sends: use https", file=sys.stderr)
    place = f" at site {kept.site}" if kept.site else ""
    print(f"this machine is edge {kept.edge}{place} now; start it: mingchu edge")


@edge.command("add")
def add_edge(
    code: str,
    authority: Annotated[str, typer.Option(help="Path in the regulators' tree.")] = "local",
    zh: Annotated[str, typer.Option(help="Chinese name.")] = "",
    en: Annotated[str, typer.Option(help="English name.")] = "",
) -> None:
    """Register an edge, or give it a new secret; prints the secret once. The console's way is a code (`enroll`)."""
    from domain import code as codes
    from domain import credential
    from store import registry as table

    secret = credential.generate()
    entry = table.NewEdge(codes.check(code), zh or code, en or code, authority, credential.protect(secret))
    with_database(lambda connection: table.put_edge(connection, entry))
    print(f"MINGCHU_EDGE={code}\nMINGCHU_EDGE_SECRET={secret}")


@edge.command("revoke")
def revoke_edge(code: str) -> None:
    """Take an edge's credential away: within seconds neither broker nor api let it in. A new code brings it back."""
    from store import registry as table

    with_database(lambda connection: table.revoke_edge(connection, code))
    print(f"edge {code} is revoked")


@edge.command("relay")
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
    from store import registry

    change = registry.drop_edge_site if stop else registry.put_edge_site
    with_database(lambda connection: change(connection, code, site))
    print(f"edge {code} {'no longer relays' if stop else 'relays'} for {site}")


@edge.command("list")
def list_edges() -> None:
    """List the edges: whether they are there, what they follow, how their clocks are and what they had to shed."""
    from store import edges as table

    for row in with_database(table.edges):
        state = "revoked" if row.revoked else "waiting" if not row.admitted else "online" if row.online else "offline"
        follows = f"{'none' if row.applied_version is None else row.applied_version} of {row.config_version}"
        clock = "not compared" if row.ahead_ms is None else f"{row.ahead_ms:+d} ms"
        words = f"cameras {row.cameras:<4} follows {follows:<9} clock {clock:<14} shed {row.shed:<8}"
        print(f"{row.code:<20} {state:<8} {words} {row.zh}")
