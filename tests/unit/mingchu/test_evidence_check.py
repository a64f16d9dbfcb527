"""The check of an export: every edit of every byte is found, and each kind of edit is named."""

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from api.export import Package, stream
from domain import history
from domain.export import FORMAT, MANIFEST, SIGNATURE, ChainHead, Exported, File, Manifest, Step, encode
from mingchu import evidence_check, signing

AT = datetime(2026, 11, 22, 5, 15, 20, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
CONTENT = {"files/01-frame_redacted.jpg": b"\xff\xd8 a picture \xff\xd9" * 9, "files/02-clip.mp4": b"a clip" * 30}


def steps() -> tuple[Step, ...]:
    reason, made, previous = 'he said "no"\n\t\x01 / 灶台 🔥 \\', [], b""
    for number, (source, target) in enumerate(((None, "open"), ("open", "acknowledged"), ("acknowledged", "closed"))):
        at = AT + timedelta(seconds=number, microseconds=number)
        bare = Step(
            number + 5, at, number or None, None, None, target, source, target, "ACTIVE", reason * number, ""
        )  # fmt: skip
        previous = history.link(previous, 17, bare)
        made.append(msgspec.structs.replace(bare, hash=previous.hex()))
    return tuple(made)


def manifest() -> Manifest:
    files = tuple(
        File(name, "frame", hashlib.sha256(data).hexdigest(), len(data), "image/jpeg", AT, AT)
        for name, data in CONTENT.items()
    )
    told = steps()
    heads = (ChainHead("alert_history", "17", told[-1].id, told[-1].hash), ChainHead("scene_events", "cam-1", 3, "00"))
    who = Exported(AT, "李强", "yuexiu", "regulator", "0.1.0", "redacted")
    case = {"score": 0.62, "rule": {"zh": "明火"}}
    return Manifest(FORMAT, who, 17, case, told, files, (), heads, signing.name(PUBLIC))


def packed(folder: Path, told: Manifest | None = None, key: Ed25519PrivateKey = KEY) -> bytes:
    data = encode(told or manifest())
    for name, content in CONTENT.items():
        (folder / Path(name).name).write_bytes(content)
    files = tuple((name, folder / Path(name).name) for name in CONTENT)
    return b"".join(stream(Package(AT, ((MANIFEST, data), (SIGNATURE, key.sign(data))), files), key))


def verdict(folder: Path, data: bytes) -> evidence_check.Verdict:
    file = folder / "export.zip"
    file.write_bytes(data)
    return evidence_check.verify(file, PUBLIC)


def failed(found: evidence_check.Verdict) -> list[str]:
    return [check.name for check in found.checks if not check.passed]


def test_what_the_platform_signed_is_intact(tmp_path: Path) -> None:
    found = verdict(tmp_path, packed(tmp_path))
    lines: list[str] = []
    evidence_check.tell(found, lines.append)
    assert (failed(found), found.intact) == ([], True)
    assert lines[-1] == "INTACT: alert 17, exported 2026-11-22T05:15:20Z by 李强; faces hidden"
    assert [line.split(":")[0] for line in lines] == [
        "ok      container", "ok      manifest", "ok      signature", "ok      file files/01-frame_redacted.jpg",
        "ok      file files/02-clip.mp4", "ok      no file added", "ok      history", "ok      chain heads", "INTACT",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    folder = tmp_path_factory.mktemp("export")
    return folder, packed(folder)


@given(data=st.data())
def test_every_single_bit_edit_is_found(whole: tuple[Path, bytes], data: st.DataObject) -> None:
    folder, file = whole
    place, bit = data.draw(st.integers(0, len(file) - 1)), data.draw(st.integers(0, 7))
    edited = bytearray(file)
    edited[place] ^= 1 << bit
    assert not verdict(folder, bytes(edited)).intact


@given(cut=st.integers(0, 4000), tail=st.binary(max_size=40))
def test_a_file_that_was_cut_or_lengthened_is_found(whole: tuple[Path, bytes], cut: int, tail: bytes) -> None:
    folder, file = whole
    edited = file[: max(0, len(file) - cut)] + tail
    assert verdict(folder, edited).intact == (edited == file)


def repacked(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The archive made anew, its entries edited, its seal kept."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
        comment = archive.comment
    change(entries)
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = comment
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "change, wanted",
    [
        (lambda entries: entries.update({"files/02-clip.mp4": b"another"}), "file files/02-clip.mp4"),
        (lambda entries: entries.pop("files/02-clip.mp4"), "file files/02-clip.mp4"),
        (lambda entries: entries.update({"files/03-more.jpg": b"x"}), "no file added"),
        (lambda entries: entries.update({MANIFEST: entries[MANIFEST].replace(b'"open"', b'"held"')}), "signature"),
        (lambda entries: entries.update({MANIFEST: entries[MANIFEST] + b" "}), "manifest"),
        (lambda entries: entries.update({MANIFEST: b"[" * 100_000}), "manifest"),
        (lambda entries: entries.pop(SIGNATURE), "manifest"),
        (lambda entries: entries.update({SIGNATURE: bytes(64)}), "signature"),
        (lambda entries: entries.clear(), "manifest"),
        (lambda entries: None, "container"),
    ],
)
def test_what_was_edited_is_named(tmp_path: Path, change: Callable[[dict[str, bytes]], object], wanted: str) -> None:
    found = verdict(tmp_path, repacked(packed(tmp_path), change))
    assert wanted in failed(found)
    assert "container" in failed(found)
    assert not found.intact


def test_a_history_that_was_edited_before_the_export_is_found(tmp_path: Path) -> None:
    """The platform itself signed it: its database had been tampered with."""
    told = manifest()
    edited = (told.history[0], msgspec.structs.replace(told.history[1], reason="never mind"), *told.history[2:])
    assert failed(verdict(tmp_path, packed(tmp_path, msgspec.structs.replace(told, history=edited)))) == ["history"]
    gone = told.history[:1] + told.history[2:]
    assert failed(verdict(tmp_path, packed(tmp_path, msgspec.structs.replace(told, history=gone)))) == ["history"]
    short = msgspec.structs.replace(told, history=told.history[:-1])
    assert failed(verdict(tmp_path, packed(tmp_path, short))) == ["chain heads"]


def test_another_key_proves_nothing(tmp_path: Path) -> None:
    data = packed(tmp_path, key=Ed25519PrivateKey.generate())
    assert failed(verdict(tmp_path, data)) == ["container", "signature"]
    (tmp_path / "export.zip").write_bytes(packed(tmp_path))
    found = evidence_check.verify(tmp_path / "export.zip", None)
    assert failed(found) == ["container", "signature"]
    assert signing.name(PUBLIC) in next(check.detail for check in found.checks if check.name == "signature")


def test_a_packed_entry_is_not_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, b" " * 50_000_000)
        archive.writestr(SIGNATURE, bytes(64))
    assert "manifest" in failed(verdict(tmp_path, out.getvalue()))


def test_what_a_file_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    told = manifest()
    who = msgspec.structs.replace(told.exported, by="\x1b[2J\nok      signature")
    lines: list[str] = []
    evidence_check.tell(verdict(tmp_path, packed(tmp_path, msgspec.structs.replace(told, exported=who))), lines.append)
    assert all(line.isprintable() for line in lines)


def test_the_command_needs_nothing_but_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(packed(tmp_path))
    (tmp_path / "platform.pem").write_text(signing.pem(PUBLIC), encoding="ascii")
    command = [sys.executable, "-m", "mingchu", "evidence", "verify", str(tmp_path / "export.zip")]
    environment = {"MINGCHU_DATA_DIR": str(tmp_path / "none"), "PYTHONPATH": str(Path.cwd()), "PYTHONUTF8": "1"}

    def run(*more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command, *more], check=False, env=environment, capture_output=True, text=True, encoding="utf-8"
        )

    known = run("--key", str(tmp_path / "platform.pem"))
    assert (known.returncode, known.stdout.splitlines()[-1][:7]) == (0, "INTACT:")
    unknown = run()
    assert (unknown.returncode, unknown.stdout.splitlines()[-1][:11]) == (1, "NOT PROVEN:")
    assert not (tmp_path / "none").exists()
    wrong = run("--key", str(tmp_path / "export.zip"))
    assert wrong.returncode == 2
    assert "is not a public key in PEM" in wrong.stderr
