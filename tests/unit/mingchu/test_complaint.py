"""What a user can mend ends with one sentence; a mistake of ours keeps its traceback."""

import importlib

import pytest

from domain.code import BadCodeError
from mingchu.complaint import KNOWN, sentence
from mingchu.settings import BadSettingError


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_each_known_name_is_an_exception(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), kind), Exception)


def test_a_known_mistake_is_one_line() -> None:
    assert sentence(BadCodeError("'A' is not a code:\n a code has …")) == "'A' is not a code: a code has …"


def test_a_group_speaks_with_its_first_known_mistake() -> None:
    group = ExceptionGroup("g", [ValueError("ours"), ExceptionGroup("h", [BadSettingError("set it")])])
    assert sentence(group) == "set it"


def test_a_missing_file_is_named() -> None:
    assert sentence(FileNotFoundError(2, "No such file or directory", "/x")) == "/x: No such file or directory"


def test_our_own_mistakes_are_not_hidden() -> None:
    assert sentence(ValueError("a bug")) is None
    assert sentence(OSError("a bug")) is None
