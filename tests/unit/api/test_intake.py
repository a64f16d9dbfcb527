"""Lists of devices: what spreadsheets write is read, what they would run is not."""

import csv
import io

import pytest

from api import intake
from api.intake import IntakeError, Outcome
from store.provisioning import ListedDevice


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_as_spreadsheets_write_it(encoding: str) -> None:
    text = "site,code, profile,zh,behind\r\nmarket-1, scale-9 ,scale-jjg1204,九号秤,\r\nm,r,p,,是\r\n"
    one, other = intake.read("list.csv", text.encode(encoding))
    assert one.device == ListedDevice("market-1", "scale-9", "scale-jjg1204", "九号秤", "scale-9")
    assert (one.number, one.behind, other.behind) == (2, False, True)


@pytest.mark.parametrize(
    "head, words", [("site,code", "lacks the column profile"), ("site,code,profile,colour", "unknown column 'colour'")]
)
def test_a_list_with_other_columns_is_refused(head: str, words: str) -> None:
    with pytest.raises(IntakeError, match=words):
        intake.read("list.csv", f"{head}\n".encode())


def test_a_list_that_is_too_long_is_refused() -> None:
    with pytest.raises(IntakeError, match="more than 1 lines"):
        intake.read("list.csv", b"site,code,profile\na,b,c\nd,e,f\n", most=1)


def test_a_report_holds_no_formula() -> None:
    written = intake.report([Outcome(2, '=HYPERLINK("x")', "@c", "refused", reason="+1")])
    (row,) = csv.DictReader(io.StringIO(written))
    assert (row["site"], row["code"], row["reason"]) == ('\'=HYPERLINK("x")', "'@c", "'+1")
