"""An evidence export: what its manifest says, as canonical JSON, and the seal over the whole file (ADR 27)."""

import hashlib
from datetime import datetime
from typing import Any, Literal

import msgspec

FORMAT: Literal["mingchu-evidence/1"] = "mingchu-evidence/1"
MANIFEST, SIGNATURE, REPORT = "manifest.json", "manifest.sig", "report.html"
SEAL_MARK = b"mingchu-seal:"
SEAL_LENGTH = len(SEAL_MARK) + 128  # then the Ed25519 signature in hex


class BadExportError(Exception):
    """A manifest is not one of ours."""


class Exported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who exported, when, and with what right; `release` is the platform's. Originals need a `purpose` (ADR 20)."""

    at: datetime
    by: str
    login: str
    role: str
    release: str
    pictures: Literal["original", "redacted"]
    purpose: str = ""
    words: str = ""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One link of the alert's history; `hash` covers the step before it. `by` None: the system."""

    id: int
    at: datetime
    person_id: int | None
    by: str | None
    role: str | None
    action: str
    source: str | None
    target: str
    condition: str
    reason: str
    hash: str


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the export; `begin` and `end` are capture times, `of` is the SHA-256 of a redacted one's original."""

    name: str
    kind: str
    sha256: str
    size: int
    media_type: str
    begin: datetime | None = None
    end: datetime | None = None
    complete: bool = True
    why: str = ""
    of: str | None = None


class Withheld(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Evidence that is not in the export: no purpose was stated, or its bytes are absent, damaged, or expired.

    Of expired ones (ADR 34) the tombstone is told: deleted at `gone`, by `rule`. What has none is written without.
    """

    kind: str
    sha256: str
    size: int
    media_type: str
    why: Literal["purpose", "absent", "damaged", "expired"]
    gone: datetime | None = None
    rule: str = ""


class ChainHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest entry of a hash chain at the export: `chain` of `subject` ("" where there is but one)."""

    chain: str
    subject: str
    entry: int
    hash: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that an export says. `case` is the alert as the API's AlertCase shows it: rule, samples, reports, pushes.

    `chains` names heads of any chains; a reader passes over those that it does not know. `signer` is the SHA-256 of
    the public key (SubjectPublicKeyInfo, DER).
    """

    format: Literal["mingchu-evidence/1"]
    exported: Exported
    alert: int
    case: dict[str, Any]
    history: tuple[Step, ...]
    files: tuple[File, ...]
    withheld: tuple[Withheld, ...]
    chains: tuple[ChainHead, ...]
    signer: str


def encode(manifest: Manifest) -> bytes:
    """Canonical JSON: UTF-8, keys sorted, no spaces, numbers in their shortest form, times in UTC."""
    return msgspec.json.encode(manifest, order="sorted")


def decode(data: bytes) -> Manifest:
    """Read a manifest; raises BadExportError unless it is one, in canonical form."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadExportError(str(error)) from error
    if encode(manifest) != data:
        raise BadExportError("it is not in canonical form")
    return manifest


def sealed(digest: bytes) -> bytes:
    """What the seal signs: the SHA-256 of every byte of the file before the seal."""
    return SEAL_MARK + digest


def fingerprint(public_der: bytes) -> str:
    """How a public key is told from another."""
    return hashlib.sha256(public_der).hexdigest()
