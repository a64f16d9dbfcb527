"""`mingchu model publish` and `mingchu model versions`: models that cameras may name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import settings_of, with_database

if TYPE_CHECKING:
    from domain.model import Card
    from inference.trait_weights import TraitManifest
    from inference.weights import Manifest


def publish(
    card: Annotated[Path, typer.Argument(help="The detector's card (`detector.toml`); `traits.toml` lies beside it.")],
) -> None:
    """Try a model and make it a version that cameras may name: in the console, or over REST.

    Name and version are the detector card's. The edges of the cameras that name it fetch it by its hash.

    \b
    Examples:
      mingchu model publish models/weights/detector.toml
      mingchu model versions
    """
    import asyncio

    from api.vault import Vault
    from domain.model import MOST_BYTES, Model
    from inference import pack
    from inference.eye import Eye
    from store import models

    data, manifest, traits = pack.write(card)
    if len(data) > MOST_BYTES:
        raise typer.BadParameter(f"the model has {len(data)} bytes: edges take at most {MOST_BYTES}")
    weights = Eye.open(card).sha256
    vault = Vault(settings_of().evidence)
    vault.open()
    named = Model(f"{manifest.name} {manifest.version}", asyncio.run(vault.put(data)))
    new = with_database(
        lambda connection: models.publish(connection, named, weights, len(data), _summary(manifest, traits))
    )
    print(f"{named.release}: {'published' if new else 'was published already'}, SHA-256 {named.sha256}")


def _summary(manifest: "Manifest", traits: "TraitManifest") -> "Card":
    from domain.model import Card
    from inference.detector import DEFAULT_THRESHOLD

    thresholds = {name: manifest.thresholds.get(name, DEFAULT_THRESHOLD) for name in manifest.classes}
    return Card(thresholds, tuple(traits.groups))


def versions() -> None:
    """List the published models, the newest first."""
    from store import models

    for row in with_database(models.models):
        size = f"{row.size / 1e6:.1f} MB"
        print(f"{row.release:<28} {row.published:%Y-%m-%d %H:%M}  {size:>8}  cameras {row.cameras:<5} {row.sha256}")
