"""The two READMEs: each names every setting and no other, and its pictures are there, small, and all used."""

import re
from pathlib import Path

import pytest

from mingchu.settings import Settings

_ROOT = Path(__file__).parents[3]
_PICTURES = _ROOT / "docs" / "pictures"
_READMES = ("README.md", "README.zh-CN.md")


def _said(readme: str) -> str:
    return (_ROOT / readme).read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", _READMES)
def test_every_setting_is_told(readme: str) -> None:
    told = set(re.findall(r"\bMINGCHU_[A-Z_]+", _said(readme)))
    assert told == {f"MINGCHU_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("readme", _READMES)
def test_every_picture_is_shown(readme: str) -> None:
    shown = set(re.findall(r"docs/pictures/([\w.-]+)", _said(readme)))
    assert shown == {one.name for one in _PICTURES.iterdir()}


def test_pictures_are_small() -> None:
    sizes = {one.name: one.stat().st_size for one in _PICTURES.iterdir()}
    assert [name for name, size in sizes.items() if size >= 100_000] == []
    assert sum(sizes.values()) < 2_000_000
