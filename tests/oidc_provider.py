"""A small OpenID Connect provider of our own, behind a real HTTP server: it logs in whom the test names."""

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from tests.servers import wait_for

CLIENT, SECRET = "mingchu", "a client secret for tests"
Sign = Callable[["Idp", dict[str, Any]], str]


def signed(idp: "Idp", claims: dict[str, Any]) -> str:
    """An ID token as it should be."""
    return jwt.encode({"alg": "RS256", "kid": idp.kid}, claims, idp.key)


@dataclass
class Idp:
    """Who is logged in there, and how it makes its ID tokens."""

    issuer: str
    subject: str = "u-1001"
    login: str = "yuexiu"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    kid: str = "first"
    sign: Sign = signed
    changes: dict[str, Any] = field(default_factory=dict)  # claims that are said differently; None: not at all
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    async def discovery(self, _request: Request) -> JSONResponse:
        self._count("discovery")
        return JSONResponse({
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        })  # fmt: skip

    async def jwks(self, _request: Request) -> JSONResponse:
        self._count("jwks")
        return JSONResponse({"keys": [{**self.key.as_dict(private=False), "kid": self.kid, "use": "sig"}]})

    async def authorize(self, request: Request) -> RedirectResponse:
        query = dict(request.query_params)
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert "openid" in query["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}", 303)

    async def token(self, request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        begun = self.codes.pop(form["code"], None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if begun is None or request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != begun["code_challenge"] or form["redirect_uri"] != begun["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.subject, "preferred_username": self.login,
            "nonce": begun["nonce"], "iat": now, "exp": now + 300, **self.changes,
        }  # fmt: skip
        said = {name: value for name, value in claims.items() if value is not None}
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": self.sign(self, said)})

    def _count(self, what: str) -> None:
        self.asked[what] = self.asked.get(what, 0) + 1


@contextmanager
def provider() -> Iterator[Idp]:
    """One that listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        idp = Idp(f"http://127.0.0.1:{listener.getsockname()[1]}")
        app = Starlette(routes=[
            Route("/.well-known/openid-configuration", idp.discovery), Route("/jwks", idp.jwks),
            Route("/authorize", idp.authorize), Route("/token", idp.token, methods=["POST"]),
        ])  # fmt: skip
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        yield idp
        server.should_exit = True
        thread.join()


def host(address: str) -> str:
    """Host and port of an address."""
    return urlsplit(address).netloc
