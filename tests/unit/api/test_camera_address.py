"""A camera's address as people type it: what is refused, what becomes of a login, when a password is needed."""

import pytest
from pydantic import SecretStr

from api.camera_address import changed_url, url_of
from api.camera_model import Source
from api.problem import ProblemError


def _source(address: str, user: str = "", password: str | None = None) -> Source:
    return Source(address=address, user=user, password=None if password is None else SecretStr(password))


@pytest.mark.parametrize(
    "address, code",
    [
        ("http://192.0.2.7/1", "address_scheme"),
        ("file:///etc/passwd", "address_scheme"),
        ("concat:rtsp://192.0.2.7/1|file:///etc/passwd", "address_scheme"),
        ("RTSP", "address_scheme"),
        ("rtsp:///stream", "address_form"),
        ("rtsp://192.0.2.7:99999/1", "address_form"),
        ("rtsp://192.0.2.7:0/1", "address_form"),
        ("rtsp://192.0.2.7/1\nrtsp://x", "address_form"),
        ("rtsp://192.0.2.7/a b", "address_form"),
        ("rtsp://[::1/1", "address_form"),
        ("rtsp://169.254.169.254/latest/meta-data", "address_form"),
        ("rtsp://[fe80::1]/1", "address_form"),
        ("rtsp://224.0.0.1/1", "address_form"),
        ("rtsp://0.0.0.0/1", "address_form"),
        ("rtsp://admin:secret@192.0.2.7/1", "address_login"),
        ("rtsp://192.0.2.7/user=***&password=***", "address_masked"),
    ],
)
def test_what_no_camera_has_is_refused(address: str, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        url_of(_source(address))
    assert (refused.value.status, refused.value.code) == (422, code)


def test_a_login_is_joined_so_that_nothing_in_it_can_be_taken_for_an_address() -> None:
    url = url_of(_source("rtsps://camera.example:322/live?channel=1", "ad/min@x", "p@ss:w/rd?#"))
    assert url == "rtsps://ad%2Fmin%40x:p%40ss%3Aw%2Frd%3F%23@camera.example:322/live?channel=1"
    assert url_of(_source(" rtsp://192.0.2.7/1 ")) == "rtsp://192.0.2.7/1"
    with pytest.raises(ProblemError, match="address_user"):
        url_of(_source("rtsp://192.0.2.7/1", "", "secret"))


def test_an_unchanged_address_stays_and_a_changed_one_wants_its_password_again() -> None:
    shown, login = "rtsp://192.0.2.7/1?***", "ad%40min"
    assert changed_url(_source(shown, "ad@min"), shown, login) is None
    elsewhere = _source("rtsp://192.0.2.66/1", "ad@min")
    with pytest.raises(ProblemError, match="address_password"):
        changed_url(elsewhere, shown, login)
    with pytest.raises(ProblemError, match="address_password"):
        changed_url(_source(shown, "root"), shown, login)
    with pytest.raises(ProblemError, match="address_masked"):  # the query is not known here
        changed_url(_source(shown, "ad@min", "new"), shown, login)
    assert changed_url(_source("rtsp://192.0.2.66/1", "ad@min", ""), shown, login) == "rtsp://ad%40min:@192.0.2.66/1"
    assert changed_url(_source("rtsp://192.0.2.66/1"), shown, login) == "rtsp://192.0.2.66/1"


def test_a_password_is_in_no_representation() -> None:
    assert "hunter22" not in repr(_source("rtsp://192.0.2.7/1", "u", "hunter22"))
