"""Lists of devices: what spreadsheets write is read, what they would run is not."""

import csv
from pathlib import Path

import pytest

from mingchu import intake
from mingchu.intake import IntakeError, Outcome
from store.provisioning import ListedDevice


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "site,code, profile,zh,behind\r\nmarket-1, scale-9 ,scale-jjg1204,九号秤,\r\nm,r,p,,是\r\n", encoding
    )
    one, other = intake.read(file)
    assert one.device == ListedDevice("market-1", "scale-9", "scale-jjg1204", "九号秤", "scale-9")
    assert (one.number, one.behind, other.behind) == (2, False, True)


@pytest.mark.parametrize(
    "head, words", [("site,code", "lacks the column profile"), ("site,code,profile,colour", "unknown column 'colour'")]
)
def test_a_list_with_other_columns_is_refused(tmp_path: Path, head: str, words: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"{head}\n")
    with pytest.raises(IntakeError, match=words):
        intake.read(file)


def test_a_report_holds_no_formula_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    intake.write([Outcome(2, '=HYPERLINK("x")', "@c", "refused", reason="+1")], file)
    (row,) = csv.DictReader(file.open(encoding="utf-8"))
    assert (row["site"], row["code"], row["reason"]) == ('\'=HYPERLINK("x")', "'@c", "'+1")
    assert file.stat().st_mode & 0o077 == 0
