"""One alert as a signed zip that speaks for itself: gathered in one transaction, packed, streamed (ADR 27)."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api import case_view, render
from api.alert_model import AlertCase, Evidence, EvidenceExpired, Rectification
from api.vault import Vault
from domain.export import (
    FORMAT,
    MANIFEST,
    REPORT,
    SEAL_LENGTH,
    SEAL_MARK,
    SIGNATURE,
    ChainHead,
    Exported,
    File,
    Manifest,
    Step,
    Withheld,
    encode,
    fingerprint,
    sealed,
)
from store import case, chains
from store.case import HistoryRow
from store.connection import Connection
from store.people import Person

MEDIA_TYPE = "application/zip"
_CHUNK = 256 * 1024
_SUFFIX = {"image/jpeg": "jpg", "video/mp4": "mp4"}
# What differs by reader, or is told elsewhere in the manifest.
_TOLD_ELSEWHERE = {"actions", "evidence", "expired", "history", "picture", "picture_awaited"}


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the database says of one alert, at one moment."""

    case: AlertCase
    steps: list[HistoryRow]
    audit: ChainHead | None
    exported: Exported


@dataclass(frozen=True, slots=True)
class Package:
    """What goes into the zip: small parts as bytes, files by the path that they are read from."""

    at: datetime
    parts: tuple[tuple[str, bytes], ...]
    files: tuple[tuple[str, Path], ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of evidence or photo, before it is known whether its bytes are there and whole."""

    kind: str
    sha256: str
    size: int | None
    media_type: str
    begin: datetime | None = None
    end: datetime | None = None
    complete: bool = True
    why: str = ""
    of: str | None = None


async def gather(
    connection: Connection, vault: Vault, person: Person, alert_id: int, exported: Exported
) -> Dossier | None:
    """The dossier as `person` may see it, or None. The export is in the audit log already: the head is its own row."""
    found = await case_view.whole(connection, vault, person, alert_id)
    if found is None:
        return None
    return Dossier(found, await case.history(connection, alert_id), await chains.audit_head(connection), exported)


def pack(dossier: Dossier, vault: Vault, key: Ed25519PrivateKey, zone: str) -> Package:
    """Hash every file, write manifest and report, and sign: what leaves has been read once and found whole."""
    files: list[File] = []
    withheld: list[Withheld] = []
    buried = {one.sha256: one for one in dossier.case.expired}
    for piece in _pieces(dossier.case):
        told = _told(piece, vault, len(files) + 1, buried.get(piece.sha256), closed=_closed(piece, dossier))
        (files if isinstance(told, File) else withheld).append(told)  # type: ignore[arg-type]
    draft = _manifest(dossier, tuple(files), tuple(withheld), key)
    page = _report(dossier, draft, zone)
    manifest = encode(_with_report(draft, page))
    parts = ((MANIFEST, manifest), (SIGNATURE, key.sign(manifest)), (REPORT, page))
    return Package(dossier.exported.at, parts, tuple((file.name, vault.path(file.sha256)) for file in files))


def stream(package: Package, key: Ed25519PrivateKey) -> Iterator[bytes]:
    """The zip piece by piece, files stored as they are; its comment is the seal over every byte before it."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:
        archive.comment = SEAL_MARK.ljust(SEAL_LENGTH, b"0")
        for name, data in package.parts:
            with archive.open(_entry(name, package.at, len(data)), "w") as entry:
                entry.write(data)
            yield outlet.taken()
        for name, path in package.files:
            with archive.open(_entry(name, package.at, path.stat().st_size), "w") as entry, path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    entry.write(chunk)
                    yield outlet.taken()
    yield outlet.taken(but=SEAL_LENGTH)
    yield SEAL_MARK + key.sign(sealed(outlet.digest())).hex().encode()


class _Outlet:
    """Where the zip is written to: holds what was written since it was last taken, and hashes what was taken."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self, but: int = 0) -> bytes:
        """What is held, but for the last bytes."""
        data = bytes(self._held[: len(self._held) - but])
        self._held.clear()
        self._digest.update(data)
        return data

    def digest(self) -> bytes:
        return self._digest.digest()


def _entry(name: str, at: datetime, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.file_size = size
    info.external_attr = 0o644 << 16
    return info


def _pieces(shown: AlertCase) -> Iterator[_Piece]:
    yield from (_evidence(item) for item in shown.evidence)
    for report in shown.rectifications:
        yield from _photos(report)


def _evidence(item: Evidence) -> _Piece:
    return _Piece(
        item.kind.value, item.sha256, item.size, item.media_type, item.begin, item.end, item.complete, item.why, item.of
    )


def _photos(report: Rectification) -> Iterator[_Piece]:
    """An operator's photos are made anew as JPEG when they come; when they were taken is not known."""
    return (_Piece(f"photo_of_report_{report.id}", sha256, None, "image/jpeg") for sha256 in report.photos)


def _closed(piece: _Piece, dossier: Dossier) -> bool:
    """Whether the piece may show faces and no purpose was stated (ADR 20)."""
    if dossier.exported.pictures == "original":
        return False
    guarded = {item.sha256: item.guarded for item in sorted(dossier.case.evidence, key=lambda item: not item.guarded)}
    return guarded.get(piece.sha256, False)


def _told(
    piece: _Piece, vault: Vault, number: int, tombstone: EvidenceExpired | None, *, closed: bool
) -> File | Withheld:
    size = vault.size(piece.sha256)
    if size is None and tombstone is not None:
        return Withheld(piece.kind, piece.sha256, tombstone.size, piece.media_type, "expired",
                        tombstone.gone, tombstone.rule)  # fmt: skip
    why: Literal["purpose", "absent", "damaged"] | None = "purpose" if closed else None
    if why is None and size is None:
        why = "absent"
    if why is None and not _whole(vault.path(piece.sha256), piece.sha256):
        why = "damaged"
    if why is not None or size is None:
        return Withheld(piece.kind, piece.sha256, piece.size or size or 0, piece.media_type, why or "absent")
    name = f"files/{number:02}-{piece.kind}.{_SUFFIX.get(piece.media_type, 'bin')}"
    return File(name, piece.kind, piece.sha256, size, piece.media_type,
                piece.begin, piece.end, piece.complete, piece.why, piece.of)  # fmt: skip


def _whole(path: Path, sha256: str) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return False


def _manifest(
    dossier: Dossier, files: tuple[File, ...], withheld: tuple[Withheld, ...], key: Ed25519PrivateKey
) -> Manifest:
    return Manifest(
        format=FORMAT,
        exported=dossier.exported,
        alert=dossier.case.id,
        case=dossier.case.model_dump(mode="json", exclude=_TOLD_ELSEWHERE),
        history=tuple(_step(row) for row in dossier.steps),
        files=files,
        withheld=withheld,
        chains=tuple(_heads(dossier)),
        signer=fingerprint(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    )


def _heads(dossier: Dossier) -> Iterator[ChainHead]:
    """Of the alert's history, of the camera's statements (the event's own newest link, ADR 17), of the audit log."""
    shown = dossier.case
    if dossier.steps:
        yield ChainHead(chains.HISTORY, str(shown.id), dossier.steps[-1].id, dossier.steps[-1].hash)
    if shown.chain is not None and shown.chain.head:
        yield ChainHead(chains.SCENES, shown.subject.code, shown.chain.last, shown.chain.head)
    if dossier.audit is not None:
        yield dossier.audit


def _step(row: HistoryRow) -> Step:
    return Step(row.id, row.at, row.person_id, row.person_name, row.role, row.action,
                row.source, row.target, row.condition, row.reason, row.hash)  # fmt: skip


def _report(dossier: Dossier, manifest: Manifest, zone: str) -> bytes:
    local = ZoneInfo(zone)
    context = {
        "case": dossier.case,
        "manifest": manifest,
        "steps": list(zip(dossier.case.history, manifest.history, strict=True)),
        "clock": lambda moment: f"{moment.astimezone(local):%Y-%m-%d %H:%M:%S}",
        "zone": f"{zone} (UTC{dossier.exported.at.astimezone(local):%z})",
    }
    return render.document("export.html", context).encode()


def _with_report(manifest: Manifest, page: bytes) -> Manifest:
    told = File(REPORT, "report", hashlib.sha256(page).hexdigest(), len(page), "text/html")
    return msgspec.structs.replace(manifest, files=(*manifest.files, told))
