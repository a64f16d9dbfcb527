"""A table's rows as a file, piece by piece: CSV, or Parquet where pyarrow is installed."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from importlib.util import find_spec
from typing import Any, Protocol

from store.extracts import Row

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
Columns = Sequence[tuple[str, str]]


class Format(StrEnum):
    """How a file is written."""

    CSV = "csv"
    PARQUET = "parquet"


class Sheet(Protocol):
    """Rows go in, bytes come out: `begin`, `rows` for each chunk, `end`."""

    def begin(self) -> bytes: ...

    def rows(self, rows: Sequence[Row]) -> bytes: ...

    def end(self) -> bytes: ...


def available(wanted: Format) -> bool:
    """Whether this installation can write it."""
    return wanted is Format.CSV or find_spec("pyarrow") is not None


def sheet(wanted: Format, columns: Columns) -> Sheet:
    """A new file with those columns."""
    return CsvSheet(columns) if wanted is Format.CSV else ParquetSheet(columns)


class CsvSheet:
    """RFC 4180 with a line of names; UTF-8, times in ISO 8601, what is not there is empty."""

    def __init__(self, columns: Columns) -> None:
        self._names = [name for name, _ in columns]

    def begin(self) -> bytes:
        return _lines([self._names])

    def rows(self, rows: Sequence[Row]) -> bytes:
        return _lines([_plain(value) for value in row] for row in rows)

    def end(self) -> bytes:
        return b""


def _lines(rows: Any) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else value


class ParquetSheet:
    """Parquet with a row group for each chunk, compressed by Zstandard."""

    def __init__(self, columns: Columns) -> None:
        import pyarrow as arrow  # an optional extra, and 50 MB once it is loaded
        from pyarrow import parquet

        kinds = {
            "int": arrow.int64(), "float": arrow.float64(), "text": arrow.string(), "date": arrow.date32(),
            "time": arrow.timestamp("us", tz="UTC"),
        }  # fmt: skip
        self._arrow = arrow
        self._schema = arrow.schema([(name, kinds[kind]) for name, kind in columns])
        self._out = io.BytesIO()
        self._writer = parquet.ParquetWriter(_Unseekable(self._out), self._schema, compression="zstd")

    def begin(self) -> bytes:
        return self._taken()

    def rows(self, rows: Sequence[Row]) -> bytes:
        arrays = [
            self._arrow.array(values, type=field.type)
            for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._taken()

    def end(self) -> bytes:
        self._writer.close()
        return self._taken()

    def _taken(self) -> bytes:
        """What was written since the last time."""
        piece = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return piece


class _Unseekable(io.RawIOBase):
    """Where Parquet is written to: it is told how far it is, and never goes back."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out, self._written = out, 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += len(memoryview(data).cast("B"))
        return self._out.write(data)

    def tell(self) -> int:
        return self._written
