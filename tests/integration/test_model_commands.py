"""`mingchu model evaluate` as a person calls it: a report over folders in the sources' layouts, and clear refusals."""

import json
from pathlib import Path

import cv2
import numpy as np
from typer.testing import CliRunner

from mingchu.model_commands import model


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    cv2.imwrite(str(path), cv2.resize(noise, (160, 120)))


def folders(root: Path) -> Path:
    """Three pictures of a YOLO source, two cats, two crops and one head, all of them colours without meaning."""
    for n in range(3):
        picture(root / "rodent" / "images" / f"{n}.jpg", n)
        (root / "rodent" / "labels").mkdir(exist_ok=True)
        (root / "rodent" / "labels" / f"{n}.txt").write_text("0 0.5 0.5 0.4 0.4\n", encoding="ascii")
    (root / "rodent" / "classes.txt").write_text("rat\n", encoding="utf-8")
    for n in range(2):
        picture(root / "pets" / "cats" / f"{n}.jpg", n)
        picture(root / "mask_crops" / "with_mask" / f"{n}.jpg", n)
    picture(root / "professions" / "chef" / "a.jpg", 9)
    heads = "image,label,head_x0,head_y0,head_x1,head_y1\nchef/a.jpg,hat,0.2,0.1,0.6,0.7\n"
    (root / "professions" / "hat_labels.csv").write_text(heads, encoding="utf-8")
    return root


def test_the_report_has_every_part_that_the_folder_can_answer(tmp_path: Path) -> None:
    data, out = folders(tmp_path / "data"), tmp_path / "figures.json"
    done = CliRunner().invoke(model, ["evaluate", "--data", str(data), "--json", str(out), "--every"])
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text(encoding="utf-8"))
    rat = report["classes"]["rat"]
    assert (rat["judged"], rat["pictures"], rat["boxes"]) == (5, 3, 3)
    assert 0 <= rat["ap50"] <= 1
    assert report["hat"]["heads"] == 1
    assert report["mask_crops"]["pictures"] == 2
    assert report["clothes"]["persons"] == 0
    assert report["clothes"]["balanced_accuracy"] is None
    assert "PEST" in report["false_positives_per_1000"]
    assert len(report["model"]["sha256"]) == 64
    assert "rat" in done.output


def test_a_folder_without_pictures_is_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(model, ["evaluate", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert "no source of pictures below" in " ".join(done.output.replace("│", " ").split())
    done = CliRunner().invoke(model, ["evaluate", "--data", str(tmp_path / "nowhere")])
    assert done.exit_code == 2
    assert "not a directory" in " ".join(done.output.replace("│", " ").split())


def test_training_without_its_extra_says_how_to_get_it(tmp_path: Path) -> None:
    arguments = ["train", str(tmp_path), "--body", str(tmp_path), "--runs", str(tmp_path)]
    done = CliRunner().invoke(model, arguments)
    assert done.exit_code == 2
    assert "mingchu[train]" in done.output
