"""Models that cameras name: fetched once, checked before every use, tried, kept while they are named."""

import hashlib
import shutil
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from domain.model import Model
from edge import model_shelf
from edge.analyst import Sees
from edge.models import MOST, Models
from edge.uploader import Account
from inference import pack
from inference.weights import WeightsError
from tests.live_kitchen import ClosedEye
from tests.servers import wait_for

WEIGHTS = Path(__file__).parents[3] / "models" / "weights"


class Shop:
    """Packs over HTTP, by path; counts what it is asked."""

    def __init__(self) -> None:
        self.packs: dict[str, bytes] = {}
        self.asked: list[str] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.removeprefix("/edge/models/")
                shop.asked.append(self.headers["authorization"])
                data = shop.packs.get(name)
                self.send_response(404 if data is None else 200)
                self.send_header("content-length", str(len(data or b"")))
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def offer(self, data: bytes, release: str = "scenes 2") -> Model:
        sha256 = hashlib.sha256(data).hexdigest()
        self.packs[sha256] = data
        return Model(release, sha256)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.server.shutdown()
    shop.server.server_close()


class Place:
    """An edge's models, and what was opened."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.opened: list[str] = []
        account = Account(f"http://127.0.0.1:{shop.server.server_port}", "e1", "secret")
        self.models = Models(folder, account, self._open)
        self.models.open()

    def _open(self, card: Path) -> Sees:
        self.opened.append(tomllib.loads(card.read_text(encoding="utf-8"))["version"])
        if self.opened[-1] == "broken":
            raise WeightsError("the weights do not answer as their card says")
        return ClosedEye()

    def settled(self, model: Model) -> str:
        self.models.want([model])
        wait_for(lambda: self.models.why(model) is not None)
        return self.models.why(model) or ""


@pytest.fixture
def place(shop: Shop, tmp_path: Path) -> Iterator[Place]:
    place = Place(shop, tmp_path / "models")
    yield place
    place.models.close()


def packed(folder: Path, version: str) -> bytes:
    """The shipped model under another version."""
    folder.mkdir()
    for file in ("detector.onnx", "traits.onnx", "traits.toml"):
        shutil.copy(WEIGHTS / file, folder / file)
    card = (
        (WEIGHTS / "detector.toml").read_text(encoding="utf-8").replace('version = "0.3.0"', f'version = "{version}"')
    )
    (folder / "detector.toml").write_text(card, encoding="utf-8")
    return pack.write(folder / "detector.toml")[0]


def test_one_is_fetched_once_and_survives_a_platform_that_is_away(shop: Shop, place: Place, tmp_path: Path) -> None:
    model = shop.offer(packed(tmp_path / "two", "2"))
    assert place.settled(model) == ""
    assert place.models.eye(model) is not None
    assert place.models.news.is_set()
    assert shop.asked == ["Basic ZTE6c2VjcmV0"]
    place.models.close()
    shop.packs.clear()
    later = Place(shop, tmp_path / "models")
    assert later.settled(model) == ""
    assert (later.opened, len(shop.asked)) == (["2"], 1)
    later.models.close()


def test_a_changed_file_is_refused_with_a_sentence(shop: Shop, place: Place, tmp_path: Path) -> None:
    model = shop.offer(packed(tmp_path / "two", "2"))
    kept = tmp_path / "models" / f"{model.sha256}.pack"
    assert place.settled(model) == ""
    place.models.close()
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(data)
    shop.packs.clear()
    later = Place(shop, tmp_path / "models")
    why = later.settled(model)
    later.models.close()
    assert why == "was changed on the edge's disk, and cannot be fetched: the platform has no such file"
    assert later.opened == []


def test_what_does_not_have_its_hash_or_is_too_large_is_not_used(
    shop: Shop, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    false = Model("scenes 3", "ab" * 32)
    shop.packs[false.sha256] = b"something else"
    assert "does not have its SHA-256" in place.settled(false)
    monkeypatch.setattr(model_shelf, "MOST_BYTES", 1000)
    assert "larger than" in place.settled(shop.offer(bytes(100_000)))
    assert place.opened == []


def test_a_pack_that_is_none_or_fails_its_trial_is_not_used(shop: Shop, place: Place, tmp_path: Path) -> None:
    assert place.settled(shop.offer(b"no zip")).startswith("fails its trial: the pack cannot be read")
    broken = shop.offer(packed(tmp_path / "broken", "broken"))
    assert place.settled(broken) == "fails its trial: the weights do not answer as their card says"


def kept(folder: Path) -> set[str]:
    return {file.stem for file in (folder / "models").iterdir()}


def test_old_ones_go_when_every_named_one_works(shop: Shop, place: Place, tmp_path: Path) -> None:
    first, second = (shop.offer(packed(tmp_path / version, version), version) for version in ("1", "2"))
    assert place.settled(first) == ""
    assert "no such file" in place.settled(Model("gone", "cd" * 32))
    assert kept(tmp_path) == {first.sha256}  # the former one stays while there is no other
    assert place.settled(second) == ""
    wait_for(lambda: kept(tmp_path) == {second.sha256})
    assert place.models.eye(first) is None


def test_an_edge_takes_so_many_at_once(shop: Shop, place: Place) -> None:
    many = [Model(str(n), f"{n:064x}") for n in range(MOST + 1)]
    place.models.want(many)
    assert place.models.why(many[-1]) == f"is one too many: an edge takes at most {MOST} at once"
