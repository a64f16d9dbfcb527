"""`mingchu bench video`: what one watched camera costs while nothing moves, against bare demux and the usual loop.

Three processes watch the same simulated 1080p camera in the same seconds: the edge agent as shipped (inference
included), a bare loop that demuxes and decodes keyframes with PyAV, and the loop that people write: OpenCV's read()
of every frame.
"""

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from mingchu.bench.figure import Figure
from mingchu.bench.process import child, watch
from mingchu.bench.watched import camera, watched

WARM_S, WATCH_S = 15.0, 60.0

# Each prints nothing and ends when it is killed; their CPU time is read from outside.
_BARE = """
import av, sys
with av.open(sys.argv[1], options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as container:
    stream = container.streams.video[0]
    stream.codec_context.skip_frame = "NONKEY"
    for packet in container.demux(stream):
        if packet.is_keyframe:
            packet.decode()
"""
_USUAL = """
import cv2, sys
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
while capture.read()[0]:
    pass
"""


def measure(clip: Path, seconds: float = WATCH_S) -> dict[str, Figure]:
    """Watch `clip` in a loop as one camera for `seconds`; CPU milliseconds per second of video of each process."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mingchu-bench-")))
        root.chmod(0o711)
        url = stack.enter_context(camera(clip, root))
        edge = stack.enter_context(watched(root, url)).process
        bare = stack.enter_context(child((sys.executable, "-c", _BARE, url), root / "bare.log"))
        usual = stack.enter_context(child((sys.executable, "-c", _USUAL, url), root / "usual.log"))
        time.sleep(WARM_S)
        spent = watch((edge, bare, usual), seconds)
    cost, limit, loop = (value / seconds * 1000 for value in spent)
    return {
        "idle_camera": Figure(cost, "ms CPU per s of video", limit=limit, bar=60.0),
        "opencv_read_every_frame": Figure(loop, "ms CPU per s of video", limit=limit),
        "usual_loop_over_edge": Figure(loop / cost, "ratio"),
    }
