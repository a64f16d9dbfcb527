"""The broker's authority: made once, and its certificates hold for the names that were asked for."""

import ssl
from pathlib import Path

from cryptography import x509

from mingchu.certificates import Authority


def names(certificate: str) -> set[str]:
    found = x509.load_pem_x509_certificate(certificate.encode()).extensions
    return {str(name.value) for name in found.get_extension_for_class(x509.SubjectAlternativeName).value}


def test_the_authority_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    first = authority.identity(["mqtt.example", "192.0.2.7"])
    kept = authority.certificate.read_bytes()
    assert authority.identity(["192.0.2.7", "mqtt.example"]) == first
    other = authority.identity(["other.example"])
    assert authority.certificate.read_bytes() == kept
    assert {"mqtt.example", "192.0.2.7", "localhost", "127.0.0.1"} <= names(first.certificate)
    assert "mqtt.example" not in names(other.certificate)
    assert (authority.directory / "ca.key").stat().st_mode & 0o077 == 0
    assert (authority.directory / "broker.key").stat().st_mode & 0o077 == 0


def test_clients_can_load_the_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    authority.identity([])
    context = ssl.create_default_context(cafile=str(authority.certificate))
    assert len(context.get_ca_certs()) == 1
