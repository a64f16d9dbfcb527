"""The crop classifier's network: the body of a YOLOv8n, and one group of states per trait read from it."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.crop_index import GROUPS

OUTPUTS = sum(map(len, GROUPS.values()))
FINE, LAST = 6, 8
"""The body's layers that are read: at a stride of 16 (a cigarette is small) and of 32."""
WIDTHS = (128, 256)


class TraitNet(nn.Module):  # type: ignore[misc,unused-ignore]
    """Crops (n, 3, 128, 128) RGB 0..1 in, (n, OUTPUTS) raw scores out: a softmax over each group is its answer."""

    def __init__(self, body: Any = None, dropout: float = 0.2) -> None:
        """body: the first layers of a detector; without one they are fresh."""
        super().__init__()
        layers = list(body if body is not None else _fresh())[: LAST + 1]
        self.fine, self.coarse = nn.Sequential(*layers[: FINE + 1]), nn.Sequential(*layers[FINE + 1 :])
        self.dropout = nn.Dropout(dropout)
        self.answer = nn.Linear(sum(WIDTHS), OUTPUTS)

    def forward(self, x: Any) -> Any:
        """Strongest response at the fine stride, mean response at the coarse one."""
        fine = self.fine(x)
        seen = torch.cat((fine.amax(dim=(2, 3)), self.coarse(fine).mean(dim=(2, 3))), dim=1)
        return self.answer(self.dropout(seen))


def start_from(path: Path) -> TraitNet:
    """A classifier with the body of a detector: a checkpoint of models.train (.pt), or a fused YOLOv8n ONNX file."""
    if path.suffix == ".onnx":
        from models.train import graft

        return TraitNet(graft(path, [str(n) for n in range(2)]).model.model)
    entry = torch.load(path, weights_only=False)
    return TraitNet((entry.get("ema") or entry["model"]).float().model)


def fuse(network: TraitNet) -> TraitNet:
    """The network for running, its batch normalisations folded into the convolutions; changes the argument."""
    from ultralytics.nn.modules import Conv
    from ultralytics.utils.torch_utils import fuse_conv_and_bn

    network.eval()
    for layer in network.modules():
        if isinstance(layer, Conv) and hasattr(layer, "bn"):
            layer.conv = fuse_conv_and_bn(layer.conv, layer.bn)
            delattr(layer, "bn")
            layer.forward = layer.forward_fuse
    return network


def _fresh() -> Any:
    from ultralytics.nn.tasks import DetectionModel

    return DetectionModel("yolov8n.yaml", nc=2, verbose=False).model
