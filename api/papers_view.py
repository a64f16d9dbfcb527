"""The papers beside an alert as REST's models, and what a step of its history names in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from api import alert_model, workflow_model
from domain import reason
from domain.alert import Action, Recheck, Side
from store import case, papers
from store.connection import Connection

_OTHER_SIDE = ("另一方的人员", "somebody of the other side")


@dataclass(frozen=True, slots=True)
class Named:
    """People and authorities that steps of a history name."""

    people: Mapping[int, str]
    authorities: Mapping[str, papers.AuthorityRow]

    def sentences(self, action: str, said: str) -> tuple[str, str]:
        """What a person's step says, in Chinese and English; a person's own words stay as they are."""
        first, _, rest = said.partition("\n")
        if action == Action.ASSIGN:
            return self._assigned(first if first.isdecimal() else "")
        if action == Action.TRANSFER and first in self.authorities:
            to = self.authorities[first]
            return f"移交给{to.zh}：{rest}", f"To {to.en}: {rest}"
        if action == Action.SUPERVISE:
            return rest, rest
        return said, said

    def _assigned(self, person: str) -> tuple[str, str]:
        if not person:
            return "不再指派", "To nobody any more"
        name = self.people.get(int(person))
        zh, en = _OTHER_SIDE if name is None else (name, name)
        return f"指派给{zh}", f"To {en}"


async def named(connection: Connection, steps: Sequence[case.HistoryRow]) -> Named:
    """Look up what these steps name."""
    people = [int(step.reason) for step in steps if step.action == Action.ASSIGN and step.reason.isdecimal()]
    moved = any(step.action == Action.TRANSFER for step in steps)
    tree = await papers.authorities(connection) if moved else []
    return Named(await papers.names_of(connection, people) if people else {}, {one.path: one for one in tree})


async def reports(connection: Connection, alert: int, known: reason.Glossary) -> list[alert_model.Rectification]:
    """The operator's reports, each with the machine's look after it and fresh pictures."""
    looks = {row.rectification_id: row for row in await papers.rechecks(connection, alert)}
    stills = await papers.stills(connection, alert)
    return [
        alert_model.Rectification(
            id=row.id,
            at=row.at,
            by=row.person_name,
            text=row.text,
            photos=row.photos,
            claimed=row.claimed,
            signature=row.signature,
            recheck=_look(looks[row.id], known) if row.id in looks else None,
            stills=[
                workflow_model.Still(sha256=one.sha256, at=one.at) for one in stills if one.rectification_id == row.id
            ],
        )
        for row in await case.rectifications(connection, alert)
    ]


def _look(row: papers.RecheckRow, known: reason.Glossary) -> workflow_model.Look:
    return workflow_model.Look(
        began=row.began,
        watch_s=row.watch_s,
        ended=row.ended,
        result=None if row.result is None else Recheck(row.result),
        clear_since=row.clear_since,
        why=row.why,
        zh=reason.wording(row.why, "zh", known),
        en=reason.wording(row.why, "en", known),
    )


async def comments(connection: Connection, alert: int) -> list[workflow_model.Comment]:
    """What the person may read, in order."""
    return [
        workflow_model.Comment(
            at=row.at, by=None if row.person_name == "—" else row.person_name, side=Side(row.side), text=row.text
        )
        for row in await papers.comments(connection, alert)
    ]


async def appeal(connection: Connection, alert: int) -> workflow_model.Appeal | None:
    """The operator's dispute."""
    row = await papers.appeal(connection, alert)
    if row is None:
        return None
    return workflow_model.Appeal(
        at=row.at,
        by=row.person_name,
        text=row.text,
        photos=row.photos,
        due=row.due,
        decided=row.decided,
        verdict=cast(Literal["upheld", "rejected"] | None, row.verdict),
        reason=row.reason,
    )


async def draw(connection: Connection, alert: int) -> workflow_model.Draw | None:
    """Who looks at it, as it was drawn."""
    row = await papers.draw(connection, alert)
    return None if row is None else workflow_model.Draw.model_validate(row)


def precision(row: papers.PrecisionRow) -> workflow_model.Precision:
    """One scene on one camera."""
    return workflow_model.Precision(
        scene=row.scene,
        camera_id=row.camera_id,
        camera=row.camera_code,
        zh=row.camera_zh,
        en=row.camera_en,
        judged=row.judged,
        confirmed=row.confirmed,
        precision=round(row.confirmed / row.judged, 3),
    )


async def precision_of(connection: Connection, scene: str, camera: int | None) -> workflow_model.Precision | None:
    """That of one scene on one camera; None before anything was judged."""
    rows = [] if camera is None else await papers.precision(connection, camera)
    return next((precision(row) for row in rows if row.scene == scene), None)
