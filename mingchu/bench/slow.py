"""An edge whose detector is many times slower than it is: it sleeps after each look, for its processor time's sake.

`python -m mingchu.bench.slow` runs it, with the settings of `mingchu edge`.
"""

import sys
import time

from inference.detections import Detections, Image
from inference.eye import Eye
from inference.traits import Trait

SLOWER = 10

_look = Eye.look


def slow_edge() -> tuple[str, ...]:
    """The command."""
    return sys.executable, "-m", "mingchu.bench.slow"


def _slowly(self: Eye, image: Image, wanted: frozenset[Trait]) -> Detections:
    began = time.thread_time()
    seen = _look(self, image, wanted)
    time.sleep((SLOWER - 1) * (time.thread_time() - began))
    return seen


if __name__ == "__main__":
    from mingchu.cli import main

    Eye.look = _slowly  # type: ignore[method-assign]
    sys.argv[1:] = ["edge"]
    main()
