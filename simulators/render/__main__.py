"""`python -m simulators.render --out DIR [--train N | --clip NAME] --seed S`: render pictures or a clip."""

import argparse
import os
import sys
from pathlib import Path

from simulators.render.clips import CLIPS


def main() -> int:
    """Exit status 0, or 2 with one sentence when bpy is missing."""
    asked = _arguments().parse_args()
    try:
        import bpy  # noqa: F401
    except ModuleNotFoundError:
        sys.stderr.write(
            "Rendering needs Blender's Python module: install the extra with pip install 'mingchu[render]'.\n"
        )
        return 2
    threads = asked.threads or os.cpu_count() or 1
    if asked.train:
        _train(asked.out, asked.train, asked.seed, asked.samples or 6, threads)
    for name in [asked.clip] if asked.clip else [] if asked.train else list(CLIPS):
        from simulators.render.film import film

        film(CLIPS[name](asked.seed), asked.out, asked.samples or 4, threads)
    return 0


def _train(out: Path, count: int, seed: int, samples: int, threads: int) -> None:
    from simulators.render.pictures import CASTS, write_room

    for start in range(0, count, CASTS):
        write_room(out, seed + start // CASTS, samples, min(CASTS, count - start), threads)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators.render", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--train", type=int, default=0, metavar="N", help="N labelled pictures")
    what.add_argument("--clip", choices=sorted(CLIPS), help="one clip (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="first room's seed")
    parser.add_argument("--samples", type=int, default=0, help="rays a pixel")
    parser.add_argument("--threads", type=int, default=0, help="default: all processors")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
