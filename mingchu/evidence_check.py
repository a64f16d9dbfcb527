"""Whether an evidence export is what the platform signed: from the file and the public key alone (ADR 27).

The file may be anybody's work: nothing of it is unpacked, only stored entries are read, piece by piece.
"""

import hashlib
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain import history
from domain.export import (
    MANIFEST,
    SEAL_LENGTH,
    SEAL_MARK,
    SIGNATURE,
    BadExportError,
    File,
    Manifest,
    Withheld,
    decode,
    sealed,
)
from mingchu import signing

_CHUNK = 1 << 20
_MOST_MANIFEST = 64 << 20
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, struct.error)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and how it is."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks; `manifest` None where it cannot be read."""

    checks: tuple[Check, ...]
    manifest: Manifest | None

    @property
    def intact(self) -> bool:
        return self.manifest is not None and all(check.passed for check in self.checks)


def verify(file: Path, key: Ed25519PublicKey | None) -> Verdict:
    """Check everything; without a key nothing is proven. Raises OSError where the file cannot be read."""
    checks = [_container(file, key)]
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, key, checks)
            if manifest is not None:
                checks += _contents(archive, manifest)
    except _UNREADABLE as error:
        checks.append(Check("archive", False, f"it cannot be read: {error}"))
        manifest = None
    return Verdict(tuple(checks), manifest)


def _container(file: Path, key: Ed25519PublicKey | None) -> Check:
    """The seal at the end covers every byte before it, those of the zip format too."""
    left = file.stat().st_size - SEAL_LENGTH
    digest = hashlib.sha256()
    with file.open("rb") as whole:
        while left > 0 and (chunk := whole.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
        seal = whole.read()
    passed = key is not None and _seals(key, seal, digest.digest())
    return Check("container", passed, "no byte was changed" if passed else "it is not as the platform sealed it")


def _seals(key: Ed25519PublicKey, seal: bytes, digest: bytes) -> bool:
    text = seal.removeprefix(SEAL_MARK)
    try:
        signature = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return False
    # One way only to write it: else an upper-case digit would be an edit that nobody finds.
    return seal == SEAL_MARK + signature.hex().encode() and signing.signed(key, signature, sealed(digest))


def _manifest(archive: zipfile.ZipFile, key: Ed25519PublicKey | None, checks: list[Check]) -> Manifest | None:
    try:
        data, signature = _small(archive, MANIFEST), _small(archive, SIGNATURE)
        manifest = decode(data)
    except (KeyError, BadExportError) as error:
        checks.append(Check("manifest", False, f"it cannot be read: {error}"))
        return None
    steps = f"alert {manifest.alert}, {len(manifest.files)} files, {len(manifest.history)} steps of history"
    checks.append(Check("manifest", True, steps))
    checks.append(_signature(manifest, data, signature, key))
    return manifest


def _signature(manifest: Manifest, data: bytes, signature: bytes, key: Ed25519PublicKey | None) -> Check:
    if key is None:
        return Check(
            "signature", False, f"no public key to check it with: give --key (it names the key {manifest.signer})"
        )
    name = signing.name(key)
    if not signing.signed(key, signature, data):
        return Check("signature", False, f"the key {name} has not signed this manifest (it names {manifest.signer})")
    return Check("signature", manifest.signer == name, f"signed by the key {manifest.signer}")


def _contents(archive: zipfile.ZipFile, manifest: Manifest) -> Iterator[Check]:
    for file in manifest.files:
        yield _file(archive, file)
    yield from (_tombstone(one) for one in manifest.withheld if one.why == "expired")
    yield _complete(archive, manifest)
    yield _history(manifest)
    yield _head(manifest)


def _file(archive: zipfile.ZipFile, file: File) -> Check:
    name = f"file {file.name}"
    try:
        digest, size = _digest(archive, file.name)
    except KeyError:
        return Check(name, False, "it is missing")
    except _UNREADABLE as error:
        return Check(name, False, f"it cannot be read: {error}")
    if (digest, size) != (file.sha256, file.size):
        return Check(name, False, f"it was changed: SHA-256 {digest}, the manifest says {file.sha256}")
    return Check(name, True, f"SHA-256 {digest}, {size} bytes")


def _tombstone(one: Withheld) -> Check:
    """Bytes that the platform deleted by its own rule: no fault of the export, and told apart from what is missing."""
    when = f"{one.gone:%Y-%m-%dT%H:%M:%SZ}" if one.gone else "an unknown time"
    told = f"SHA-256 {one.sha256}, {one.size} bytes, deleted at {when} ({one.rule}); it was not there to be exported"
    return Check(f"tombstone {one.kind}", one.gone is not None and bool(one.rule), told)


def _complete(archive: zipfile.ZipFile, manifest: Manifest) -> Check:
    known = [MANIFEST, SIGNATURE, *(file.name for file in manifest.files)]
    there = archive.namelist()
    extra = sorted(set(there) - set(known)) or sorted({name for name in there if there.count(name) > 1})
    if extra:
        return Check("no file added", False, f"{', '.join(extra[:5])} is not of the manifest, or there twice")
    return Check("no file added", True, f"{len(there)} entries, all known")


def _history(manifest: Manifest) -> Check:
    place = history.first_broken(manifest.alert, manifest.history)
    if place is not None:
        step = manifest.history[place]
        return Check("history", False, f"step {place + 1} ({step.action}, entry {step.id}) breaks the chain")
    return Check("history", bool(manifest.history), f"{len(manifest.history)} steps, each follows the one before")


def _head(manifest: Manifest) -> Check:
    """The chain's head is what a later export, or the database, can be held against."""
    last = manifest.history[-1] if manifest.history else None
    heads = {head.chain: head for head in manifest.chains if head.chain != "alert_history"}
    own = [head for head in manifest.chains if head.chain == "alert_history"]
    fits = last is not None and [(head.entry, head.hash) for head in own] == [(last.id, last.hash)]
    also = "".join(f"; {head.chain} at entry {head.entry}" for head in heads.values())
    return Check("chain heads", fits, f"the history ends where its head says{also}" if fits else "they do not fit")


def _stored(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The entry; files are stored as they are, so that nothing can grow while it is read."""
    info = archive.getinfo(name)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise BadExportError(f"{name} is packed otherwise than the platform packs")
    return info


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    info = _stored(archive, name)
    if info.file_size > _MOST_MANIFEST:
        raise BadExportError(f"{name} is too large")
    return archive.read(info)


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        info = _stored(archive, name)
    except BadExportError as error:
        raise ValueError(str(error)) from error
    with archive.open(info) as entry:
        while chunk := entry.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def tell(verdict: Verdict, line: Callable[[str], None]) -> None:
    """One line per check, then the verdict; what the file itself says is printed without control characters."""
    for check in verdict.checks:
        line(_plain(f"{'ok' if check.passed else 'FAILED':<7} {check.name}: {check.detail}"))
    failed = sum(not check.passed for check in verdict.checks)
    if verdict.manifest is None or failed:
        line(f"NOT PROVEN: {failed} of {len(verdict.checks)} checks failed; do not rely on this file")
        return
    told = verdict.manifest.exported
    hidden = "faces hidden" if told.pictures == "redacted" else f"unblurred originals, for {told.purpose}"
    line(
        _plain(f"INTACT: alert {verdict.manifest.alert}, exported {told.at:%Y-%m-%dT%H:%M:%SZ} by {told.by}; {hidden}")
    )


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
