"""What a form of the alert's page brings beside the reason: to whom, to which authority, until when, for whose eyes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Form

from alerts.workflow import Assign, Comment, Detail, Supervise, Transfer
from domain.alert import Action, Role, Side


@dataclass(frozen=True, slots=True)
class Extra:
    """The fields as they were typed."""

    person: str = ""
    authority: str = ""
    until: str = ""
    own: bool = False

    def detail(self, role: Role, action: Action, timezone: str) -> Detail | None:
        """As the workflow takes it; what makes no sense is None, which its gate refuses."""
        match action:
            case Action.ASSIGN:
                known = self.person.isdecimal() and len(self.person) < 18
                return Assign(int(self.person) if known else None)
            case Action.COMMENT:
                side = Side.OPERATOR if role is Role.OPERATOR else Side.AUTHORITY
                return Comment(side if self.own else Side.BOTH)
            case Action.TRANSFER:
                return Transfer(self.authority)
            case Action.SUPERVISE:
                until = local_time(self.until, timezone)
                return None if until is None else Supervise(until)
            case _:
                return None


async def extra(
    person: Annotated[str, Form(alias="to", max_length=20)] = "",
    authority: Annotated[str, Form(max_length=200)] = "",
    until: Annotated[str, Form(max_length=40)] = "",
    own: Annotated[str, Form(max_length=5)] = "",
) -> Extra:
    """The form's other fields."""
    return Extra(person, authority, until, own == "1")


def local_time(text: str, timezone: str) -> datetime | None:
    """What a browser's field for date and time says, in the console's time zone; None where it says none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(timezone))


Brought = Annotated[Extra, Depends(extra)]
