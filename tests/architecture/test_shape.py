"""The shape of the house (DESIGN, Style): rooms, sizes, docstrings, and who may speak SQL or read the environment."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "store", "models", "inference", "edge", "ingest", "alerts", "api", "simulators", "mingchu")
WRITTEN = {"mingchu/client/api.py", "mingchu/client/model.py"}  # by `mingchu client`
FILES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if str(path.relative_to(ROOT)) not in WRITTEN
)
SQL = re.compile(r"^\s*(SELECT\s.*\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s)", re.DOTALL)
# Statements on tables live in store/; the edge keeps its spool in SQLite, beside no server.
MAY_SPEAK_SQL = ("store", "edge")
# Settings are read in one place; these pass the environment on to children, or search the PATH.
MAY_SEE_ENVIRONMENT = {"mingchu/supervisor.py", "mingchu/broker.py", "mingchu/drill.py", "mingchu/bench/process.py"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> list[tuple[str, int]]:
    found = (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [(f"{name(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


def test_every_room_is_a_package_that_says_its_verb() -> None:
    assert [room for room in ROOMS if not ast.get_docstring(tree(ROOT / room / "__init__.py"))] == []


def test_no_cupboards() -> None:
    cupboards = {"utils", "util", "common", "helpers", "services_common", "misc"}
    assert [name(path) for path in FILES if cupboards & {path.stem, *path.relative_to(ROOT).parts}] == []


def test_each_file_says_what_it_is_for() -> None:
    assert [name(path) for path in FILES if path.stat().st_size and not ast.get_docstring(tree(path))] == []


def test_files_are_short() -> None:
    long = {name(path): lines for path in FILES if (lines := len(path.read_text(encoding="utf-8").splitlines())) >= 400}
    assert long == {}


def test_functions_are_short() -> None:
    lengths = [function for path in FILES for function in functions(path)]
    assert {which: lines for which, lines in lengths if lines > 60} == {}
    assert sorted(lines for _, lines in lengths)[len(lengths) // 2] < 10


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in MAY_SPEAK_SQL])
def test_sql_lives_in_the_store(room: str) -> None:
    speaking = [
        f"{name(path)}:{node.lineno}"
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert speaking == []


def test_the_environment_is_read_in_one_place() -> None:
    reading = [
        name(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert set(reading) <= MAY_SEE_ENVIRONMENT
