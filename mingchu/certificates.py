"""The broker's own certificate authority, for devices that are not on this machine: made once, renewed by itself."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mingchu.datadir import write_private

_CA_LIFE = timedelta(days=3650)
_LIFE = timedelta(days=397)  # of the server's certificate; devices know the authority only
_RENEW = timedelta(days=30)
_BACK = timedelta(hours=1)  # clocks of devices lag


@dataclass(frozen=True, slots=True)
class Identity:
    """The broker's certificate and key, as PEM."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's files: `ca.pem` goes to the devices, `ca.key` stays."""

    directory: Path

    @property
    def certificate(self) -> Path:
        return self.directory / "ca.pem"

    @property
    def _key(self) -> Path:
        return self.directory / "ca.key"

    def identity(self, names: Iterable[str]) -> Identity:
        """The broker's certificate for these host names and addresses: the kept one while it fits and is fresh."""
        wanted = tuple(sorted({*names, "localhost", "127.0.0.1", socket.gethostname()}))
        certificate, key = self.directory / "broker.pem", self.directory / "broker.key"
        self._make()
        if not _is_fit(certificate, wanted):
            made = self._issue(wanted)
            write_private(key, made.key)
            write_private(certificate, made.certificate)
        return Identity(certificate.read_text(encoding="ascii"), key.read_text(encoding="ascii"))

    def _make(self) -> None:
        """Make the authority where there is none. Its certificate is for everybody to read."""
        self.directory.mkdir(mode=0o711, exist_ok=True)
        if self.certificate.exists() and self._key.exists():
            return
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Mingchu devices CA ({socket.gethostname()})")
        builder = _builder(name, name, key.public_key(), _CA_LIFE)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        made = builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())
        write_private(self._key, _key_text(key))
        write_private(self.certificate, _text(made))
        self.certificate.chmod(0o644)

    def _issue(self, names: tuple[str, ...]) -> Identity:
        authority = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        signer = serialization.load_pem_private_key(self._key.read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(names[0]), authority.subject, key.public_key(), _LIFE)
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        made = builder.add_extension(issuer, critical=False).sign(signer, hashes.SHA256())
        return Identity(_text(made), _key_text(key))


def _is_fit(file: Path, names: tuple[str, ...]) -> bool:
    """True when the certificate is for exactly these names, and not soon over."""
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        kept = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    same = set(kept) == {_alternative(name) for name in names}
    return same and certificate.not_valid_after_utc - datetime.now(UTC) > _RENEW


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _BACK,
        not_valid_after=now + life,
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode("ascii")
