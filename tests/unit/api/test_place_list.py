"""Lists of places as spreadsheets write them."""

import pytest

from api.place_list import Line, PlaceListError, read
from domain.coordinates import Coordinates


def test_lines_in_either_encoding_with_columns_in_any_order() -> None:
    written = "code,名称,latitude,longitude\ncanteen-1,百味餐厅,23.1291,113.2644\ncold-base,冷链,,\n"
    for encoding in ("utf-8-sig", "gb18030"):
        assert read(written.encode(encoding)) == [
            Line(2, "canteen-1", Coordinates(113.2644, 23.1291), good=True),
            Line(3, "cold-base", None, good=True),
        ]


def test_a_line_that_is_no_place_does_not_spoil_the_others() -> None:
    lines = read(b"code,longitude,latitude\na,23,113\nb,113\nc,113,23\n")
    assert [(line.code, line.good) for line in lines] == [("a", False), ("b", False), ("c", True)]


@pytest.mark.parametrize("written", [b"", b"code,lon,lat\n", b"\xff\xd8\xff", b"\0"])
def test_what_is_no_list_is_refused(written: bytes) -> None:
    with pytest.raises(PlaceListError):
        read(written)
