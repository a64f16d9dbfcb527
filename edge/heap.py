"""The heap: large blocks (frames, tensors) go back to the system at once, instead of being kept between small ones.

glibc raises the size from which it maps blocks by themselves as soon as one is freed; the heaps of a dozen threads
that decode then grow to hundreds of megabytes, which a few thumbnails hold in place. Without glibc nothing is done.
"""

import ctypes

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # <malloc.h>
_LARGE = 1024 * 1024
_ARENAS = 4


def tame() -> None:
    """Once, before threads begin."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(_MMAP_THRESHOLD, _LARGE)
    mallopt(_ARENA_MAX, _ARENAS)
