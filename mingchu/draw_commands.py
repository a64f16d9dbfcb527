"""`mingchu draw`: who is inspected, and by whom, by lot; and whether a draw was what it says."""

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from store.connection import Connection
    from store.draws import Kept


def draw(
    authority: Annotated[str, typer.Option(help="Whose sites and inspectors (a path in the regulators' tree).")] = "",
    *,
    sites: Annotated[int, typer.Option(min=1, help="How many sites.")] = 5,
    inspectors: Annotated[int, typer.Option(min=0, help="How many inspectors.")] = 2,
    seed: Annotated[str, typer.Option(help="E.g. a public lottery's number; unset: made here.")] = "",
    verify: Annotated[int | None, typer.Option(help="Draw that one again, and compare.")] = None,
) -> None:
    """Draw sites, the riskier the likelier, and inspectors by lot; the same seed and candidates give the same.

    \b
    Examples:
      mingchu draw --authority yunhai.lincheng --sites 5 --inspectors 2
      mingchu draw --authority yunhai.lincheng --sites 5 --seed "2026-11-26 lottery 07 12 19 23 31"
      mingchu draw --verify 3          exit code 1 unless it holds
    """
    if verify is not None:
        _verify(verify)
        return
    if not authority:
        raise typer.BadParameter("give --authority, or --verify")
    chosen = seed or secrets.token_hex(16)

    async def work(connection: "Connection") -> "Kept | None":
        from store import draws

        made = await draws.perform(connection, None, authority, chosen, sites=sites, inspectors=inspectors)
        return await draws.one(connection, made)

    kept = with_database(work)
    assert kept is not None
    _tell(kept)


def _tell(kept: "Kept") -> None:
    made = kept.draw
    lots = {one.code: one.lots for one in made.sites}
    print(f"draw {kept.id} of {made.authority}: seed {made.seed}")
    print(f"{len(made.sites)} sites, {len(made.inspectors)} inspectors, scores of {made.day}, digest {kept.sha256}")
    for code in made.drawn_sites:
        print(f"site       {code} ({lots[code]} lots)")
    for login in made.drawn_inspectors:
        print(f"inspector  {login}")


def _verify(identity: int) -> None:
    from domain.draw import digest

    async def work(connection: "Connection") -> "tuple[Kept, list[str]] | None":
        from store import draws

        kept = await draws.one(connection, identity)
        return None if kept is None else (kept, await draws.misweighted(connection, kept))

    found = with_database(work)
    if found is None:
        raise typer.BadParameter(f"there is no draw {identity}")
    kept, misweighted = found
    checks = {
        "the record is as its digest says": digest(kept.draw) == kept.sha256,
        "the audit log names the same digest": kept.audited,
        "the seed draws the same of the candidates": kept.draw.holds,
        "the lots are those of the risk scores": not misweighted,
    }
    for name, holds in checks.items():
        print(f"{'ok' if holds else 'FAILED':<7} {name}")
    if not all(checks.values()):
        raise typer.Exit(1)
