"""HTTP Digest access authentication (RFC 7616), as cameras use it for RTSP."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal

Algorithm = Literal["MD5", "SHA-256"]
Verdict = Literal["accepted", "absent", "wrong", "stale"]

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def response(
    algorithm: Algorithm, *, user: str, realm: str, password: str, method: str, uri: str,
    nonce: str, nc: str = "", cnonce: str = "", qop: str = "",
) -> str:  # fmt: skip
    """The `response` parameter (RFC 7616 §3.4.1); without `qop` that of RFC 2069, which older RTSP clients send."""

    def digest(text: str) -> str:
        return _HASHES[algorithm](text.encode()).hexdigest()

    secret = digest(f"{user}:{realm}:{password}")
    request = digest(f"{method}:{uri}")
    middle = f"{nonce}:{nc}:{cnonce}:{qop}" if qop else nonce
    return digest(f"{secret}:{middle}:{request}")


def parse_authorization(header: str) -> dict[str, str]:
    """The parameters of an `Authorization: Digest …` header, names in lower case; empty if it is another scheme."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}


@dataclass(slots=True)
class Guard:
    """Challenges one connection and checks its answers; its nonce is good for that connection only."""

    realm: str
    user: str
    password: str
    algorithms: tuple[Algorithm, ...] = ("MD5",)
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))

    def challenges(self, *, stale: bool = False) -> list[str]:
        """WWW-Authenticate values, one an algorithm, in the order of preference."""
        end = ", stale=true" if stale else ""
        return [
            f'Digest realm="{self.realm}", nonce="{self.nonce}", algorithm={algorithm}, qop="auth"{end}'
            for algorithm in self.algorithms
        ]

    def check(self, method: str, uri: str, authorization: str) -> Verdict:
        """Whether the header proves the password for this method and URI."""
        given = parse_authorization(authorization)
        if not given:
            return "absent"
        algorithm = self._algorithm(given.get("algorithm", "MD5"))
        if algorithm is None or given.get("uri") != uri or given.get("qop", "auth") != "auth":
            return "wrong"
        expected = response(
            algorithm, user=self.user, realm=self.realm, password=self.password, method=method, uri=uri,
            nonce=given.get("nonce", ""),
            nc=given.get("nc", ""), cnonce=given.get("cnonce", ""), qop=given.get("qop", ""),
        )  # fmt: skip
        same_user = hmac.compare_digest(given.get("username", "").encode(), self.user.encode())
        if not hmac.compare_digest(given.get("response", "").encode(), expected.encode()) or not same_user:
            return "wrong"
        return "accepted" if given.get("nonce") == self.nonce else "stale"

    def _algorithm(self, name: str) -> Algorithm | None:
        return next((known for known in self.algorithms if known == name.upper()), None)
