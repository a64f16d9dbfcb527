"""Ten people do everything at once (PROMISES R14): only legal paths are taken, and no step of anybody is lost."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from alerts import workflow
from alerts.counters import Counters
from alerts.decider import Decider
from alerts.workflow import (
    Assign,
    Comment,
    ConflictError,
    Detail,
    Moved,
    Photo,
    Report,
    Supervise,
    Transfer,
    WorkflowError,
)
from domain.alert import FINISHED, Action, Role, Side, Status, transition
from store import workflow as cases
from store.connection import Connection, connect
from store.people import Person
from tests import alert_world as world

REPORT = Report("已清理", (Photo("a" * 64, "image/jpeg", 1000),))
PEOPLE, ALERTS = 10, 8
ACTIONS = tuple(action for action in Action if action is not Action.SETTLE)
# Those that finish an alert are rare, so that most of the time there is one to be fought over.
WEIGHTS = [1 if action in (Action.ACCEPT, Action.DISMISS, Action.UPHOLD) else 12 for action in ACTIONS]


async def test_ten_people_at_once_take_only_legal_paths(dsn: str, full: bool) -> None:
    town = await world.build(dsn, devices=ALERTS)
    people = await _people(dsn, town)
    race = Race(dsn, town)
    await race.raise_more()
    await asyncio.gather(*(race.run(person, seed, 1_000 if full else 40) for seed, person in enumerate(people)))
    assert race.outcomes["conflict"] > 0
    assert race.outcomes["moved"] > (1_000 if full else 40)
    assert race.done == set(ACTIONS) or not full
    _check_versions(race.moved)
    _check_paths(dsn, race.moved)
    _check_papers(dsn, race.moved)


async def _people(dsn: str, town: world.Town) -> list[Person]:
    async with await connect(dsn, autocommit=True) as connection:
        station = await world.person(connection, "station", Role.REGULATOR, authority=world.STATION)
        city = await world.person(connection, "city", Role.REGULATOR, authority="city")
    return [(town.operator, town.regulator, station, city)[number % 4] for number in range(PEOPLE)]


class Race:
    """The shared course: alerts that are raised anew as soon as they are finished."""

    def __init__(self, dsn: str, town: world.Town) -> None:
        self.dsn, self.town = dsn, town
        self.moved: list[tuple[Action, Moved]] = []
        self.outcomes: Counter[str] = Counter()
        self._raising = asyncio.Lock()

    @property
    def done(self) -> set[Action]:
        return {action for action, _ in self.moved}

    async def raise_more(self) -> None:
        """Every device without an open alert gets one, over at once, so that it can be closed."""
        async with (
            self._raising,
            await connect(self.dsn, autocommit=True) as ingest,
            await world.as_engine(self.dsn) as engine,
        ):
            for device in self.town.devices:
                for value in (True, False):
                    await world.signal(ingest, world.BROKEN, device, value)
            while await Decider(engine, Counters()).signals():
                pass

    async def run(self, person: Person, seed: int, times: int) -> None:
        chance = random.Random(seed)
        async with await world.as_api(self.dsn, person) as connection:
            for _ in range(times):
                await self._step(connection, person, chance)

    async def _step(self, connection: Connection, person: Person, chance: random.Random) -> None:
        cursor = await connection.execute(
            "SELECT id, version FROM alert WHERE status NOT IN ('closed', 'dismissed') ORDER BY random() LIMIT 1"
        )
        row = await cursor.fetchone()
        if row is None:
            await self.raise_more()
            return
        alert, version = int(str(row[0])), int(str(row[1]))
        action = await self._chosen(connection, person, alert, chance)
        await asyncio.sleep(chance.random() * 0.01)  # a person reads before he acts
        try:
            got = await workflow.act(
                connection, person, alert, action, version, reason="r", report=REPORT,
                detail=_detail(action, person, chance),
            )  # fmt: skip
        except ConflictError:
            self.outcomes["conflict"] += 1
        except WorkflowError:
            self.outcomes["refused"] += 1
        else:
            self.outcomes["moved"] += 1
            self.moved.append((action, got))

    async def _chosen(self, connection: Connection, person: Person, alert: int, chance: random.Random) -> Action:
        """Mostly something that is offered, at times anything."""
        case = await cases.look(connection, alert) if chance.random() < 0.7 else None
        offered = () if case is None else workflow.offered(case, person.role, person.authority)
        weights = [WEIGHTS[ACTIONS.index(action)] for action in offered]
        return chance.choices(offered, weights)[0] if offered else chance.choices(ACTIONS, WEIGHTS)[0]


def _detail(action: Action, person: Person, chance: random.Random) -> Detail | None:
    match action:
        case Action.ASSIGN:
            return Assign(chance.choice((None, person.id)))
        case Action.COMMENT:
            return Comment(chance.choice(tuple(Side)))
        case Action.TRANSFER:
            return Transfer(chance.choice(("city", "city.district", world.STATION)))
        case Action.SUPERVISE:
            return Supervise(datetime.now(UTC) + timedelta(hours=1))
        case _:
            return None


def _check_versions(moved: list[tuple[Action, Moved]]) -> None:
    """Of each alert every version was given once, without a gap: no update was lost."""
    given: dict[int, list[int]] = {}
    for _, one in moved:
        given.setdefault(one.alert_id, []).append(one.version)
    assert all(sorted(versions) == list(range(2, len(versions) + 2)) for versions in given.values())


def _check_paths(dsn: str, moved: list[tuple[Action, Moved]]) -> None:
    """Each history is one path through the state table, and ends where the alert stands."""
    steps = world.rows(
        dsn,
        "SELECT step.alert_id, step.action, step.source, step.target, person.role FROM alert_history AS step"
        " JOIN person ON person.id = step.person_id ORDER BY step.alert_id, step.id",
    )
    assert len(steps) == len(moved)
    now: dict[object, Status] = {}
    for alert, action, source, target, role in steps:
        status = now.get(alert, Status.OPEN)
        assert status not in FINISHED
        move = transition(Action(str(action)), status, Role(str(role)))
        assert move is not None
        assert move.open_to(Role(str(role)))
        assert (move.source, move.target) == (source, target)
        now[alert] = move.target
    stand = {row[0]: row[1] for row in world.rows(dsn, "SELECT id, status FROM alert")}
    assert all(stand[alert] == status for alert, status in now.items())


def _check_papers(dsn: str, moved: list[tuple[Action, Moved]]) -> None:
    """Each step has its paper, and no paper came without its step."""
    times = Counter(action for action, _ in moved)
    counted = {
        "rectification": times[Action.REPORT],
        "alert_comment": times[Action.COMMENT],
        "alert_transfer": times[Action.TRANSFER],
        "appeal": times[Action.APPEAL],
        "appeal WHERE decided IS NOT NULL": times[Action.UPHOLD] + times[Action.DENY],
        "review": times[Action.ACCEPT] + times[Action.REJECT] + times[Action.DISMISS] + times[Action.UPHOLD],
        "alert WHERE supervised IS NOT NULL": times[Action.SUPERVISE] - times[Action.LIFT],
    }
    assert {table: world.count(dsn, f"SELECT count(*) FROM {table}") for table in counted} == counted
    last = world.rows(
        dsn,
        "SELECT alert.id FROM alert JOIN LATERAL (SELECT split_part(reason, E'\\n', 1) AS path FROM alert_history"
        " WHERE alert_id = alert.id AND action = 'transfer' ORDER BY id DESC LIMIT 1) AS last ON true"
        " WHERE alert.authority::text <> last.path",
    )
    assert last == []
