"""Offers: a hidden address becomes the one that the request came from; a shown one is left alone."""

from api.offer import reachable

HEAD = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:0\r\n"
HIDDEN = "a=candidate:261 1 udp 2113937151 9e68c62f-f288.local 54469 typ host generation 0 ufrag LgbY\r\n"
SHOWN = "a=candidate:1 1 udp 2113937151 10.1.2.3 54469 typ host\r\n"


def test_a_hidden_address_becomes_the_visitors() -> None:
    assert reachable(HEAD + HIDDEN, "10.9.8.7") == HEAD + HIDDEN.replace("9e68c62f-f288.local", "10.9.8.7")
    assert "fd00::2 54469 typ host" in reachable(HEAD + HIDDEN, "fd00::2")


def test_what_is_shown_is_left_alone() -> None:
    assert reachable(HEAD + SHOWN, "10.9.8.7") == HEAD + SHOWN


def test_an_offer_without_candidates_gets_one_to_wait_with() -> None:
    assert reachable(HEAD, "10.9.8.7") == HEAD + "a=candidate:0 1 udp 1 10.9.8.7 9 typ host\r\n"


def test_an_address_that_is_none_changes_nothing() -> None:
    for address in ("", "testclient", "10.9.8.7\r\na=x"):
        assert reachable(HEAD + HIDDEN, address) == HEAD + HIDDEN
