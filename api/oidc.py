"""OpenID Connect beside passwords: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).

Endpoints come from the provider's discovery document; keys from its JWKS, read again when a token names an unknown one.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
import structlog
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from cryptography.fernet import Fernet, InvalidToken
from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from api.config import ApiConfig, Provider
from api.problem import ProblemError

_log = structlog.get_logger("api.oidc")

Known = TypeVar("Known", bound=msgspec.Struct)
COOKIE = "mingchu_oidc"
STARTED_S = 600  # to log in at the provider and be back
CALLBACK = "/login/oidc/callback"
# Signatures by the provider's private key only: a secret that both know would let either make a token (RFC 8725, 3.1).
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_ANSWER_S = 8.0
_KNOWN_S = 3600.0  # how long a discovery document is taken for good
_LEEWAY_S = 60  # between the provider's clock and ours


class _Metadata(msgspec.Struct, frozen=True):
    """What is needed of a discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Answer(msgspec.Struct, frozen=True):
    """What is needed of a token endpoint's answer."""

    id_token: str
    access_token: str | None = None


class Started(msgspec.Struct, frozen=True):
    """A login that has been sent to the provider; the browser keeps it, encrypted, until it comes back."""

    state: str
    nonce: str
    verifier: str
    next: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider says that it is."""

    subject: str
    login: str


class OidcError(Exception):
    """The provider's answer cannot be trusted, or it has none."""


class SignOn:
    """The line to one identity provider."""

    def __init__(self, config: ApiConfig, provider: Provider) -> None:
        self._provider = provider
        self._redirect = config.console_url + CALLBACK
        self._seal = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"oidc " + config.ticket_key.encode()).digest()))
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: KeySet | None = None

    async def begin(self, back: str) -> tuple[str, str]:
        """Where to send the browser, and what to have it keep meanwhile; raises ProblemError 503."""
        started = Started(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), back
        )  # fmt: skip
        try:
            metadata = await self._discovered()
        except (httpx.HTTPError, OidcError) as error:
            raise _away(error) from error
        query = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": self._redirect,
            "scope": "openid profile",
            "state": started.state,
            "nonce": started.nonce,
            "code_challenge": create_s256_code_challenge(started.verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
        address = f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"
        return address, self._seal.encrypt(msgspec.json.encode(started)).decode()

    def resume(self, kept: str, state: str) -> Started:
        """The login that the browser has begun; raises ProblemError 401 for another's, an old or a forged one."""
        try:
            started = msgspec.json.decode(self._seal.decrypt(kept, ttl=STARTED_S), type=Started)
        except (InvalidToken, msgspec.MsgspecError) as error:
            raise ProblemError(401, "oidc_again") from error
        if not secrets.compare_digest(started.state.encode(), state.encode()):
            raise ProblemError(401, "oidc_again")
        return started

    async def identity(self, started: Started, code: str) -> Identity:
        """Exchange the code for who it is; raises ProblemError 401 or 503."""
        try:
            answer = await self._exchange(started, code)
            claims = await self._claims(started, answer)
        except httpx.TransportError as error:
            raise _away(error) from error
        except (httpx.HTTPError, OidcError, JoseError, ValueError) as error:
            _log.warning("a login by the identity provider was refused", reason=str(error)[:300])
            raise ProblemError(401, "oidc_refused") from error
        return Identity(str(claims["sub"]), str(claims.get(self._provider.claim) or ""))

    async def _exchange(self, started: Started, code: str) -> _Answer:
        metadata = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": started.verifier,
        }
        secret = (self._provider.client_id, self._provider.client_secret)
        async with self._client() as client:
            answer = await client.post(metadata.token_endpoint, data=form, auth=secret)
        answer.raise_for_status()
        return _parsed(answer, _Answer)

    async def _claims(self, started: Started, answer: _Answer) -> Mapping[str, object]:
        registry = jws.JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        try:
            token = jwt.decode(answer.id_token, await self._key_set(anew=False), registry=registry)
        except InvalidKeyIdError:
            token = jwt.decode(answer.id_token, await self._key_set(anew=True), registry=registry)
        claims: Mapping[str, object] = _checked(
            token, self._provider.issuer, self._provider.client_id, started.nonce, answer.access_token
        )
        return claims

    async def _discovered(self) -> _Metadata:
        if self._metadata is not None and self._metadata[0] > time.monotonic():
            return self._metadata[1]
        async with self._client() as client:
            answer = await client.get(f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        answer.raise_for_status()
        found = _parsed(answer, _Metadata)
        if found.issuer != self._provider.issuer:
            raise OidcError(f"the provider calls itself {found.issuer}, not {self._provider.issuer}")
        self._metadata = (time.monotonic() + _KNOWN_S, found)
        return found

    async def _key_set(self, *, anew: bool) -> KeySet:
        if self._keys is None or anew:
            metadata = await self._discovered()
            async with self._client() as client:
                answer = await client.get(metadata.jwks_uri)
            answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
        return self._keys

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=_ANSWER_S, follow_redirects=False, headers={"accept": "application/json"})


def _checked(token: jwt.Token, issuer: str, client: str, nonce: str, access_token: str | None) -> Mapping[str, object]:
    """The token's claims, each that matters checked; raises JoseError or OidcError."""
    wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}}
    known = {"nonce": nonce, "client_id": client, "access_token": access_token}
    claims = CodeIDToken(token.claims, token.header, wanted, known)
    claims.validate(leeway=_LEEWAY_S)
    if not claims["sub"]:
        raise OidcError("the token names nobody")
    found: Mapping[str, object] = dict(claims)
    return found


def _parsed(answer: httpx.Response, wanted: type[Known]) -> Known:
    try:
        return msgspec.json.decode(answer.content, type=wanted)
    except msgspec.MsgspecError as error:
        raise OidcError(f"the provider's answer is none: {error}") from error


def _away(error: Exception) -> ProblemError:
    _log.warning("the identity provider does not answer", reason=str(error)[:300])
    return ProblemError(503, "oidc_away")
