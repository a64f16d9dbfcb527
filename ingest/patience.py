"""How long an edge's item may wait for its scene event, which another worker may be about to commit."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.landing import Place

_WAIT_S = 120.0
_MOST = 10_000  # items that wait at a time; beyond, the oldest begins to wait anew


@dataclass(slots=True)
class Patience:
    """An item that is not acknowledged comes again: it may do so for two minutes. A restart starts anew."""

    clock: Callable[[], float] = time.monotonic
    since: OrderedDict[Place, float] = field(default_factory=OrderedDict)

    def waits(self, place: Place) -> bool:
        """True while the item may come again; False, and forgotten, when it has waited long enough."""
        began = self.since.setdefault(place, self.clock())
        if self.clock() - began >= _WAIT_S:
            del self.since[place]
            return False
        if len(self.since) > _MOST:
            self.since.popitem(last=False)
        return True

    def forget(self, place: Place) -> None:
        """Its scene event is there."""
        self.since.pop(place, None)
