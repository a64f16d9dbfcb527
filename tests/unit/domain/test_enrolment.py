"""Enrolment codes as people type them."""

import pytest

from domain import enrolment
from domain.enrolment import BadEnrolmentCodeError


def test_a_code_is_read_as_people_type_it() -> None:
    shown = enrolment.generate()
    assert len(shown) == 14
    assert enrolment.normalise(f" {shown.lower()} ") == enrolment.normalise(shown.replace("-", " "))
    assert enrolment.normalise("o1lI-0000-ZZZZ") == "01110000ZZZZ"  # what is easily misread
    assert len({enrolment.generate() for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "text", ["", "7K3M-9QTX", "7K3M-9QTX-2B4DX", "7K3M-9QTX-2B4U", "７K3M9QTX2B4D", "7K3M_9QTX_2B4"]
)
def test_what_is_no_code_is_said_so(text: str) -> None:
    with pytest.raises(BadEnrolmentCodeError, match="twelve letters and digits"):
        enrolment.normalise(text)
