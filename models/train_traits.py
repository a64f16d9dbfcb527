"""Training of the crop classifier: a plain loop that goes on after an interruption where its last epoch ended."""

import copy
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from rich.progress import Progress
from torch.nn import functional

from models.balance import weights
from models.crop_index import GROUPS, UNKNOWN, Crop, read_index
from models.train import rate_share
from models.trait_export import export
from models.trait_figures import figures
from models.trait_net import TraitNet, start_from
from models.variation import varied

__all__ = ["Plan", "export", "figures", "train"]

LAST = "last.pt"
LOG = "epochs.jsonl"


@dataclass(frozen=True)
class Plan:
    """The numbers of a training: crops shown in an epoch, rates of the new layer and, by `body_rate`, of the rest."""

    epochs: int
    shown: int = 8000
    batch: int = 64
    rate: float = 0.002
    body_rate: float = 0.5
    decay: float = 0.02
    warm_up: int = 100
    smoothing: float = 0.04
    average: float = 0.996
    threads: int = 2
    seed: int = 7


def train(crops: Path, start: Path, runs: Path, epochs: int, plan: Plan | None = None) -> Path:
    """Train on the gathered crops from a detector's body; returns the checkpoint, its weights averaged.

    The same call goes on with the epoch after the last one that `runs` holds.
    """
    plan = plan or Plan(epochs)
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    runs.mkdir(parents=True, exist_ok=True)
    course = _Course(start, plan)
    course.resume(runs / LAST)
    learned = [each for each in read_index(crops) if not each.held_out]
    shown = Shown(crops, learned)
    odds = torch.tensor(weights(learned), dtype=torch.float64)
    with Progress() as progress:
        for epoch in range(course.epoch, plan.epochs):
            torch.manual_seed(plan.seed * 1000 + epoch)
            sampler = torch.utils.data.WeightedRandomSampler(odds, plan.shown, replacement=True)
            loader = torch.utils.data.DataLoader(shown, plan.batch, sampler=sampler, num_workers=1, drop_last=True)
            began = time.monotonic()
            loss = course.epoch_over(progress.track(loader, description=f"epoch {epoch + 1} of {plan.epochs}"))
            course.save(runs / LAST)
            _log(runs / LOG, {"epoch": epoch + 1, "loss": round(loss, 4), "s": round(time.monotonic() - began)})
    return runs / LAST


class Shown(torch.utils.data.Dataset):  # type: ignore[misc,unused-ignore]
    """The crops, held in memory as they are encoded; each look at one is another variation of it."""

    def __init__(self, folder: Path, crops: Sequence[Crop]) -> None:
        self.crops = list(crops)
        self._files = [np.frombuffer((folder / each.file).read_bytes(), dtype=np.uint8) for each in crops]

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, index: int) -> Any:
        """(3, SIZE, SIZE) uint8 RGB, and the states (4,) int64."""
        random = np.random.default_rng(int(torch.randint(2**31, (1,)).item()))
        image = cv2.imdecode(self._files[index], cv2.IMREAD_COLOR)
        assert image is not None
        square = varied(np.asarray(image[:, :, ::-1], dtype=np.uint8), self.crops[index], random)
        plane = torch.from_numpy(np.ascontiguousarray(square.transpose(2, 0, 1)))
        return plane, torch.tensor(self.crops[index].states, dtype=torch.int64)


class _Course:
    """The network, its average, the optimiser and how far they are."""

    def __init__(self, start: Path, plan: Plan) -> None:
        self.plan, self.epoch, self.step = plan, 0, 0
        self.network = start_from(start).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).eval()
        self.optimizer = torch.optim.AdamW(_groups(self.network, plan), weight_decay=plan.decay)
        for group in self.optimizer.param_groups:
            group["initial"] = group["lr"]

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint, if there is one."""
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        self.epoch, self.step = state["epoch"], state["step"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])

    def save(self, path: Path) -> None:
        """Write a checkpoint in place of the one before, whole or not at all."""
        parts = {name: getattr(self, name).state_dict() for name in ("network", "average", "optimizer")}
        state = {**parts, "epoch": self.epoch, "step": self.step, "plan": asdict(self.plan)}
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def epoch_over(self, batches: Any) -> float:
        """Learn from one epoch's batches; returns the mean loss."""
        self.network.train()
        losses = [self._learn(images, states) for images, states in batches]
        self.epoch += 1
        return sum(losses) / max(1, len(losses))

    def _learn(self, images: Any, states: Any) -> float:
        self._set_rate()
        x = (images.float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            raw = self.network(x)
        loss = masked_loss(raw.float(), states, self.plan.smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        self._take_in()
        return float(loss.item())

    def _set_rate(self) -> None:
        whole = self.plan.epochs * (self.plan.shown // self.plan.batch)
        share = rate_share(self.step / whole, 0.01) * min(1.0, (self.step + 1) / self.plan.warm_up)
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial"] * share

    def _take_in(self) -> None:
        kept = min(self.plan.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            new = self.network.state_dict()
            for name, value in self.average.state_dict().items():
                if value.dtype.is_floating_point:
                    value.mul_(kept).add_(new[name], alpha=1 - kept)
                else:
                    value.copy_(new[name])


def _groups(network: TraitNet, plan: Plan) -> list[dict[str, Any]]:
    """The new layer at the full rate, the body at its share of it."""
    body = [p for name, p in network.named_parameters() if not name.startswith("answer")]
    return [
        {"params": list(network.answer.parameters()), "lr": plan.rate},
        {"params": body, "lr": plan.rate * plan.body_rate},
    ]


def masked_loss(raw: Any, states: Any, smoothing: float) -> Any:
    """Mean cross-entropy over all states that are known; raw: (n, outputs), states: (n, traits), UNKNOWN = no say."""
    total, first = raw.sum() * 0, 0
    for column, group in enumerate(GROUPS.values()):
        part = raw[:, first : first + len(group)]
        total = total + functional.cross_entropy(
            part, states[:, column], ignore_index=UNKNOWN, label_smoothing=smoothing, reduction="sum"
        )
        first += len(group)
    return total / (states != UNKNOWN).sum().clamp(min=1)


def _log(path: Path, entry: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
