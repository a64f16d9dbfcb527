"""Labels: sheets whose QR codes can be read again."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from domain import claim_code
from mingchu import label
from mingchu.label import Label, LabelError

SVG = "{http://www.w3.org/2000/svg}"


def labels(count: int) -> list[Label]:
    return [Label(claim_code.generate(), "acme", "scale-jjg1204", f"S{n}") for n in range(count)]


@pytest.mark.parametrize("console", ["", "https://console.example"])
def test_the_codes_of_a_sheet_can_be_scanned(console: str) -> None:
    one = replace(labels(1)[0], console=console)
    page = np.array(label._picture([one]).convert("L"))
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(page[:500, :900])
    assert text == (f"{console}/claim?code={one.code}" if console else f"MINGCHU:{one.code}")
    assert claim_code.read(text) == one.code


def test_a_page_of_svg_holds_every_label() -> None:
    made = labels(24)
    root = ElementTree.fromstring(label.svg(made))
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert [one.code for one in made] == [word for word in words if word and word.count("-") == 3]
    assert len(root.findall(f"{SVG}svg")) == 24


def test_sheets_are_written_as_their_name_says(tmp_path: Path) -> None:
    label.write(labels(30), tmp_path / "sheet.pdf")
    written = (tmp_path / "sheet.pdf").read_bytes()
    assert written.startswith(b"%PDF")
    assert written.count(b"/Type /Page\n") + written.count(b"/Type /Page ") >= 1
    with pytest.raises(LabelError, match="one page of 24 labels"):
        label.write(labels(25), tmp_path / "sheet.svg")
    with pytest.raises(LabelError, match=r"is an \.svg or a \.pdf file"):
        label.write(labels(1), tmp_path / "sheet.png")
