"""Verifies the chain of a camera's evidence: no statement was changed, dropped or moved, and the rows agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from domain import chain
from domain.chain import Fault, Standing
from domain.wire import EvidenceAdded, EvidenceItem, EvidenceMissing, Sample, SceneBegan, SceneEnded, Statement
from store import evidence_links
from store.connection import Connection
from store.evidence_links import LinkRow, PieceColumns, SceneColumns

_statement: msgspec.json.Decoder[Statement] = msgspec.json.Decoder(Statement)
_samples = msgspec.json.Decoder(tuple[Sample, ...])
_PAGE = 200

Name = tuple[str, str, str]  # event, kind, sha256


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong, and where. `place` 0: with a row that no statement speaks of; `since` as in domain.chain.Break."""

    fault: Fault
    chain: str
    place: int
    since: int
    event: str
    detail: str


@dataclass(frozen=True, slots=True)
class Examined:
    """One chain: how many links it has, and the hash of its newest, by which it is known again elsewhere."""

    chain: str
    links: int
    head: str


@dataclass(slots=True)
class Report:
    """What an examination found. Intact without flaws."""

    chains: list[Examined] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    hashes: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)  # SHA-256 of the evidence that was announced


@dataclass(slots=True)
class _Books:
    """Evidence as the statements name it, and as the tables have it."""

    stated: set[Name] = field(default_factory=set)
    kept: set[Name] = field(default_factory=set)

    def strays(self) -> list[Flaw]:
        """Rows of evidence that no statement speaks of."""
        return [_stray(event, f"{kind} {sha256[:12]}") for event, kind, sha256 in sorted(self.kept - self.stated)]


async def examine(connection: Connection, camera: int) -> Report:
    """All chains of a camera, link by link and row by row, as of one moment. The connection is in no transaction."""
    report, books = Report(), _Books()
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name in await evidence_links.chains(connection, camera):
            await _examine(connection, (camera, name), report, books)
        report.flaws += [_stray(event, "scene event") for event in await evidence_links.unstated(connection, camera)]
    report.flaws += books.strays()
    report.files = {sha256 for _, kind, sha256 in books.stated if not kind.startswith("no ")}
    return report


async def _examine(connection: Connection, which: tuple[int, str], report: Report, books: _Books) -> None:
    standings, page = list[Standing](), list[LinkRow]()
    async for row in evidence_links.links(connection, *which):
        standings.append(_standing(row))
        page.append(row)
        if len(page) == _PAGE:
            report.flaws += await _disagreements(connection, page, books)
            page = []
    report.flaws += await _disagreements(connection, page, books)
    report.flaws += _broken(standings, whole=True)
    report.chains.append(Examined(which[1], len(standings), standings[-1].hash))
    report.hashes |= {one.hash for one in standings}


async def of_event(connection: Connection, event: str) -> tuple[list[LinkRow], list[Flaw]]:
    """One scene event's own links, and what is wrong with them and the joints to their neighbours."""
    rows = await evidence_links.around(connection, event)
    own = [row for row in rows if row.event == event.replace("-", "")]
    books = _Books()
    flaws = await _disagreements(connection, own, books)
    for name in dict.fromkeys(row.chain for row in rows):
        part = [_standing(row) for row in rows if row.chain == name]
        flaws += _broken(part, whole=part[0].index == 1)
    return own, [*flaws, *books.strays()]


def _stray(event: str, what: str) -> Flaw:
    return Flaw(Fault.EDITED, "", 0, 0, event, f"no statement speaks of this {what}")


def _broken(standings: Sequence[Standing], *, whole: bool) -> list[Flaw]:
    found = chain.breaks(standings, whole=whole)
    return [Flaw(one.fault, one.chain, one.index, one.since, "", _SENTENCES[one.fault]) for one in found]


_SENTENCES = {
    Fault.EDITED: "the statement is not the one that was hashed",
    Fault.MISSING: "statements before it have not come, or were removed",
    Fault.UNJOINED: "it does not follow the statement before it",
    Fault.FORKED: "two statements claim this place",
}


def _standing(row: LinkRow) -> Standing:
    said = _read(row)
    link = None if said is None or said.id != row.event else said.link
    place = (row.chain, row.place, row.previous)
    sound = link is not None and (link.chain, link.index, link.previous) == place
    return Standing(*place, row.hash, sound and chain.digest(row.statement) == row.hash)


def _read(row: LinkRow) -> Statement | None:
    try:
        return _statement.decode(row.statement)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


async def _disagreements(connection: Connection, rows: Sequence[LinkRow], books: _Books) -> list[Flaw]:
    """Where the tables say something else than the statements."""
    events = list({row.event for row in rows})
    scenes = {one.id: one for one in await evidence_links.scenes(connection, events)}
    pieces = {(one.event, one.kind, one.sha256): one for one in await evidence_links.pieces(connection, events)}
    books.kept |= set(pieces)
    flaws = list[Flaw]()
    for row in rows:
        said = _read(row)
        if said is None:
            continue
        details = [*_of_scene(said, scenes.get(said.id)), *_of_pieces(said, pieces)]
        books.stated |= set(_names(said))
        flaws += [Flaw(Fault.EDITED, row.chain, row.place, row.place, row.event, detail) for detail in details]
    return flaws


def _of_scene(said: Statement, row: SceneColumns | None) -> Iterable[str]:
    if row is None:
        yield "its scene event was removed"
    elif isinstance(said, SceneBegan) and not _same_scene(said, row):
        yield "the scene event differs from the statement"
    elif isinstance(said, SceneEnded) and (said.at, said.why) != (row.ended, row.ended_why):
        yield "the scene event's end differs from the statement"


def _same_scene(said: SceneBegan, row: SceneColumns) -> bool:
    stated = (said.scene, said.zone, said.track, said.first, said.best, said.last, said.why, said.model)
    kept = (row.scene, row.zone, row.track, row.first, row.best, row.last, row.why, row.model)
    return stated == kept and said.rule_version == row.rule_version and said.samples == _samples.decode(row.samples)


def _items(said: Statement) -> Sequence[EvidenceItem]:
    if isinstance(said, SceneBegan):
        return said.evidence
    return (said.item,) if isinstance(said, EvidenceAdded) else ()


def _names(said: Statement) -> Iterable[Name]:
    if isinstance(said, EvidenceMissing):
        yield _no(said)
    for item in _items(said):
        yield said.id, item.kind, item.sha256


def _of_pieces(said: Statement, pieces: dict[Name, PieceColumns]) -> Iterable[str]:
    for item in _items(said):
        row = pieces.get((said.id, item.kind, item.sha256))
        if row is None:
            yield f"the {item.kind} {item.sha256[:12]} was removed"
        elif not _same_piece(item, row):
            yield f"the {item.kind} {item.sha256[:12]} differs from the statement"
    if isinstance(said, EvidenceMissing) and _no(said) not in pieces:
        yield f"the word that the {said.part} is missing was removed"


def _no(said: EvidenceMissing) -> Name:
    return said.id, f"no {said.part}", said.sha256 or ""


def _same_piece(item: EvidenceItem, row: PieceColumns) -> bool:
    stated = (item.media_type, item.size, item.begin, item.end, item.complete, item.why, item.of)
    return stated == (row.media_type, row.size, row.begin, row.end, row.complete, row.why, row.of)
