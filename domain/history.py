"""The hash chain of an alert's history, recomputed as the database's trigger makes it (chain_history)."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.export import Step

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def link(previous: bytes, alert: int, step: Step) -> bytes:
    """The hash that a step must have after one with the hash `previous` (b"" for the first)."""
    rest = (step.person_id, step.action, step.source, step.target, step.condition, step.reason)
    # PostgreSQL's jsonb as text: ", " between elements, six decimals of a second, nothing but ASCII controls escaped.
    parts = [str(alert), _epoch(step.at), *(json.dumps(part, ensure_ascii=False) for part in rest)]
    return hashlib.sha256(previous + f"[{', '.join(parts)}]".encode()).digest()


def first_broken(alert: int, steps: Sequence[Step]) -> int | None:
    """The place (from 0) of the first step whose hash does not follow from it and the step before, or None."""
    previous = b""
    for place, step in enumerate(steps):
        previous = link(previous, alert, step)
        if previous.hex() != step.hash:
            return place
    return None


def _epoch(at: datetime) -> str:
    seconds, microseconds = divmod((at - _EPOCH) // _MICROSECOND, 1_000_000)
    return f"{seconds}.{microseconds:06d}"
