"""A report of the kit: what was found, signed with Ed25519; as JSON, as a page that carries the JSON, as a table."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jinja2 import Environment

from domain.profile import DeviceProfile
from mingchu.conformance.case import Case
from mingchu.conformance.finding import Finding
from mingchu.conformance.judge import LIMITS, conforms, judge
from mingchu.conformance.wording import chinese

_EMBEDDED = re.compile(rb'<script type="application/json" id="report">(.*?)</script>', re.DOTALL)


class ReportError(Exception):
    """A report is a signed JSON file of the vendor kit, or its page, and nobody has changed it."""


class Report(msgspec.Struct, frozen=True):
    """What was found, and about what."""

    made: datetime
    tool: str
    profile: str
    profile_version: int
    profile_sha256: str
    site: str
    device: str
    watched_s: float
    messages: int
    conforms: bool
    findings: tuple[Finding, ...]
    limits: tuple[str, ...] = LIMITS


class Signed(msgspec.Struct, frozen=True):
    """A report's exact bytes, and who vouches for them. Hexadecimal."""

    report: msgspec.Raw
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A report whose signature holds. `key`: the signer's public key."""

    report: Report
    key: str


def make(case: Case, tool: str) -> Report:
    """Judge a case."""
    findings = judge(case)
    return Report(
        made=datetime.now(UTC).replace(microsecond=0),
        tool=tool,
        profile=case.profile.code,
        profile_version=case.profile.version,
        profile_sha256=fingerprint(case.profile),
        site=case.site,
        device=case.device,
        watched_s=round(case.ended - case.began, 1),
        messages=len(case.spoken),
        conforms=conforms(findings),
        findings=findings,
    )


def fingerprint(profile: DeviceProfile) -> str:
    """What the profile said, exactly."""
    return hashlib.sha256(msgspec.json.encode(profile)).hexdigest()


def key_of(secret: str) -> Ed25519PrivateKey:
    """The signing key of a data directory's secret."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())


def public(key: Ed25519PrivateKey) -> str:
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return key.public_key().public_bytes(*raw).hex()


def sign(report: Report, key: Ed25519PrivateKey) -> bytes:
    """The signed report as JSON."""
    body = msgspec.json.encode(report)
    return msgspec.json.encode(Signed(msgspec.Raw(body), public(key), key.sign(body).hex()))


def verify(written: bytes) -> Verified:
    """Check a report, or the page of one; raises ReportError."""
    embedded = _EMBEDDED.search(written)
    signed = _unescape(embedded.group(1)) if embedded else written
    try:
        said = msgspec.json.decode(signed, type=Signed)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(said.key))
        key.verify(bytes.fromhex(said.signature), bytes(said.report))
        report = msgspec.json.decode(said.report, type=Report)
    except InvalidSignature:
        raise ReportError("the signature does not hold: somebody has changed this report") from None
    except ValueError as error:
        raise ReportError(f"this is no report of the vendor kit: {error}") from None
    if embedded and page(signed) != written:
        raise ReportError("the page does not show what was signed: somebody has changed it")
    return Verified(report, said.key)


def page(signed: bytes) -> bytes:
    """The page of a signed report, with the report inside; the same for the same report."""
    said = msgspec.json.decode(signed, type=Signed)
    report = msgspec.json.decode(said.report, type=Report)
    template = files("mingchu").joinpath("templates", "conformance.html").read_text(encoding="utf-8")
    made = Environment(autoescape=True).from_string(template)
    return made.render(chinese=chinese, report=report, key=said.key, signed=_escape(signed).decode()).encode()


def _escape(signed: bytes) -> bytes:
    """JSON that ends no script element."""
    return signed.replace(b"<", b"\\u003c")


def _unescape(embedded: bytes) -> bytes:
    return embedded.replace(b"\\u003c", b"<")


def write(signed: bytes, places: Iterable[Path]) -> None:
    """Write it where the names say: .html gets the page, all else the JSON."""
    for place in places:
        place.write_bytes(page(signed) if place.suffix == ".html" else signed)
