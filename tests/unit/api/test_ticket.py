"""Tickets: for one person, one camera and some seconds; a single changed character makes them worthless."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ticket import TICKET_S, Ticket, TicketError, check, issue, sign

KEY, NOW = "a key", 1_800_000_000.0
TEXT = sign(Ticket("ab" * 16, 7, 3, int(NOW) + TICKET_S, 5), KEY)


def test_a_ticket_is_good_for_its_person_and_camera_until_it_expires() -> None:
    ticket = issue(7, 3, NOW, 5)
    text = sign(ticket, KEY)
    assert check(text, KEY, 7, 3, NOW + TICKET_S) == ticket
    assert len(ticket.view) == 32
    assert issue(7, 3, NOW, 5).view != ticket.view
    for person, camera, now, reason in (
        (8, 3, NOW, "not for this"),
        (7, 4, NOW, "not for this"),
        (7, 3, NOW + TICKET_S + 1, "expired"),
    ):
        with pytest.raises(TicketError, match=reason):
            check(text, KEY, person, camera, now)


def test_another_key_and_an_altered_body_are_forged() -> None:
    for text in (
        sign(Ticket("ab" * 16, 7, 3, int(NOW) + TICKET_S, 5), "another key"),
        TEXT.replace(".7.", ".8."),
        TEXT.rpartition(".")[0] + ".",
        sign(replace(issue(7, 3, NOW, 5), camera=4), KEY).replace(".4.", ".3."),
    ):
        with pytest.raises(TicketError, match="forged"):
            check(text, KEY, 7, 3, NOW)


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_no_single_character_can_be_changed(at: int, other: str) -> None:
    if other != TEXT[at]:
        with pytest.raises(TicketError):
            check(TEXT[:at] + other + TEXT[at + 1 :], KEY, 7, 3, NOW)


@given(st.text())
def test_any_text_is_refused_and_never_an_error(text: str) -> None:
    with pytest.raises(TicketError):
        check(text, KEY, 7, 3, NOW)
