"""The edge's configuration on its disk: with it the agent watches again at once after a restart, platform or not."""

import os
from pathlib import Path

import msgspec
import structlog

from domain.camera import EdgeConfig

log = structlog.get_logger(__name__)


def load(path: Path) -> EdgeConfig | None:
    """The last configuration heard; None when there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=EdgeConfig)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        log.warning("the kept configuration cannot be read, waiting for the platform's", file=path.name, why=str(error))
        return None


def save(path: Path, config: EdgeConfig) -> None:
    """Replace the kept one, whole or not at all. It holds cameras' passwords: for this user's eyes only."""
    part = path.with_suffix(".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(config))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        log.warning("the configuration could not be kept, it holds until the next restart", why=str(error))
