"""Labels: claim codes that survive typing, sheets whose QR codes can be read again."""

from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingchu import label
from mingchu.label import Label, LabelError, new_code, read_code

SVG = "{http://www.w3.org/2000/svg}"


def labels(count: int) -> list[Label]:
    return [Label(new_code(), "acme", "scale-jjg1204", f"S{n}") for n in range(count)]


@given(st.sampled_from(["", "MINGCHU:"]), st.booleans(), st.sampled_from(["-", " ", ""]))
def test_a_code_is_read_however_it_was_typed(scheme: str, lower: bool, between: str) -> None:
    code = new_code()
    typed = scheme + code.replace("-", between).replace("1", "l").replace("0", "O")
    assert read_code(typed.lower() if lower else typed) == code


@pytest.mark.parametrize("text", ["", "1234", "U234-5678-9ABC-DEFG", "1234-5678-9ABC-DEFG-H"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(LabelError, match="is no claim code"):
        read_code(text)


def test_the_codes_of_a_sheet_can_be_scanned() -> None:
    (one,) = labels(1)
    page = np.array(label._picture([one]).convert("L"))
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(page[:500, :900])
    assert text == f"MINGCHU:{one.code}"


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
