"""Export: a trained checkpoint as ONNX for pictures of any shape; torch and ultralytics load lazily."""

from pathlib import Path

OPSET = 17
LARGEST_FILE = 15 * 1024 * 1024
"""A file of the repository stays below this many bytes."""


class ExportError(Exception):
    """The exported network is not what the product can load: the message says what differs."""


def export(weights: Path, out: Path) -> Path:
    """Write a checkpoint's network as ONNX: any number of pictures of any height and width (multiples of 32).

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
    head.export, head.format, head.dynamic = True, "onnx", True
    blank = torch.zeros(2, 3, 384, 640)
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
        dynamic_axes={"images": {0: "batch", 2: "height", 3: "width"}, "output": {0: "batch", 2: "anchors"}},
        dynamo=False,
    )
    onnx.save(onnxslim.slim(onnx.load(str(raw))), str(out))
    raw.unlink()
    check_size(out)
    return out


def check_size(path: Path) -> None:
    """Raises ExportError if the file is larger than the repository takes."""
    if path.stat().st_size > LARGEST_FILE:
        raise ExportError(f"{path} has {path.stat().st_size} bytes: more than {LARGEST_FILE}")
