"""What a folder of labelled pictures says, in the layouts of the sources."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models import truth
from models.manifest import load_manifest

MANIFEST = load_manifest()


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((40, 60, 3), 90, np.uint8))
    return path


def yolo(root: Path, names: str, rows: str, stem: str = "a") -> None:
    picture(root / "images" / f"{stem}.jpg")
    (root / "labels").mkdir(exist_ok=True)
    (root / "labels" / f"{stem}.txt").write_text(rows, encoding="ascii")
    (root / "classes.txt").write_text(names, encoding="utf-8")


def test_a_sources_own_names_are_mapped_and_what_it_lacks_is_not_known(tmp_path: Path) -> None:
    yolo(tmp_path / "mask", "without_mask\nwith_mask\nmask_worn_wrong\n", "2 0.5 0.5 0.2 0.2\n1 0.2 0.2 0.1 0.1\n")
    (found,) = truth.pictures(tmp_path, MANIFEST)
    assert [box.label for box in found.boxes] == ["without_mask", "with_mask"]
    assert found.known == {"without_mask", "with_mask"}


def test_a_source_that_the_manifest_does_not_name_counts_by_our_names(tmp_path: Path) -> None:
    yolo(tmp_path / "own-kitchen", "rat\ncup\n", "0 0.5 0.5 0.2 0.2\n1 0.2 0.2 0.1 0.1\n")
    (found,) = truth.pictures(tmp_path, MANIFEST)
    assert [box.label for box in found.boxes] == ["rat"]
    assert found.known == {"rat"}


def test_a_bin_that_nobody_judged_is_veiled_for_the_open_lid(tmp_path: Path) -> None:
    yolo(tmp_path / "trash", "garbage\nbin\nbin_overflow\n", "1 0.5 0.5 0.2 0.2\n0 0.2 0.2 0.1 0.1\n")
    (found,) = truth.pictures(tmp_path, MANIFEST)
    assert [box.label for box in found.boxes] == ["bin", "~bin_open"]
    assert found.known == {"bin", "bin_open", "bin_overflow"}


def test_pictures_that_were_learned_from_are_left_out(tmp_path: Path) -> None:
    yolo(tmp_path / "rodent", "rat\n", "0 0.5 0.5 0.2 0.2\n", "old")
    yolo(tmp_path / "rodent", "rat\n", "0 0.5 0.5 0.2 0.2\n", "new")
    seen = frozenset({truth.fingerprint("rodent", "old.jpg")})
    assert [p.path.name for p in truth.pictures(tmp_path, MANIFEST, seen)] == ["new.jpg"]


def test_cats_are_known_to_be_no_rats_and_pictures_of_nothing_known_are_passed_over(tmp_path: Path) -> None:
    picture(tmp_path / "pets" / "cats" / "a.jpg")
    picture(tmp_path / "mask_crops" / "with_mask" / "a.jpg")
    (found,) = truth.pictures(tmp_path, MANIFEST)
    assert (found.source, found.boxes) == ("pets", ())
    assert "rat" in found.known


def test_a_folder_without_pictures_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(truth.DataError, match="no source of pictures below"):
        list(truth.pictures(tmp_path, MANIFEST))
    with pytest.raises(truth.DataError, match="no source of pictures below"):
        list(truth.pictures(tmp_path / "nowhere", MANIFEST))


def test_fingerprints_survive_writing_and_reading(tmp_path: Path) -> None:
    marks = [truth.fingerprint("rodent", f"{n}.jpg") for n in range(20)]
    truth.write_trained([*marks, marks[0]], tmp_path / "trained.txt")
    assert truth.trained(tmp_path / "trained.txt") == frozenset(marks)
    assert truth.trained(tmp_path / "none.txt") == frozenset()


def test_heads_by_their_csv_and_crops_by_their_folders(tmp_path: Path) -> None:
    (tmp_path / "professions").mkdir()
    rows = "image,label,head_x0,head_y0,head_x1,head_y1\nchef/a.jpg,hat,0.1,0.2,0.3,0.4\n"
    (tmp_path / "professions" / "hat_labels.csv").write_text(rows, encoding="utf-8")
    (head,) = truth.hat_crops(tmp_path)
    assert (head.path, head.label, head.corners) == (
        tmp_path / "professions" / "chef" / "a.jpg",
        "hat",
        (0.1, 0.2, 0.3, 0.4),
    )
    assert truth.hat_crops(tmp_path / "professions") == []
    picture(tmp_path / "mask_crops" / "with_mask" / "a.jpg")
    assert [(c.label, c.corners) for c in truth.class_crops(tmp_path / "mask_crops")] == [("with_mask", None)]
