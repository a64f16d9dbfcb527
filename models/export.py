"""Export: a trained checkpoint as `detector.onnx` and its description; torch and ultralytics load lazily."""

import os
from collections.abc import Sequence
from pathlib import Path

from models.weights_file import NETWORK, Detector, digest, write_description

OPSET = 17
LARGEST_FILE = 15 * 1024 * 1024
"""A file of the repository stays below this many bytes."""


class ExportError(Exception):
    """The exported network is not what the product can load: the message says what differs."""


def export(weights: Path, out: Path, size: tuple[int, int] = (320, 576)) -> Path:
    """Write a checkpoint's network as ONNX: any number of pictures, a fixed (height, width), raw boxes and scores.

    Input `images` (n, 3, height, width) RGB 0..1; output (n, 4 + classes, anchors), boxes as centre and size in
    input pixels. Raises ExportError if the file grows past the repository's limit.
    """
    import onnx
    import onnxslim  # type: ignore[import-not-found,unused-ignore]
    import torch
    from ultralytics import YOLO

    network = YOLO(str(weights)).model.float().eval()
    for parameter in network.parameters():
        parameter.requires_grad = False
    network.fuse(verbose=False)
    head = network.model[-1]
    head.export, head.format, head.dynamic = True, "onnx", False
    blank = torch.zeros(2, 3, *size)
    network(blank)
    out.parent.mkdir(parents=True, exist_ok=True)
    raw = out.with_suffix(".raw")
    torch.onnx.export(
        network,
        (blank,),
        str(raw),
        opset_version=OPSET,
        input_names=["images"],
        output_names=["output"],
        dynamic_axes={"images": {0: "batch"}, "output": {0: "batch"}},
        dynamo=False,
    )
    onnx.save(onnxslim.slim(onnx.load(str(raw))), str(out))
    os.remove(raw)
    if out.stat().st_size > LARGEST_FILE:
        raise ExportError(f"{out} has {out.stat().st_size} bytes: more than {LARGEST_FILE}")
    return out


def describe(
    folder: Path,
    classes: Sequence[str],
    thresholds: dict[str, float],
    *,
    size: tuple[int, int],
    version: str,
    started_from: str,
) -> Detector:
    """Write detector.toml for the network that lies in the folder; returns what it says."""
    detector = Detector(
        name="mingchu-scenes",
        version=version,
        height=size[0],
        width=size[1],
        classes=tuple(classes),
        thresholds=thresholds,
        sha256=digest(folder / NETWORK),
        started_from=started_from,
        licence="AGPL-3.0-or-later",
    )
    write_description(detector, folder)
    return detector
