"""`mingchu camera mode …`: whether a camera is watched always or visited on patrol."""

from typing import Annotated

import typer

from domain.camera import Mode
from mingchu.errand import with_database

CameraMode = Annotated[Mode, typer.Option("--mode", help="watch: always; patrol: one look in each period.")]
Weight = Annotated[int, typer.Option(min=1, max=12, help="Visits in each period of a patrol; riskier cameras more.")]


def mode(
    code: str,
    wanted: Annotated[Mode, typer.Argument(metavar="watch|patrol", help="Always, or one look in each period.")],
    weight: Annotated[int | None, typer.Option(min=1, max=12, help="Visits in each period; unset: as it is.")] = None,
) -> None:
    """Watch a camera always, or visit it on patrol.

    \b
    Examples:
      mingchu camera mode store-3 patrol --weight 3
      mingchu camera mode back-door watch
    """
    from store import registry

    with_database(lambda connection: registry.set_mode(connection, code, wanted, weight))
    print(f"camera {code}: {wanted}")
