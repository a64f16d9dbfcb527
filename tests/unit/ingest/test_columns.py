"""The binary encoder, field by field, as PostgreSQL's protocol documents describe it."""

import struct
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.datetime import TimestamptzBinaryLoader

from store.columns import (
    _LOADERS,
    Column,
    Float8s,
    Instants,
    Int2s,
    Int4s,
    Int8s,
    Uuids,
    copy_rows,
    ints,
    keys,
)
from store.readings import Readings

ROWS = st.lists(
    st.tuples(
        st.integers(-(2**52), 2**52),
        st.integers(-(2**63), 2**63 - 1),
        st.integers(-(2**31), 2**31 - 1),
        st.floats(allow_nan=False),
        st.integers(-(2**15), 2**15 - 1),
    ),
    max_size=20,
)


def decode(stream: bytes) -> list[list[bytes]]:
    """The documented layout: signature, flags, extension, then fields with their lengths, then the trailer."""
    assert stream[:11] == b"PGCOPY\n\xff\r\n\0"
    place, rows = 19, []
    while (count := struct.unpack_from("!h", stream, place)[0]) != -1:
        place += 2
        fields = []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", stream, place)
            fields.append(stream[place + 4 : place + 4 + length])
            place += 4 + length
        rows.append(fields)
    assert place + 2 == len(stream)
    return rows


@given(ROWS)
def test_copy_rows_are_the_protocols(rows: list[tuple[int, int, int, float, int]]) -> None:
    time, device, metric, value, quality = (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 5
    stream = copy_rows(
        Instants(ints(time)),
        Int8s(ints(device)),
        Int4s(ints(metric)),
        Float8s(np.array(value, dtype=np.float64)),
        Int2s(ints(quality)),
    )
    fields = decode(stream)
    assert [struct.unpack("!q", row[0])[0] + 946_684_800_000_000 for row in fields] == time
    assert [struct.unpack("!q", row[1])[0] for row in fields] == device
    assert [struct.unpack("!i", row[2])[0] for row in fields] == metric
    assert [struct.unpack("!d", row[3])[0] for row in fields] == value
    assert [struct.unpack("!h", row[4])[0] for row in fields] == quality


def test_an_instant_is_the_moment_that_psycopg_reads() -> None:
    moment = datetime(2026, 11, 22, 5, 6, 7, 89, tzinfo=UTC)
    microseconds = 1_795_323_967_000_089
    wire = decode(copy_rows(Instants(ints([microseconds]))))[0][0]
    assert TimestamptzBinaryLoader(1184).load(wire) == moment


def test_columns_are_array_parameters() -> None:
    transformer = Transformer()
    dumper = transformer.get_dumper(keys([b"0123456789abcdef"]), PyFormat.AUTO)
    assert dumper.oid == 2951
    body = bytes(dumper.dump(keys([b"0123456789abcdef", bytes(16)])) or b"")
    assert body == struct.pack(
        "!iiIii", 1, 0, 2950, 2, 1
    ) + b"\0\0\0\x10" + b"0123456789abcdef" + b"\0\0\0\x10" + bytes(16)


@pytest.mark.parametrize("kind", [Int2s, Int4s, Int8s, Float8s, Instants, Uuids])
@given(numbers=st.lists(st.integers(0, 9999), max_size=20))
def test_an_array_is_read_as_it_was_written(kind: type[Column], numbers: list[int]) -> None:
    values = keys([b"%016d" % n for n in numbers]).values if kind is Uuids else ints(numbers)
    loader = _LOADERS[kind.array](kind.array)
    assert loader.load(kind(values).to_array()).tolist() == values.tolist()


def test_an_empty_array_has_no_dimension() -> None:
    assert _LOADERS[Int8s.array](0).load(struct.pack("!iii", 0, 0, 20)).tolist() == []


READINGS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 4), st.integers(0, 99)))


@given(READINGS)
def test_the_newest_of_each_series_is_kept(rows: list[tuple[int, int, int, int]]) -> None:
    wanted: dict[tuple[int, int], tuple[int, float]] = {}
    for device, metric, time, value in rows:
        if time >= wanted.get((device, metric), (-1, 0.0))[0]:
            wanted[(device, metric)] = (time, float(value))
    devices, metrics, times, values = (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 4
    good = np.zeros(len(rows), dtype=np.int64)
    measured = np.array(values, dtype=np.float64)
    found = Readings(ints(times), ints(devices), ints(metrics), measured, good).in_order().newest().readings
    series = zip(found.device.tolist(), found.metric.tolist(), strict=True)
    assert dict(zip(series, zip(found.time.tolist(), found.value.tolist(), strict=True), strict=True)) == wanted
