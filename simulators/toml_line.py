"""Where in a TOML text a value stands: the decoder names a path, a person wants a line."""

import re

_STEP = re.compile(r"(\w+)((?:\[\d+\])?)")
_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\-]+)\s*\]\]?")


def find(text: str, path: str) -> int:
    """The line, from 1, of a path like `$.camera[0].play[1].at`, or of the nearest thing around it."""
    lines = text.splitlines()
    first, last, name, at = 0, len(lines), "", 0
    for key, index in _STEP.findall(path):
        number = int(index[1:-1]) if index else 0
        full = f"{name}.{key}" if name else key
        headers = [line for line in range(first, last) if _header(lines[line]) == full]
        if number < len(headers):
            first = at = headers[number]
            last, name = _end(lines, first, full), full
            continue
        at = _key(lines, at, last, key, number if index else None)
    return at + 1


def _header(line: str) -> str | None:
    found = _HEADER.match(line)
    return None if found is None else found[1]


def _end(lines: list[str], first: int, name: str) -> int:
    """Where the table ends that begins at a header: at the next one that is no part of it."""
    for at in range(first + 1, len(lines)):
        header = _header(lines[at])
        if header is not None and not header.startswith(f"{name}."):
            return at
    return len(lines)


def _key(lines: list[str], first: int, last: int, key: str, number: int | None) -> int:
    """The line of a key at or after `first`; with a number, that of the table so many braces further."""
    found = next((at for at in range(first, last) if re.search(rf"(?<![\w.]){re.escape(key)}\s*=", lines[at])), None)
    if found is None:
        return first
    return found if number is None else _brace(lines, found, last, number)


def _brace(lines: list[str], first: int, last: int, number: int) -> int:
    left = number + 1
    for at in range(first, last):
        left -= lines[at].count("{")
        if left <= 0:
            return at
    return first
