"""Parameter sets inside an encoded picture: how a stream says that its resolution or profile has changed."""

import re
from itertools import zip_longest

_START = re.compile(rb"\x00\x00\x01")
_SETS = {"h264": frozenset({7, 8}), "hevc": frozenset({32, 33, 34})}
_HEAD = 2048  # bytes in which a keyframe's parameter sets lie


def parameter_sets(codec: str, data: bytes) -> bytes:
    """The Annex B parameter sets at the head of a keyframe, with start codes; empty when there are none."""
    kinds = _SETS.get(codec, frozenset())
    head = data[:_HEAD]
    starts = [match.end() for match in _START.finditer(head)]
    found = []
    for start, after in zip_longest(starts, (begin - 3 for begin in starts[1:])):
        nal = head[start:after]
        if after is None and len(data) > _HEAD:
            break  # cut short: a slice, never a parameter set
        if nal and _kind(codec, nal[0]) in kinds:
            found.append(b"\x00\x00\x00\x01" + nal.rstrip(b"\x00"))
    return b"".join(found)


def _kind(codec: str, first: int) -> int:
    return first & 0x1F if codec == "h264" else (first >> 1) & 0x3F
