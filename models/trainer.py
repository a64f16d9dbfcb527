"""ultralytics' trainer for label files with veils: the network has the classes only, and the masked loss."""

from typing import Any

from ultralytics.models.yolo.detect import DetectionTrainer

from models.masked_loss import MaskedModel
from models.veil import MARK


class Trainer(DetectionTrainer):  # type: ignore[misc]
    """Builds a MaskedModel of the data file's names that are no veils."""

    def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> MaskedModel:
        """The network of that architecture, with what fits of the weights."""
        model = MaskedModel(cfg, nc=len(self._classes()), ch=self.data["channels"], verbose=verbose)
        model.names = self._classes()
        if weights:
            model.load(weights)
        return model

    def set_model_attributes(self) -> None:
        """Tell the network its classes and the training's arguments."""
        self.model.nc, self.model.names, self.model.args = len(self._classes()), self._classes(), self.args

    def _classes(self) -> dict[int, str]:
        return {index: name for index, name in self.data["names"].items() if not name.startswith(MARK)}
