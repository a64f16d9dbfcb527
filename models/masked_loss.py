"""The training loss with veils: what a source did not label is neither taught as background nor as a thing."""

from typing import Any

import torch
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.loss import v8DetectionLoss
from ultralytics.utils.tal import make_anchors

from models import veil


class _Bce(torch.nn.Module):  # type: ignore[misc,unused-ignore]
    """Element-wise cross-entropy, zero where nothing may be taught; a truth is always taught."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: torch.Tensor | None = None

    def forward(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, targets, reduction="none")
        return loss if self.shown is None else loss * torch.maximum(self.shown, (targets > 0).to(loss.dtype))


class MaskedLoss(v8DetectionLoss):  # type: ignore[misc]
    """ultralytics' detection loss over the rows that name things; rows that are veils mask the class loss."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.bce = _Bce()

    def loss(self, preds: dict[str, Any], batch: dict[str, Any]) -> Any:
        """Loss and its parts; see v8DetectionLoss."""
        kinds = batch["cls"].view(-1)
        named = kinds < self.nc
        self.bce.shown = self._shown(preds, batch, ~named)
        things = {**batch, **{key: batch[key][named] for key in ("batch_idx", "cls", "bboxes")}}
        return super().loss(preds, things)

    def _shown(self, preds: dict[str, Any], batch: dict[str, Any], chosen: torch.Tensor) -> torch.Tensor:
        points, strides = make_anchors(preds["feats"], self.stride, 0.5)
        height, width = (side * self.stride[0] for side in preds["feats"][0].shape[2:])
        centre, size = batch["bboxes"][chosen, :2], batch["bboxes"][chosen, 2:]
        corners = torch.cat((centre - size / 2, centre + size / 2), 1) * torch.stack((width, height, width, height))
        image, kind = batch["batch_idx"][chosen].view(-1, 1), batch["cls"][chosen].view(-1, 1) - self.nc
        rows = torch.cat((image, kind, corners), 1).numpy()
        return torch.from_numpy(veil.shown((points * strides).numpy(), rows, preds["boxes"].shape[0], self.nc))


class MaskedModel(DetectionModel):  # type: ignore[misc]
    """A detection network that is taught by the masked loss."""

    def init_criterion(self) -> MaskedLoss:
        """The loss, made at the first batch."""
        return MaskedLoss(self)
