"""E-mail through the house's own mail server."""

import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from uuid import UUID

import aiosmtplib

from alerts.outcome import Gone, Outcome, Refused, Sent, TryAgain
from domain.enclosure import Enclosure

TIMEOUT_S = 10.0
_UNKNOWN = frozenset({550, 551, 553})  # no such mailbox, RFC 5321 §4.2.3


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and in whose name. `tls`: from the first byte; else STARTTLS where it is offered."""

    host: str
    port: int
    sender: str
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `key` makes its Message-ID: a repeat is known by it."""

    to: str
    subject: str
    text: str
    key: UUID
    at: datetime
    enclosed: Enclosure | None = None


def compose(server: MailServer, letter: Letter) -> EmailMessage:
    """The mail as it is sent; what people wrote cannot break its headers."""
    mail = EmailMessage()
    mail["From"], mail["To"] = server.sender, letter.to
    mail["Subject"] = " ".join(letter.subject.split())
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = f"<{letter.key}@{make_msgid(domain=server.sender.rpartition('@')[2]).rpartition('@')[2]}"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
    mail.set_content(letter.text)
    if letter.enclosed is not None:
        main, _, sub = letter.enclosed.media_type.partition("/")
        mail.add_attachment(letter.enclosed.body, maintype=main, subtype=sub, filename=letter.enclosed.name)
    return mail


async def send(server: MailServer, letter: Letter) -> Outcome:
    """Hand it in; RFC 5321's 4yz is a matter of time, 5yz the last word."""
    try:
        await aiosmtplib.send(
            compose(server, letter),
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            tls_context=ssl.create_default_context() if server.tls else None,
            timeout=TIMEOUT_S,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _judged(error.recipients[0])
    except aiosmtplib.SMTPResponseException as error:
        return _judged(error)
    except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError) as error:
        return TryAgain(f"no connection to the mail server: {error}", apart=True)
    except (aiosmtplib.SMTPException, OSError) as error:
        return TryAgain(f"{type(error).__name__}: {error}")
    return Sent()


def _judged(error: aiosmtplib.SMTPResponseException) -> Outcome:
    why = f"SMTP {error.code}: {' '.join(error.message.split())[:200]}"
    if error.code < 500:
        return TryAgain(why, apart=True)
    return Gone(why) if error.code in _UNKNOWN else Refused(why)
