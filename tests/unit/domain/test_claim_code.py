"""Claim codes survive typing and scanning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import claim_code
from domain.claim_code import BadClaimCodeError


@given(
    st.sampled_from(["", "MINGCHU:", "https://console.example/claim?code="]),
    st.booleans(),
    st.sampled_from(["-", " ", ""]),
)
def test_a_code_is_read_however_it_was_typed(scheme: str, lower: bool, between: str) -> None:
    code = claim_code.generate()
    typed = scheme + code.replace("-", between).replace("1", "l").replace("0", "O")
    assert claim_code.read(typed.lower() if lower else typed) == code


@pytest.mark.parametrize("text", ["", "1234", "U234-5678-9ABC-DEFG", "1234-5678-9ABC-DEFG-H"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(BadClaimCodeError, match="is no claim code"):
        claim_code.read(text)
