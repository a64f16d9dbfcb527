"""Columns as PostgreSQL reads them in binary: array parameters and COPY rows, encoded by numpy and not row by row."""

import struct
from collections.abc import Sequence
from typing import Any, ClassVar, LiteralString, cast

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

from store.connection import Connection

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_PG_EPOCH_US = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970-01-01
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_ARRAY_HEAD = 20  # bytes: dimensions, flags, element type, length, lower bound
_COPY_TAIL = struct.pack("!h", -1)


class Column:
    """Values of shape (n,), none of them NULL. A subclass says which type they have in the database."""

    element: ClassVar[int]  # the type's OID
    array: ClassVar[int]  # the OID of its array type
    dtype: ClassVar[str]  # how one value looks on the wire

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def wire(self) -> NDArray[Any]:
        """The values as they are sent, still in this machine's byte order."""
        return self.values

    @staticmethod
    def heard(values: NDArray[Any]) -> NDArray[Any]:
        """The inverse of `wire`."""
        return values

    def to_array(self) -> bytes:
        """PostgreSQL's binary form of a one-dimensional array."""
        head = struct.pack("!iiIii", 1, 0, self.element, len(self.values), 1)
        body = np.empty(len(self.values), dtype=[("length", ">i4"), ("value", self.dtype)])
        body["length"] = np.dtype(self.dtype).itemsize
        body["value"] = self.wire()
        return head + body.tobytes()


class Int2s(Column):
    element, array, dtype = 21, 1005, ">i2"


class Int4s(Column):
    element, array, dtype = 23, 1007, ">i4"


class Int8s(Column):
    element, array, dtype = 20, 1016, ">i8"


class Float8s(Column):
    element, array, dtype = 701, 1022, ">f8"


class Uuids(Column):
    """Keys of 16 bytes each, dtype V16."""

    element, array, dtype = 2950, 2951, "V16"


class Instants(Column):
    """Microseconds since 1970-01-01 UTC, int64."""

    element, array, dtype = 1184, 1185, ">i8"

    def wire(self) -> NDArray[Any]:
        return self.values - _PG_EPOCH_US

    @staticmethod
    def heard(values: NDArray[Any]) -> NDArray[Any]:
        return values + _PG_EPOCH_US


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Column) -> Buffer | None:
        return obj.to_array()


for _kind in (Int2s, Int4s, Int8s, Float8s, Uuids, Instants):
    psycopg.adapters.register_dumper(_kind, type(f"{_kind.__name__}Dumper", (_ColumnDumper,), {"oid": _kind.array}))


class _ColumnLoader(Loader):
    """A binary array as a numpy array of its elements, in this machine's byte order; NULL arrays never reach it."""

    format = Format.BINARY
    kind: ClassVar[type[Column]]

    def load(self, data: Buffer) -> NDArray[Any]:
        layout = np.dtype([("length", ">i4"), ("value", self.kind.dtype)])
        if len(data) <= _ARRAY_HEAD:  # without elements it has no dimension
            return np.empty(0, dtype=layout["value"].newbyteorder("="))
        values = np.frombuffer(data, dtype=layout, offset=_ARRAY_HEAD)["value"]
        return self.kind.heard(values.astype(layout["value"].newbyteorder("=")))


_LOADERS = {
    kind.array: type(f"{kind.__name__}Loader", (_ColumnLoader,), {"kind": kind})
    for kind in (Int2s, Int4s, Int8s, Float8s, Uuids, Instants)
}


async def fetch(connection: Connection, query: LiteralString, values: Sequence[object]) -> tuple[NDArray[Any], ...]:
    """The one row of arrays that the query brings, as columns; NULL (what array_agg makes of no rows) is empty."""
    async with connection.cursor(binary=True) as cursor:
        for oid, loader in _LOADERS.items():
            cursor.adapters.register_loader(oid, loader)
        await cursor.execute(query, values)
        row = await cursor.fetchone()
    assert row is not None
    return tuple(np.empty(0, dtype=np.int64) if one is None else cast(NDArray[Any], one) for one in row)


def copy_rows(*columns: Column) -> bytes:
    """The columns (equal lengths) as a whole COPY … FORMAT BINARY stream: one structured array, one tobytes()."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for number, column in enumerate(columns):
        layout += [(f"length{number}", ">i4"), (f"value{number}", column.dtype)]
    body = np.empty(len(columns[0]), dtype=layout)
    body["fields"] = len(columns)
    for number, column in enumerate(columns):
        body[f"length{number}"] = np.dtype(column.dtype).itemsize
        body[f"value{number}"] = column.wire()
    return _COPY_HEAD + body.tobytes() + _COPY_TAIL


def keys(values: list[bytes]) -> Uuids:
    """16-byte keys as one column."""
    return Uuids(np.frombuffer(b"".join(values), dtype="V16"))


def ints(values: list[int]) -> Ints:
    """A list as an int64 column's values."""
    return np.array(values, dtype=np.int64)
