"""What the alerts process must be told at its start."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from alerts.mail import MailServer
from domain.enclosure import Attached, Enclosure
from store.reports import Report

Printer = Callable[[Report, str, Attached], Enclosure]


@dataclass(frozen=True, slots=True)
class AlertsConfig:
    """`console_url` begins the links in pushes. Pushes go to public addresses only, unless `push_allow_private`.

    `printer` makes a report a file, in a language ('zh', 'en'); without one, subscribers get links alone.
    """

    dsn: str
    console_url: str
    evidence_dir: Path
    push_allow_private: bool = False
    mail: MailServer | None = None  # None: there is no e-mail
    printer: Printer | None = None
    settle_s: float = 30.0  # after a start or an outage, silence is not judged before the spools had time to drain

    @property
    def contact(self) -> str:
        """Whom a browser's push service may write to about our pushes (RFC 8292 §2.1)."""
        if self.mail is not None:
            return f"mailto:{self.mail.sender}"
        host = urlsplit(self.console_url).hostname or ""
        return f"mailto:mingchu@{host if '.' in host else 'localhost'}"
