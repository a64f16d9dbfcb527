"""Training: a YOLOv8n on a borrowed body, in resumable stages; ultralytics and torch (extra `train`) load lazily."""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ARCHITECTURE = "yolov8n.yaml"
AVERAGE = 0.998
"""Weight that the averaged network keeps per batch: it looks back over about 500 batches."""


@dataclass(frozen=True)
class Stage:
    """One stage of training; `body` is what the first stage starts from, later ones start from the stage before.

    `frozen` layers (counted from the input) keep their weights. `rate` is the initial learning rate.
    """

    name: str
    epochs: int
    size: int
    batch: int = 16
    rate: float = 0.002
    final_rate: float = 0.05
    warmup: float = 0.5
    plain_epochs: int = 1
    frozen: int = 0
    mosaic: float = 1.0
    scale: float = 0.6
    seed: int = 7


@dataclass(frozen=True)
class Settings:
    """Where and how to train: the machine's side of it."""

    runs: Path
    threads: int = 2
    workers: int = 1
    brain_floats: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


def graft(body: Path, classes: Sequence[str], known: Sequence[str] = ()) -> Any:
    """A fresh YOLOv8n whose convolutions are those of a fused YOLOv8n ONNX file; returns ultralytics' YOLO.

    A fused convolution carries its batch normalisation in its bias, so the new normalisation is made neutral:
    weight 1, bias = the fused bias, mean 0, variance 1 - eps. Of what depends on the number of classes, the rows of
    `known` (the body's own classes) are carried by name; the rest stays fresh.
    """
    import onnx
    import torch
    from onnx import numpy_helper
    from ultralytics import YOLO
    from ultralytics.nn.tasks import DetectionModel

    tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(body)).graph.initializer}
    model = DetectionModel(ARCHITECTURE, nc=len(classes), verbose=False)
    state = model.state_dict()
    carried = 0
    rows = [(known.index(kind), row) for row, kind in enumerate(classes) if kind in known]
    for name, value in tensors.items():
        if name in state and tuple(state[name].shape) == value.shape and name.endswith((".weight", ".bias")):
            state[name] = torch.from_numpy(value.copy())
            carried += 1
        elif name in state and known and value.shape[0] == len(known) and state[name].shape[0] == len(classes):
            for source, target in rows:
                state[name][target] = torch.tensor(value[source])
        elif name.endswith(".conv.bias") and name.replace(".conv.bias", ".bn.bias") in state:
            norm = name.removesuffix(".conv.bias") + ".bn"
            if tuple(state[f"{norm}.bias"].shape) != value.shape:
                continue
            eps = _eps(model, norm)
            state[f"{norm}.bias"] = torch.from_numpy(value.copy())
            state[f"{norm}.weight"] = torch.ones(value.shape)
            state[f"{norm}.running_mean"] = torch.zeros(value.shape)
            state[f"{norm}.running_var"] = torch.full(value.shape, 1.0 - eps)
    model.load_state_dict(state)
    if not carried:
        raise ValueError(f"{body} holds no convolution of a YOLOv8n")
    model.names = dict(enumerate(classes))
    yolo = YOLO(ARCHITECTURE, task="detect", verbose=False)
    yolo.model = model
    return yolo


def _eps(model: Any, norm: str) -> float:
    return float(model.get_submodule(norm).eps)


def save_start(body: Path, classes: Sequence[str], out: Path, known: Sequence[str] = ()) -> Path:
    """Write the grafted network as an ultralytics checkpoint that a first stage starts from."""
    import torch

    yolo = graft(body, classes, known)
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": yolo.model, "epoch": -1, "train_args": {}, "date": "", "version": "graft"}, out)
    return out


def train(data_file: Path, start: Path, stages: Sequence[Stage], settings: Settings) -> Path:
    """Run the stages one after the other; returns the last stage's weights (averaged ones).

    A finished stage is skipped and an interrupted one resumed from its last epoch, so the same call goes on where a
    killed one stopped. Checkpoints and logs lie below `settings.runs`.
    """
    weights = start
    for stage in stages:
        weights = _run_stage(data_file, weights, stage, settings)
    return weights


def average(checkpoints: Sequence[Path], out: Path) -> Path:
    """Write the mean of several checkpoints of one course of training; it is steadier than each of them."""
    import torch

    loaded = [torch.load(path, weights_only=False) for path in checkpoints]
    networks = [(entry.get("ema") or entry["model"]).float() for entry in loaded]
    states = [network.state_dict() for network in networks]
    mean = {
        name: sum(state[name] for state in states) / len(states) if value.dtype.is_floating_point else value
        for name, value in states[0].items()
    }
    networks[0].load_state_dict(mean)
    torch.save({**loaded[0], "ema": None, "model": networks[0]}, out)
    return out


def _run_stage(data_file: Path, start: Path, stage: Stage, settings: Settings) -> Path:
    folder = settings.runs / stage.name
    done, last = folder / "stage.json", folder / "weights" / "last.pt"
    if done.exists():
        return last
    from ultralytics import YOLO

    began = time.monotonic()
    resumed = last.exists()
    yolo = YOLO(str(last if resumed else start))
    _use_cores(yolo, settings)
    _smooth(yolo, stage)
    if settings.brain_floats:
        yolo.add_callback("on_train_start", _use_brain_floats)
    from models.trainer import Trainer

    yolo.train(trainer=Trainer, **({"resume": True} if resumed else _arguments(data_file, stage, settings)))
    done.write_text(json.dumps({**asdict(stage), "wall_s": round(time.monotonic() - began)}), encoding="utf-8")
    return last


def _use_cores(yolo: Any, settings: Settings) -> None:
    """Undo what ultralytics sets on a CPU: one thread fewer than there are cores, and no loader beside it.

    Its own validation is left out as well: `models.evaluate` judges by other rules, and minutes are dear.
    """
    import torch

    def start(trainer: Any) -> None:
        trainer.args.workers = settings.workers
        trainer.validate = lambda: (trainer.metrics, 0.0)
        trainer.final_eval = lambda: None

    yolo.add_callback("on_pretrain_routine_start", start)
    yolo.add_callback("on_train_start", lambda trainer: torch.set_num_threads(settings.threads))


def _smooth(yolo: Any, stage: Stage) -> None:
    """Lower the rate with every batch and average over some hundred of them: a stage of two epochs needs both.

    ultralytics lowers it once an epoch and averages over thousands of batches, which suits hundreds of epochs.
    """
    done = {"batches": 0}

    def average(trainer: Any) -> None:
        trainer.ema.decay = lambda updates: min(AVERAGE, (1 + updates) / (10 + updates))

    def lower(trainer: Any) -> None:
        passed = (trainer.epoch + done["batches"] / len(trainer.train_loader)) / stage.epochs
        done["batches"] += 1
        share = rate_share(passed, stage.final_rate)
        for group in trainer.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * share

    yolo.add_callback("on_train_start", average)
    yolo.add_callback("on_train_epoch_start", lambda trainer: done.update(batches=0))
    yolo.add_callback("on_train_batch_start", lower)


def rate_share(passed: float, final: float) -> float:
    """Share of the initial rate after a share of the stage has passed: half a cosine from 1 down to `final`."""
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * min(1.0, passed)))


def _use_brain_floats(trainer: Any) -> None:
    """Run the network's convolutions in bfloat16 (half the time where the CPU has them), but not the loss.

    ultralytics refuses this on a CPU. The loss stays in 32 bits, since eight bits of mantissa would move boxes. Only
    the trained copy is wrapped, not the averaged one that is saved.
    """
    import torch

    model = trainer.model.to(memory_format=torch.channels_last)
    plain = model.predict

    def predict(x: Any, *args: Any, **kwargs: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            raw = plain(x.contiguous(memory_format=torch.channels_last), *args, **kwargs)
        return {k: [f.float() for f in v] if isinstance(v, list) else v.float() for k, v in raw.items()}

    model.predict = predict


def _arguments(data_file: Path, stage: Stage, settings: Settings) -> dict[str, Any]:
    return {
        "data": str(data_file),
        "project": str(settings.runs),
        "name": stage.name,
        "exist_ok": True,
        "epochs": stage.epochs,
        "imgsz": stage.size,
        "batch": stage.batch,
        "nbs": stage.batch,
        "optimizer": "AdamW",
        "lr0": stage.rate,
        "lrf": stage.final_rate,
        "warmup_epochs": stage.warmup,
        "warmup_bias_lr": stage.rate,
        "freeze": stage.frozen or None,
        "mosaic": stage.mosaic,
        "close_mosaic": stage.plain_epochs,
        "scale": stage.scale,
        "degrees": 3.0,
        "hsv_s": 0.6,
        "hsv_v": 0.5,
        "device": "cpu",
        "workers": settings.workers,
        "amp": False,
        "seed": stage.seed,
        "val": False,
        "plots": False,
        "cache": False,
        **settings.extra,
    }
