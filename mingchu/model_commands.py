"""`mingchu model`: the detector's data set, training, release and figures; training needs the extra `train`."""

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

model = typer.Typer(help="The detector: prepare, train, export, evaluate, card.", no_args_is_help=True)

Dataset = Annotated[Path, typer.Argument(help="The data set that `model prepare` wrote.")]


def _need_training() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("torch", "ultralytics", "onnx")):
        raise typer.BadParameter("training needs the optional extra: pip install 'mingchu[train]'")


def _need_folder(path: Path) -> None:
    if not path.is_dir():
        raise typer.BadParameter(f"{path} is not a directory")


@model.command()
def prepare(
    data: Annotated[Path, typer.Argument(help="The folder of the sources that models/manifest.toml names.")],
    out: Annotated[Path, typer.Argument(help="Where to write the data set; emptied first.")],
    teacher: Annotated[Path, typer.Option(help="The teacher network, an ONNX file.")],
    extra: Annotated[Path | None, typer.Option(help="Rendered pictures, a plain YOLO folder.")] = None,
) -> None:
    """Write the data set: labels completed by the teacher, pictures that look alike on one side of the split."""
    _need_folder(data)
    from models.prepare import prepare as write

    written = write(data, out, teacher, extra)
    for part, count in written.pictures.items():
        print(f"{part}: {count} pictures, {sum(written.boxes[part].values())} boxes")
    print(written.data_file)


@model.command()
def train(
    data_file: Annotated[Path, typer.Argument(help="The data file that `model prepare` printed.")],
    body: Annotated[Path, typer.Option(help="A fused YOLOv8n ONNX file whose body is borrowed.")],
    runs: Annotated[Path, typer.Option(help="Where checkpoints and logs lie; the same place resumes.")],
    epochs: Annotated[int, typer.Option(min=1)] = 8,
    size: Annotated[int, typer.Option(min=64, help="Longer side of the input in pixels.")] = 576,
) -> None:
    """Train one stage; a killed run goes on where it stopped when it is called again."""
    _need_training()
    from models.manifest import load_manifest
    from models.train import Settings, Stage, save_start
    from models.train import train as run

    start = runs / "start.pt"
    if not start.exists():
        save_start(body, load_manifest().classes, start)
    print(run(data_file, start, [Stage("one", epochs, size)], Settings(runs)))


@model.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of `model train`.")],
    dataset: Dataset,
    version: Annotated[str, typer.Option(help="The release's version.")],
    started_from: Annotated[str, typer.Option(help="For the card: what the training started from.")],
    training: Annotated[str, typer.Option(help="For the card: stages and time, in sentences.")],
    *,
    height: Annotated[int, typer.Option(min=32)] = 320,
    width: Annotated[int, typer.Option(min=32)] = 576,
    out: Annotated[Path | None, typer.Option(help="Otherwise models/weights.")] = None,
) -> None:
    """Release a checkpoint: network, thresholds, figures and card."""
    _need_training()
    _need_folder(dataset)
    from models.release import Release, release
    from models.weights_file import WEIGHTS

    plan = Release(version, (height, width), started_from, training)
    print(release(checkpoint, dataset, plan, out=out or WEIGHTS).sha256)


@model.command()
def evaluate(
    dataset: Dataset,
    plain: Annotated[bool, typer.Option("--plain", help="A plain YOLO folder: images, labels, classes.txt.")] = False,
) -> None:
    """Measure the shipped detector: AP50, precision and recall per class at its thresholds."""
    _need_folder(dataset)
    from models import evaluate as measure
    from models.weights_file import WEIGHTS, read_description

    detector = read_description()
    pictures = measure.plain_pictures(dataset, detector.classes) if plain else measure.validation_pictures(dataset)
    print(f"{'class':<14} {'pictures':>8} {'boxes':>6} {'AP50':>6} {'at':>5} {'precision':>9} {'recall':>6}")
    for name, row in measure.evaluate(WEIGHTS, detector, pictures).items():
        numbers = (_number(value) for value in (row.ap50, row.threshold, row.precision, row.recall))
        ap50, threshold, precision, recall = numbers
        print(f"{name:<14} {row.pictures:>8} {row.boxes:>6} {ap50:>6} {threshold:>5} {precision:>9} {recall:>6}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


@model.command()
def card() -> None:
    """Print the model card: what the shipped detector is, learned from, reaches and misses."""
    from models.card import CARD

    if not CARD.exists():
        raise typer.BadParameter("this checkout ships no model card")
    print(CARD.read_text(encoding="utf-8"))
