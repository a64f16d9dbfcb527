"""Which of a channel's due pushes go now, and which of them as one message. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from domain.budget import Allowance, Budget
from domain.severity import Severity
from store.dispatch import DueChannel, Waiting

FEW = 3  # more ordinary ones than this at once are told together
MANY = 100  # in one message
ROOM = 2  # messages on their way to one channel at once, so that a slow one holds up nobody else
GRAVE_ROOM = ROOM + 1  # and one more for class I, which waits behind no ordinary one


@dataclass(frozen=True, slots=True)
class Group:
    """Pushes of one message. `message` is its idempotency key: a push's own id while it goes alone."""

    message: UUID
    pushes: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes now, what is left of the budget, and until when the ordinary ones are held (None: not held)."""

    groups: tuple[Group, ...]
    budget: Budget
    ordinary_after: datetime | None


def plan(channel: DueChannel, allowance: Allowance, quiet_until: datetime | None, flying: int) -> Plan:
    """Class I at once and one by one while there are tokens; the rest by what is left, many as one message.

    A message that was tried before goes again as it was. `flying`: messages on their way to the channel.
    """
    budget = channel.budget.now(allowance, channel.now)
    graves = [one for one in channel.waiting if one.severity == Severity.I]
    others = [one for one in channel.waiting if one.severity != Severity.I]
    grave = _graves(graves, min(budget.grave, GRAVE_ROOM - flying), scarce=budget.grave < len(graves))
    for _ in grave:
        budget = budget.spend(grave=True)
    held = channel.ordinary_after if channel.ordinary_after and channel.ordinary_after > channel.now else None
    until = max((one for one in (held, quiet_until) if one is not None), default=None)
    if until is not None or not others:
        return Plan(grave, budget, until)
    ordinary = _ordinary(others, min(budget.ordinary, ROOM - flying - len(grave)), budget.ordinary)
    for _ in ordinary:
        budget = budget.spend(grave=False)
    left = len(others) > sum(len(group.pushes) for group in ordinary)
    return Plan((*grave, *ordinary), budget, budget.ordinary_at(allowance) if left and not budget.ordinary else None)


def _graves(waiting: Sequence[Waiting], slots: int, *, scarce: bool) -> tuple[Group, ...]:
    groups, fresh = _again(waiting)
    chosen = groups[: max(slots, 0)]
    free = slots - len(chosen)
    if free <= 0 or not fresh:
        return tuple(chosen)
    if scarce:  # the last token tells of all that are left
        alone, rest = fresh[: free - 1], fresh[free - 1 :]
        return (*chosen, *map(_alone, alone), _together(rest[:MANY]))
    return (*chosen, *map(_alone, fresh[:free]))


def _ordinary(waiting: Sequence[Waiting], slots: int, tokens: int) -> tuple[Group, ...]:
    """What may be told together; then, where there is room, what goes alone."""
    shared = _shared([one for one in waiting if not one.alone], slots, tokens)
    again, fresh = _again([one for one in waiting if one.alone])
    return (*shared, *[*again, *map(_alone, fresh)][: max(slots - len(shared), 0)])


def _shared(waiting: Sequence[Waiting], slots: int, tokens: int) -> tuple[Group, ...]:
    groups, fresh = _again(waiting)
    chosen = groups[: max(slots, 0)]
    free = slots - len(chosen)
    if free <= 0 or not fresh:
        return tuple(chosen)
    if len(fresh) > min(FEW, tokens - len(chosen)):
        return (*chosen, _together(fresh[:MANY]))
    return (*chosen, *map(_alone, fresh[:free]))


def _again(waiting: Sequence[Waiting]) -> tuple[list[Group], list[Waiting]]:
    """Messages that were tried before, and the pushes that have none yet."""
    messages: dict[UUID, list[UUID]] = {}
    for one in waiting:
        if one.message is not None:
            messages.setdefault(one.message, []).append(one.id)
    groups = [Group(message, tuple(pushes)) for message, pushes in messages.items()]
    return groups, [one for one in waiting if one.message is None]


def _alone(one: Waiting) -> Group:
    return Group(one.id, (one.id,))


def _together(several: Sequence[Waiting]) -> Group:
    return _alone(several[0]) if len(several) == 1 else Group(uuid4(), tuple(one.id for one in several))
