"""The platform's signing key (Ed25519), made once, kept in the data directory for the starting user only."""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from domain.export import fingerprint
from mingchu.datadir import DataDirectory

_NAME = "evidence-key.pem"


class KeyFileError(Exception):
    """A key file is not there, or is not an Ed25519 key in PEM."""


def key(data: DataDirectory) -> Ed25519PrivateKey:
    """The platform's key; the first call makes it, and of several at once one wins. Raises KeyFileError, OSError."""
    file = data.secrets / _NAME
    if not file.exists():
        _make(file)
    return _private(file)


def kept(data: DataDirectory) -> Ed25519PrivateKey:
    """The platform's key as the api made it; a command makes none, lest it sign as another. Raises KeyFileError."""
    found = _kept(data)
    if found is None:
        raise KeyFileError(
            f"no signing key in {data.root}: start `mingchu up` or `mingchu api` first, or set MINGCHU_DATA_DIR to its"
        )
    return found


def kept_public(data: DataDirectory) -> Ed25519PublicKey | None:
    """The public half of this machine's key, where it has one that the user may read; raises KeyFileError."""
    try:
        found = _kept(data)
    except PermissionError:
        return None
    return None if found is None else found.public_key()


def public(file: Path) -> Ed25519PublicKey:
    """The public key of a PEM file; raises KeyFileError, OSError."""
    try:
        found = load_pem_public_key(file.read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"{file} is not a public key in PEM (`mingchu evidence key` prints one)") from error
    if not isinstance(found, Ed25519PublicKey):
        raise KeyFileError(f"{file} is not an Ed25519 public key")
    return found


def pem(known: Ed25519PublicKey) -> str:
    """A public key as text."""
    return known.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def name(known: Ed25519PublicKey) -> str:
    """A public key's fingerprint."""
    return fingerprint(known.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def signed(known: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether the key's owner signed the data."""
    try:
        known.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _kept(data: DataDirectory) -> Ed25519PrivateKey | None:
    file = data.secrets / _NAME
    return _private(file) if file.exists() else None


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        file.hardlink_to(temporary)  # unlike a rename it never replaces a key that somebody has signed with
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _private(file: Path) -> Ed25519PrivateKey:
    try:
        found = load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"{file} is not a private key in PEM: restore it from a backup") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise KeyFileError(f"{file} is not an Ed25519 key: restore it from a backup")
    return found
