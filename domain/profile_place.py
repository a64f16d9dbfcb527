"""Where in a profile's TOML file a fault is: the line that a person must look at."""

import re
from collections.abc import Iterator

_TOLD = re.compile(r"\(at line (\d+), column \d+\)")
_PATH = re.compile(r"at `\$([^`]*)`")
_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`|field `([^`]+)`")
_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\[\]]+?)\s*\]")
_NAMED = re.compile(r"'([^']+)'|\b(?:metric|mapping|mapping of|mapping reads|codes?) (?!of |reads )([^\s:,']+)")


def line_of(text: str, fault: str) -> int | None:
    """The line (from 1) that a BadProfileError's or a vector's sentence is about; None: the whole file."""
    told = _TOLD.search(fault)
    if told is not None:
        return int(told.group(1))
    lines = text.splitlines()
    path = _PATH.search(fault)
    if path is not None:
        return _along(lines, path.group(1), fault)
    unknown = _UNKNOWN.search(fault)
    if unknown is not None:
        return _key(lines, unknown.group(1) or unknown.group(2), range(len(lines)))
    return _naming(lines, fault)


def _along(lines: list[str], path: str, fault: str) -> int | None:
    """Down the path's tables and into the last one's keys."""
    steps = [(name, int(number) if number else None) for name, number in _STEP.findall(path)]
    names = [name for name, _ in steps if name]
    first = next((number for _, number in steps if number is not None), 0)
    within = _table(lines, names[0], first) if names else range(len(lines))
    unknown = _UNKNOWN.search(fault)
    wanted = [unknown.group(1) or unknown.group(2)] if unknown is not None else []
    for name in [*wanted, *reversed(names)]:
        found = _key(lines, name, within)
        if found is not None:
            return found
    return within.start + 1 if len(within) < len(lines) else None


def _table(lines: list[str], name: str, number: int) -> range:
    """The lines of the table `name`, or of its entry with that number; all lines where it is written otherwise."""
    heads = [(at, head) for at, head in _heads(lines) if head.split(".")[0] == name]
    starts = [at for at, head in heads if head == name]
    if number >= len(starts):
        return range(len(lines))
    begin = starts[number]
    after = (at for at, head in _heads(lines) if at > begin and not head.startswith(f"{name}."))
    return range(begin, next(after, len(lines)))


def _heads(lines: list[str]) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(lines):
        found = _HEADER.match(line)
        if found is not None:
            yield at, found.group(2)


def _key(lines: list[str], name: str, within: range) -> int | None:
    key = re.compile(rf"""(^|[{{,\s])["']?{re.escape(name)}["']?\s*=|^\s*\[+[^\]]*\b{re.escape(name)}\]""")
    return next((at + 1 for at in within if key.search(lines[at])), None)


def _naming(lines: list[str], fault: str) -> int | None:
    """The line that gives, or else sets, a name which the fault speaks of."""
    for quoted, bare in _NAMED.findall(fault):
        name = quoted or bare
        given = [at for at, line in enumerate(lines) if f'"{name}"' in line or f"'{name}'" in line]
        found = given[0] + 1 if given else _key(lines, name, range(len(lines)))
        if found is not None:
            return found
    return None
