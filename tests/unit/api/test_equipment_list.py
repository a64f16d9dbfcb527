"""Lists of equipment as spreadsheets write them, and who counts as one visitor."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.equipment_list import MOST_LINES, ListError, read
from api.pages_public import visitor_key
from domain.equipment import Kind

HEADER = "site,code,kind,zh,next_inspection\n"


def test_lines_are_orders_or_say_why_not() -> None:
    text = HEADER + (
        "tower,E1,电梯,1 号客梯,2027/3/1\ntower,E2,elevator,2 号客梯,2027年3月31日\n"
        "tower,E3,rocket,火箭,\ntower,E4,boiler,锅炉,2027-02-30\ntower,E1,crane,吊车,\n,E5,crane,吊车,\n"
    )
    found = read(text.encode("utf-8-sig"))
    assert [line.number for line in found] == [2, 3, 4, 5, 6, 7]
    good = [line.order for line in found if line.order is not None]
    assert [(order.kind, order.next_inspection) for order in good] == [
        (Kind.ELEVATOR, date(2027, 3, 1)),
        (Kind.ELEVATOR, date(2027, 3, 31)),
    ]
    why = [line.reason.en for line in found if line.reason is not None]
    assert ["kind" in why[0], "next_inspection" in why[1], "line 2" in why[2], "site" in why[3]] == [True] * 4


def test_a_spreadsheet_of_china_is_read() -> None:
    (line,) = read((HEADER + "tower,E1,锅炉,一号锅炉,\n").encode("gb18030"))
    assert line.order is not None
    assert line.order.zh == "一号锅炉"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "list_column"),
        ("site,code,kind\n", "list_column"),
        ("site,code,kind,zh,colour\n", "list_unknown"),
        (HEADER + "a,b,c,d,\n" * (MOST_LINES + 1), "list_long"),
    ],
)
def test_what_is_no_list(text: str, reason: str) -> None:
    with pytest.raises(ListError) as caught:
        read(text.encode())
    assert caught.value.reason == reason


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for prefix in (b"", HEADER.encode()):
        with contextlib.suppress(ListError):
            assert all(line.order or line.reason for line in read(prefix + data))


def test_a_household_is_one_visitor() -> None:
    assert visitor_key("2001:db8:1:2::7") == visitor_key("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert visitor_key("2001:db8:1:3::7") != visitor_key("2001:db8:1:2::7")
    assert visitor_key("::ffff:192.0.2.7") == visitor_key("192.0.2.7") == "192.0.2.7"
    assert visitor_key("testclient" * 20) == ("testclient" * 20)[:64]
