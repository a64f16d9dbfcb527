"""What the alerts process must be told at its start."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AlertsConfig:
    """`console_url` begins the links in pushes. Pushes go to public addresses only, unless `push_allow_private`."""

    dsn: str
    console_url: str
    evidence_dir: Path
    push_allow_private: bool = False
    settle_s: float = 30.0  # after a start or an outage, silence is not judged before the spools had time to drain
