"""One action on many alike alerts: each its own transaction with its own outcome, all of it in the audit log."""

from collections.abc import Sequence

from alerts.workflow import Assign
from api import actions, problem
from api.desk import Desk
from api.language import Language
from api.problem import ProblemError
from api.workflow_model import BulkAnswer, BulkOrder, BulkResult, Seen
from domain.alert import Action
from store import people, queue
from store.people import Person
from store.queue import QueueRow


async def act(desk: Desk, person: Person, order: BulkOrder, spoken: Language) -> BulkAnswer:
    """Do it to each; raises ProblemError where the alerts are not alike. One that is not there is refused like any."""
    wanted = {one.id: one for one in order.alerts}
    async with desk.scoped(person) as connection:
        rows = await queue.some(connection, list(wanted))
        if not alike(rows):
            raise ProblemError(422, "bulk_unlike")
        detail = {"action": order.action, "alerts": sorted(wanted), "reason": order.reason}
        await people.audit(connection, person, "bulk", detail)
    results = [await _one(desk, person, order, seen, spoken) for seen in wanted.values()]
    done = sum(one.done for one in results)
    return BulkAnswer(done=done, refused=len(results) - done, results=results)


def alike(rows: Sequence[QueueRow]) -> bool:
    """Whether all are of one rule, or all of one site."""
    return len({row.rule_code for row in rows}) <= 1 or len({row.site_id for row in rows}) <= 1


async def _one(desk: Desk, person: Person, order: BulkOrder, seen: Seen, spoken: Language) -> BulkResult:
    detail = Assign(order.person) if order.action is Action.ASSIGN else None
    try:
        moved = await actions.act(desk, person, seen.id, order.action, seen.version, reason=order.reason, detail=detail)
    except ProblemError as error:
        return BulkResult(id=seen.id, done=False, code=error.code, detail=problem.sentence(error, spoken))
    return BulkResult(id=seen.id, done=True, status=moved.status, version=moved.version)
