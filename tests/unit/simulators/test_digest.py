"""Digest authentication against the RFCs' own examples."""

import pytest

from simulators.digest import Algorithm, Guard, parse_authorization, response

URI = "rtsp://cam.example/kitchen"


@pytest.mark.parametrize(
    "algorithm, expected",
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: Algorithm, expected: str) -> None:
    assert expected == response(
        algorithm,
        user="Mufasa",
        realm="http-auth@example.org",
        password="Circle of Life",
        method="GET",
        uri="/dir/index.html",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        nc="00000001",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        qop="auth",
    )


def test_the_example_of_rfc_2617() -> None:
    proof = response(
        "MD5",
        user="Mufasa",
        realm="testrealm@host.com",
        password="Circle Of Life",
        method="GET",
        uri="/dir/index.html",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        nc="00000001",
        cnonce="0a4f113b",
        qop="auth",
    )
    assert proof == "6629fae49393a05397450978507c4ef1"


def authorization(guard: Guard, **changed: str) -> str:
    """A right answer to the guard's challenge in the old form (no qop), but for what is changed."""
    known = {"user": "cam", "password": "secret", "uri": URI, "nonce": guard.nonce, "method": "DESCRIBE"} | changed
    proof = response(
        "MD5",
        user=known["user"],
        realm=guard.realm,
        password=known["password"],
        method=known["method"],
        uri=known["uri"],
        nonce=known["nonce"],
    )
    return (
        f'Digest username="{known["user"]}", realm="{guard.realm}", nonce="{known["nonce"]}", '
        f'uri="{known["uri"]}", response="{proof}"'
    )


@pytest.mark.parametrize(
    "changed, verdict",
    [
        ({}, "accepted"),
        ({"password": "Secret"}, "wrong"),
        ({"user": "admin"}, "wrong"),
        ({"uri": "rtsp://cam.example/other"}, "wrong"),
        ({"method": "PLAY"}, "wrong"),
        ({"nonce": "of another connection"}, "stale"),
    ],
)
def test_only_the_password_for_this_request_and_nonce_is_accepted(changed: dict[str, str], verdict: str) -> None:
    guard = Guard("kitchen", "cam", "secret")
    assert guard.check("DESCRIBE", URI, authorization(guard, **changed)) == verdict


def test_no_digest_is_no_login() -> None:
    guard = Guard("kitchen", "cam", "secret")
    assert guard.check("DESCRIBE", URI, "") == "absent"
    assert guard.check("DESCRIBE", URI, "Basic Y2FtOnNlY3JldA==") == "absent"
    assert guard.check("DESCRIBE", URI, "Digest nonsense") == "absent"


def test_an_algorithm_that_was_not_offered_is_wrong() -> None:
    guard = Guard("kitchen", "cam", "secret", algorithms=("SHA-256",))
    assert guard.check("DESCRIBE", URI, authorization(guard)) == "wrong"
    assert [challenge.split("algorithm=")[1].split(",")[0] for challenge in guard.challenges()] == ["SHA-256"]


def test_quoted_and_bare_parameters_are_read() -> None:
    given = parse_authorization('Digest username="a, b", qop=auth,NC=00000001 , uri = "rtsp://h/c"')
    assert given == {"username": "a, b", "qop": "auth", "nc": "00000001", "uri": "rtsp://h/c"}
