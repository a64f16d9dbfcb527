"""`mingchu model`: the models' data set, training, release and figures; training needs the extra `train`."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mingchu.model_release import publish, versions

model = typer.Typer(help="The models: prepare, train, export, evaluate, card, publish.", no_args_is_help=True)
model.command()(publish)
model.command()(versions)

Data = Annotated[Path, typer.Option(help="The folder of the sources that models/manifest.toml names.")]
Teacher = Annotated[Path, typer.Option(help="The teacher network of persons and phones, an ONNX file.")]
Runs = Annotated[Path, typer.Option(help="Where checkpoints and logs lie; the same place resumes.")]


def _need_training() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("torch", "ultralytics", "onnx")):
        raise typer.BadParameter("training needs the optional extra: pip install 'mingchu[train]'")


def _need_folder(path: Path) -> None:
    if not path.is_dir():
        raise typer.BadParameter(f"{path} is not a directory")


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar per kind of work; call it with what, done and of how many."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=of)
            progress.update(tasks[what], completed=done, total=of)

        yield show


@model.command()
def prepare(
    data: Annotated[Path, typer.Argument(help="The folder of the sources that models/manifest.toml names.")],
    out: Annotated[Path, typer.Argument(help="Where to write the data set; an interrupted call goes on there.")],
    teacher: Teacher,
    faces: Annotated[Path, typer.Option(help="The face teacher, a .caffemodel with its .prototxt beside it.")],
    renders: Annotated[Path | None, typer.Option(help="Rendered pictures, a plain YOLO folder.")] = None,
) -> None:
    """Write the data set: labels completed by the teachers, pictures that look alike on one side of the split."""
    _need_folder(data)
    from models.face_teacher import TeacherError
    from models.manifest import load_manifest
    from models.prepare import add_extra, open_teachers
    from models.prepare import prepare as write

    manifest = load_manifest()
    try:
        teachers = open_teachers(teacher, faces, manifest)
    except TeacherError as error:
        raise typer.BadParameter(str(error)) from error
    with _bars() as progress:
        written = write(data, out, teachers, manifest, progress)
    if renders is not None:
        written = add_extra(out, renders, manifest.classes)
    for part, count in written.pictures.items():
        print(f"{part}: {count} pictures, {sum(written.boxes[part].values())} rows")
    print(written.data_file)


@model.command()
def train(
    data_file: Annotated[Path, typer.Argument(help="The data file that `model prepare` printed.")],
    body: Annotated[Path, typer.Option(help="A fused YOLOv8n ONNX file whose body is borrowed.")],
    runs: Runs,
    *,
    epochs: Annotated[int, typer.Option(min=1)] = 6,
    size: Annotated[int, typer.Option(min=64, help="Longer side of the input in pixels.")] = 512,
    rate: Annotated[float, typer.Option(help="The rate that the stage begins with.")] = 0.0012,
) -> None:
    """Train one stage of the detector; a killed run goes on where it stopped when it is called again."""
    _need_training()
    from models.manifest import load_manifest
    from models.train import Settings, Stage, save_start
    from models.train import train as run

    start = runs / "start.pt"
    if not start.exists():
        save_start(body, load_manifest().classes, start)
    stage = Stage(f"{size}-{epochs}", epochs, size, rate=rate, final_rate=0.02)
    print(run(data_file, start, [stage], Settings(runs)))


@model.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of `model train`.")],
    data: Data,
    teacher: Teacher,
    *,
    renders: Annotated[Path | None, typer.Option(help="Held-out renders, a plain YOLO folder.")] = None,
    out: Annotated[Path | None, typer.Option(help="Otherwise models/weights.")] = None,
) -> None:
    """Release a checkpoint: network (in eight bits where that costs at most a point), thresholds and figures.

    Name, version and story come from models/weights/origins.toml.
    """
    _need_training()
    _need_folder(data)
    from models.release import release
    from models.weights_file import WEIGHTS, origins

    origin, _ = origins()
    done = release(checkpoint, data, origin, persons=_persons(teacher), rendered=renders, out=out or WEIGHTS, say=print)
    kept = "8 bits" if done.eight_bits else "32 bits"
    print(f"{kept}; mean AP50 {done.ap50_fp32:.3f} in 32 bits, {done.ap50_int8:.3f} in 8; {done.manifest.sha256}")


@model.command("prepare-crops")
def prepare_crops(
    data: Annotated[Path, typer.Argument(help="The folder of the sources that models/manifest.toml names.")],
    out: Annotated[Path, typer.Argument(help="Where to write the crops and their index.")],
    teacher: Teacher,
    faces: Annotated[Path, typer.Option(help="The face teacher, a .caffemodel with its .prototxt beside it.")],
    *,
    dataset: Annotated[Path | None, typer.Option(help="What `model prepare` wrote: pictures keep their side.")] = None,
    renders: Annotated[Path | None, typer.Option(help="Rendered pictures with their traits.")] = None,
) -> None:
    """Cut the heads and persons that the crop classifier learns from."""
    _need_folder(data)
    from models.crops import gather
    from models.face_teacher import TeacherError

    def show(source: str, count: int) -> None:
        print(f"{source}: {count} crops")

    try:
        crops = gather(data, out, teacher, faces, renders, dataset=dataset, progress=show)
    except TeacherError as error:
        raise typer.BadParameter(str(error)) from error
    print(f"{len(crops)} crops, {sum(crop.held_out for crop in crops)} of them held out")


@model.command("train-crops")
def train_crops(
    crops: Annotated[Path, typer.Argument(help="The folder that `model prepare-crops` wrote.")],
    start: Annotated[Path, typer.Option(help="A checkpoint of the detector, or an ONNX file, to borrow the body of.")],
    runs: Runs,
    *,
    epochs: Annotated[int, typer.Option(min=1)] = 12,
) -> None:
    """Train the crop classifier; a killed run goes on where it stopped when it is called again."""
    _need_training()
    from models.train_traits import train as run

    print(run(crops, start, runs, epochs))


@model.command("export-crops")
def export_crops(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of `model train-crops`.")],
    crops: Annotated[Path, typer.Argument(help="The folder that `model prepare-crops` wrote.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Otherwise models/weights.")] = None,
) -> None:
    """Release the crop classifier: network, in eight bits where that costs at most a point, and its sureness."""
    _need_training()
    from models.trait_export import export as write
    from models.weights_file import WEIGHTS, origins

    _, origin = origins()
    done = write(checkpoint, crops, out or WEIGHTS, origin.version)
    print(f"{done.kept}: {done.accuracy}; {done.manifest.sha256}")


def _persons(teacher: Path | None) -> Any:
    from models.evaluate import PersonTruth
    from models.manifest import load_manifest
    from models.teacher import Teacher as Network

    return None if teacher is None else PersonTruth(Network(teacher), *load_manifest().surety["person"])


@model.command()
def evaluate(
    data: Data,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")] = None,
    teacher: Annotated[Path | None, typer.Option(help="Judge persons against this teacher, an ONNX file.")] = None,
    *,
    every: Annotated[bool, typer.Option("--every", help="Also pictures that the models have learned from.")] = False,
    held: Annotated[int, typer.Option(min=0, help="Also hold so many sceneless pictures for a minute each.")] = 0,
    threads: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """Measure the shipped models on labelled pictures: AP50, precision and recall, crops, false positives.

    Example: mingchu model evaluate --data ../shared/data --json figures.json
    """
    _need_folder(data)
    from models.manifest import load_manifest
    from models.report import Models, false_alarm_report, report, sceneless
    from models.truth import DataError

    models = Models.open(threads=threads)
    try:
        with _bars() as progress:
            persons = _persons(teacher)
            found = report(models, data, every=every, persons=persons, progress=progress)
            if held:
                pictures = sceneless(data, load_manifest(), held)
                found["sceneless"] = false_alarm_report(models, pictures, persons, progress)
    except DataError as error:
        raise typer.BadParameter(str(error)) from error
    if json_file is not None:
        json_file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _show(found)


def _show(found: dict[str, Any]) -> None:
    table = Table("class", "pictures", "boxes", "AP50", "at", "precision", "recall")
    for name, row in found["classes"].items():
        numbers = (_number(row[key]) for key in ("ap50", "threshold", "precision", "recall"))
        table.add_row(name, str(row["pictures"]), str(row["boxes"]), *numbers)
    console = Console()
    console.print(table)
    for what in ("hat", "mask_crops", "clothes"):
        accuracy, balanced = found[what]["accuracy"], found[what]["balanced_accuracy"]
        forced = found[what]["when_forced"]["balanced_accuracy"]
        console.print(
            f"{what}: accuracy {_number(accuracy)}, balanced {_number(balanced)}, when forced {_number(forced)}"
        )
    console.print(f"false positives per 1,000 pictures: {found['false_positives_per_1000']}")
    if "sceneless" in found:
        told = found["sceneless"]
        one, long = len(told["raise_in_one_look"]), len(told["raise_when_held"])
        console.print(f"of {told['pictures']} pictures without a scene {one} raise one in a look, {long} when held")
    if not found["classes"]:
        console.print("every picture there was learned from: --every judges them all the same")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


@model.command()
def card(
    report: Annotated[Path | None, typer.Option(help="Write the card anew from a report of `model evaluate`.")] = None,
    cost: Annotated[str, typer.Option(help="With --report: what a frame costs, in a sentence.")] = "",
) -> None:
    """Print the model card: what the shipped models are, learned from, reach and miss."""
    from models.card import CARD, write_card
    from models.evaluate import read_figures
    from models.manifest import load_manifest
    from models.release import RENDERED_FIGURES
    from models.weights_file import WEIGHTS, origins

    if report is not None:
        detector, crops = origins()
        found = json.loads(report.read_text(encoding="utf-8"))
        rendered = WEIGHTS / RENDERED_FIGURES
        drawn = read_figures(rendered) if rendered.exists() else {}
        write_card(detector, crops, load_manifest(), found, drawn, cost=cost)
    if not CARD.exists():
        raise typer.BadParameter("this checkout ships no model card")
    print(CARD.read_text(encoding="utf-8"))
