"""Where in a scenario's text something stands: TOML's parser does not tell, and a reader wants the line."""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[{1,2}\s*([A-Za-z0-9_.-]+)\s*\]{1,2}")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[\.\.\.\]")
_FIELD = re.compile(r"unknown field `([^`]+)`")


def line_of(text: str, path: Sequence[str | int], word: str | None = None) -> int:
    """The line (from 1) of `word` within the table at `path`, such as ("device", 2); else of the table itself."""
    lines = text.splitlines()
    begin, end = _table(lines, path)
    if word is not None:
        whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        for number in range(begin, end):
            if whole.search(lines[number].split("#")[0]):
                return number + 1
    return begin + 1


def line_of_error(text: str, reason: str) -> int | None:
    """The line that a decoder's message is about, from the place that it names (`$.device[0].speed`)."""
    place = re.search(r"at `\$([^`]*)`", reason)
    field = _FIELD.search(reason)
    if place is None and field is None:
        return None
    path = steps(place.group(1)) if place else []
    names = [step for step in path[1:] if isinstance(step, str)] or [step for step in path[:1] if isinstance(step, str)]
    word = field.group(1) if field else names[-1] if names else None
    return line_of(text, path, word)


def steps(place: str) -> list[str | int]:
    """`.device[0].fault[1]` in steps."""
    return [name or int(index) for name, index in _STEP.findall(place) if name or index]


def _table(lines: Sequence[str], path: Sequence[str | int]) -> tuple[int, int]:
    """First line and end of the n-th table of the path's name, with the tables below it; else of what is above all."""
    heads = [(number, found.group(1)) for number, line in enumerate(lines) if (found := _HEADER.match(line))]
    if len(path) < 2 or not isinstance(path[1], int):
        return 0, (len(lines) if not path or _is_table(heads, path[0]) else heads[0][0] if heads else len(lines))
    own = [number for number, name in heads if name == path[0]]
    if path[1] >= len(own):
        return 0, len(lines)
    begin = own[path[1]]
    after = [number for number, name in heads if number > begin and not name.startswith(f"{path[0]}.")]
    return begin, (after[0] if after else len(lines))


def _is_table(heads: Sequence[tuple[int, str]], name: str | int) -> bool:
    return any(head == name for _, head in heads)
