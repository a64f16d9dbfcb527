"""How the sending of a message went. Whether it is worth another try is decided where the answer is read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has taken it."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """It may work later; `after_s` is the receiver's own wish, 0 if it has none.

    `apart`: it has certainly not arrived, so that its pushes may be told in another message next time.
    """

    why: str
    after_s: float = 0.0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never work as it is."""

    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The receiver itself is no more: nothing will ever arrive there."""

    why: str


Outcome = Sent | TryAgain | Refused | Gone
