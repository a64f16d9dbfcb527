"""A worker's last connection: it hears nothing new, lands what the broker has for it, and its session ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from domain.topic import ROOT, Channel
from ingest import packet
from ingest.packet import Publication
from ingest.session import Session

# What we say to ourselves once we have left all subscriptions: the broker brings it behind all that it has for us.
# No edge can have this name; the services may speak and hear there.
LAST = f"{ROOT}/edge/=retiring/{Channel.ACK}"


@dataclass(slots=True)
class Retirement:
    """Over when the last word has come and nothing is owed; after an outage it begins anew in the same session."""

    word: bytes = field(default_factory=lambda: uuid4().bytes)  # an earlier try's word may still lie there
    session: Session | None = None
    owed: int = 0  # messages of this connection that are not committed yet
    last: bool = False  # nothing can come any more
    over: bool = False

    def begin(self, session: Session) -> None:
        """A connection: what is not committed comes again."""
        self.session, self.owed, self.last = session, 0, False

    def ask(self) -> None:
        """Say the last word, once all subscriptions are left."""
        if self.session is not None:
            self.session.publish(LAST, self.word)

    def heard(self, publications: Iterable[Publication]) -> list[Publication]:
        """What is to be landed of it."""
        messages, words = list[Publication](), list[Publication]()
        for one in publications:
            (words if one.topic == LAST.encode() else messages).append(one)
        if words and self.session is not None:
            self.session.write(packet.acknowledge([one.mid for one in words]))
        self.owed += len(messages)
        self.last = self.last or self.word in [one.payload for one in words]
        self.landed(0)
        return messages

    def landed(self, count: int) -> None:
        """So many messages of this connection are committed and acknowledged."""
        self.owed -= count
        if self.session is not None and self.last and not self.owed:
            self.over, self.session.goodbye = True, packet.FAREWELL
            self.session.end("retired")
