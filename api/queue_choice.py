"""What a reader wants to see of the queue, as it stands in the page's address and in a saved view."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from api import paging
from api.pages import Reader
from api.view_model import Tab, ViewOrder
from domain import period
from domain.alert import FINISHED, Condition, Status
from store.queue import QueueFilter

UNFINISHED = tuple(status for status in Status if status not in FINISHED)
TABS: dict[str, tuple[Status, ...]] = {
    Tab.UNFINISHED: UNFINISHED,
    Tab.OPEN: (Status.OPEN,),
    Tab.ACKNOWLEDGED: (Status.ACKNOWLEDGED,),
    Tab.RECTIFIED: (Status.RECTIFIED,),
    Tab.FINISHED: tuple(status for status in Status if status in FINISHED),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice; None and False: all. The days are those of China, both included, by when alerts were raised."""

    tab: str = Tab.UNFINISHED.value
    severity: int | None = None
    site: int | None = None
    condition: Condition | None = None
    overdue: bool = False
    cursor: str | None = None
    mine: int | None = None  # the reader's id where he wants what is assigned to him
    rule: str | None = None
    camera: int | None = None
    device: int | None = None
    from_day: date | None = None
    to_day: date | None = None

    def query(self, **changes: object) -> str:
        """The address of the same choice with changes."""
        parts: dict[str, object] = {
            "tab": self.tab,
            "severity": self.severity,
            "site": self.site,
            "condition": self.condition,
            "overdue": "1" if self.overdue else None,
            "mine": None if self.mine is None else 1,
            "rule": self.rule,
            "camera": self.camera,
            "device": self.device,
            "from_day": self.from_day,
            "to_day": self.to_day,
            **changes,
        }
        return urlencode({name: str(value) for name, value in parts.items() if value is not None})

    @property
    def narrowed(self) -> bool:
        return replace(self, tab=Tab.UNFINISHED.value, cursor=None) != Choice()

    def filter(self) -> QueueFilter:
        return QueueFilter(
            statuses=TABS[self.tab],
            severities=None if self.severity is None else (self.severity,),
            site=self.site,
            condition=self.condition,
            overdue=self.overdue,
            newest=self.tab == "finished",
            after=paging.decode(self.cursor, (0, 0)) if self.cursor else None,
            assignee=self.mine,
            rule=self.rule,
            camera=self.camera,
            device=self.device,
            since=None if self.from_day is None else period.holding(period.Span.DAY, self.from_day).begin,
            until=None if self.to_day is None else period.holding(period.Span.DAY, self.to_day).end,
        )


def of_view(wanted: ViewOrder, person: int) -> Choice:
    """The choice that a saved view holds."""
    return Choice(
        tab=wanted.tab, severity=wanted.severity, site=wanted.site, condition=wanted.condition, overdue=wanted.overdue,
        mine=person if wanted.mine else None, rule=wanted.rule, camera=wanted.camera, device=wanted.device,
        from_day=wanted.from_day, to_day=wanted.to_day,
    )  # fmt: skip


async def choice(
    person: Reader,
    *,
    tab: str = "unfinished",
    severity: str = "",
    site: str = "",
    condition: str = "",
    overdue: str = "",
    mine: str = "",
    rule: str = "",
    camera: str = "",
    device: str = "",
    from_day: str = "",
    to_day: str = "",
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> Choice:
    """The choice in an address; parts that make no sense are left out."""
    return Choice(
        tab=tab if tab in TABS else "unfinished",
        severity=int(severity) if severity in ("1", "2", "3", "4") else None,
        site=_number(site),
        condition=next((known for known in Condition if known == condition), None),
        overdue=overdue == "1",
        cursor=cursor or None,
        mine=person.id if mine == "1" else None,
        rule=rule if 0 < len(rule) < 64 and rule.isprintable() else None,
        camera=_number(camera),
        device=_number(device),
        from_day=_day(from_day),
        to_day=_day(to_day),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


Chosen = Annotated[Choice, Depends(choice)]
