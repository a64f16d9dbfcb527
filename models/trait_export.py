"""Export of the crop classifier: `traits.onnx`, in 8 bits where that costs next to nothing, and `traits.toml`."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference.trait_reader import TraitReader, planes
from inference.trait_weights import Square, TraitManifest
from inference.traits import Trait
from models.crop_index import GROUPS, SIZE, Crop, read_index, squares
from models.export import OPSET, ExportError
from models.trait_figures import DESCRIPTION, ask, choose_sureness, mean_accuracy

NETWORK = "traits.onnx"
NAME, VERSION = "mingchu-traits", "0.2.0"
LARGEST_FILE = 8 * 1000 * 1000
DEAREST = 0.01
"""Balanced accuracy that 8 bits may cost."""
CALIBRATION = 240
INPUT = "crops"


@dataclass(frozen=True)
class Exported:
    """What was written: the manifest, and the mean balanced accuracy of either precision on the held-out crops."""

    manifest: TraitManifest
    kept: str
    accuracy: dict[str, float] = field(default_factory=dict)


def export(checkpoint: Path, crops: Path, out: Path, version: str = VERSION) -> Exported:
    """Write the checkpoint's averaged network and its description into `out`; torch and onnx load here.

    The network in 8 bits is kept if it loses at most a point. Raises ExportError if the file grows too large.
    """
    out.mkdir(parents=True, exist_ok=True)
    index = read_index(crops)
    judged = [each for each in index if each.held_out]
    exact = write_exact(checkpoint, out / "traits.exact")
    small = write_small(exact, crops, [each for each in index if not each.held_out], out / "traits.small")
    files = {"float32": exact, "int8": small}
    answers = {kept: ask(_reader(file, version), crops, judged) for kept, file in files.items()}
    accuracy = {kept: mean_accuracy(judged, each) for kept, each in answers.items()}
    kept = "int8" if accuracy["int8"] >= accuracy["float32"] - DEAREST else "float32"
    files.pop(kept).replace(out / NETWORK)
    for file in files.values():
        file.unlink()
    if (out / NETWORK).stat().st_size > LARGEST_FILE:
        raise ExportError(f"{out / NETWORK} has {(out / NETWORK).stat().st_size} bytes: more than {LARGEST_FILE}")
    manifest = describe((out / NETWORK).read_bytes(), choose_sureness(judged, answers[kept]), version)
    write_description(manifest, out)
    return Exported(manifest, kept, {name: round(value, 4) for name, value in accuracy.items()})


def write_exact(checkpoint: Path, file: Path) -> Path:
    """The averaged network of a checkpoint as ONNX in 32 bits: any number of crops in, raw scores out."""
    import onnx
    import onnxslim  # type: ignore[import-not-found,unused-ignore]
    import torch

    from models.trait_net import TraitNet, fuse

    network = TraitNet()
    network.load_state_dict(torch.load(checkpoint, weights_only=True)["average"])
    names: dict[str, Any] = {"input_names": [INPUT], "output_names": ["scores"]}
    axes = {INPUT: {0: "batch"}, "scores": {0: "batch"}}
    blank = torch.zeros(2, 3, SIZE, SIZE)
    torch.onnx.export(
        fuse(network), (blank,), str(file), opset_version=OPSET, dynamic_axes=axes, dynamo=False, **names
    )  # fmt: skip
    onnx.save(onnxslim.slim(onnx.load(str(file))), str(file))
    return file


def write_small(exact: Path, folder: Path, learned: Sequence[Crop], file: Path) -> Path:
    """The same network in 8 bits, the ranges of its values taken from real crops."""
    from onnxruntime import quantization as q

    real = [each for each in learned if each.source != "renders"]
    chosen = sorted(real, key=lambda each: hashlib.sha256(each.file.encode()).digest())[:CALIBRATION]
    q.quantize_static(
        str(exact),
        str(file),
        _Feed(folder, chosen),
        quant_format=q.QuantFormat.QDQ,
        per_channel=True,
        activation_type=q.QuantType.QUInt8,
        weight_type=q.QuantType.QInt8,
    )
    return file


class _Feed:
    """The crops that ONNX Runtime's calibration looks at, some at a time."""

    def __init__(self, folder: Path, crops: Sequence[Crop], batch: int = 16) -> None:
        self._parts = iter([crops[n : n + batch] for n in range(0, len(crops), batch)])
        self._folder = folder

    def get_next(self) -> dict[str, Any] | None:
        """The next crops by the input's name, None after the last."""
        part = next(self._parts, None)
        return None if part is None else {INPUT: planes(squares(self._folder, part))}


def describe(body: bytes, sureness: dict[Trait, float], version: str) -> TraitManifest:
    """The manifest of a network file."""
    groups = {trait.name.lower(): tuple(state.name.lower() for state in states) for trait, states in GROUPS.items()}
    least = {trait.name.lower(): round(value, 2) for trait, value in sureness.items()}
    return TraitManifest(NAME, version, NETWORK, hashlib.sha256(body).hexdigest(), Square(SIZE), groups, least)


def write_description(manifest: TraitManifest, folder: Path) -> None:
    """Write traits.toml into a folder."""
    groups = "".join(f"{name} = {json.dumps(states)}\n" for name, states in manifest.groups.items())
    sureness = "".join(f"{name} = {value:.2f}\n" for name, value in manifest.sureness.items())
    text = (
        f'name = "{manifest.name}"\nversion = "{manifest.version}"\nfile = "{manifest.file}"\n'
        f'sha256 = "{manifest.sha256}"\nlicence = "AGPL-3.0-or-later"\n\n'
        f"# Crops in the middle of grey (114, 114, 114) squares, RGB, divided by 255, planar; any number of them.\n"
        f'[input]\nname = "{INPUT}"\nsize = {manifest.input.size}\n\n'
        f"# The outputs in their order: a raw score for each state; a softmax over each trait's states.\n"
        f"# worn of clothes: a kitchen's uniform; missing: other clothes. worn of cigarette: one at this head.\n"
        f"[groups]\n{groups}\n"
        f"# An answer that is less sure counts as not visible; chosen on the held-out crops: see MODEL_CARD.md.\n"
        f"[sureness]\n{sureness}"
    )
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")


def _reader(file: Path, version: str) -> TraitReader:
    body = file.read_bytes()
    return TraitReader.of(describe(body, dict.fromkeys(Trait, 0.0), version), body, threads=2)
