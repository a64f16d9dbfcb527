"""The usual loop: OpenCV's read() of every frame, and a prediction on five of them a second."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from mingchu.bench.process import checkout, child
from mingchu.services import shipped_weights

FPS = 5
_HAS_ULTRALYTICS = importlib.util.find_spec("ultralytics") is not None
NOTE = (
    f"OpenCV read() of every frame, ultralytics predict at {FPS} fps"
    if _HAS_ULTRALYTICS
    else f"OpenCV read() of every frame, our detector at {FPS} fps in place of ultralytics, which is not installed"
)

# Says how many frames it has got, and ends when it is killed; its CPU time is read from outside. One thread each: a
# thread pool that waits for its next picture spins.
_PREDICT = {
    True: """
import torch
from ultralytics import YOLO
torch.set_num_threads(1)
model = YOLO(sys.argv[2], task="detect")
predict = lambda bgr: model.predict(bgr, imgsz=(384, 640), device="cpu", verbose=False)
""",
    False: """
from pathlib import Path
from inference.detector import Detector
detector = Detector.open(Path(sys.argv[2]))
predict = lambda bgr: detector.detect([bgr[:, :, ::-1]])
""",
}
_LOOP = """
import cv2
cv2.setNumThreads(1)
capture, number = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG), 0
while True:
    there, bgr = capture.read()
    if not there:
        break
    if number % (25 // int(sys.argv[3])) == 0:
        predict(bgr)
    number += 1
    if number % 5 == 0:
        print(number, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop's process, and where it says how far it has come: on a busy machine it falls behind its camera."""

    process: psutil.Popen
    log: Path

    @property
    def frames(self) -> int:
        """How many it has got; 0 before the first."""
        told = [line for line in self.log.read_text(encoding="utf-8").split() if line.isdecimal()]
        return int(told[-1]) if told else 0


@contextmanager
def loop(url: str, log: Path) -> Iterator[Loop]:
    """The loop on one camera of 25 pictures a second, as a process."""
    weights = shipped_weights()
    model = weights.with_name("detector.onnx") if _HAS_ULTRALYTICS else weights
    script = "import sys" + _PREDICT[_HAS_ULTRALYTICS] + _LOOP
    with child((sys.executable, "-c", script, url, str(model), str(FPS)), log, PYTHONPATH=checkout()) as process:
        yield Loop(process, log)
