"""RTP packetisation: what goes into packets comes out again, as RFC 6184 and RFC 7798 say."""

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.rtp import H264, H265, Codec, Stream, interleave_unit, payloads, split_annex_b, split_length_prefixed

NALS = st.lists(st.binary(min_size=3, max_size=400), min_size=1, max_size=6)


def unpacked(codec: Codec, parts: Sequence[bytes]) -> list[bytes]:
    """The NAL units of RTP payloads, written from the RFCs and not from the packetiser."""
    nals: list[bytes] = []
    for part in parts:
        if codec is H264 and part[0] & 0x1F == 28:
            header, body = bytes([part[0] & 0xE0 | part[1] & 0x1F]), part[2:]
            first = bool(part[1] & 0x80)
        elif codec is H265 and part[0] >> 1 & 0x3F == 49:
            header, body = bytes([part[0] & 0x81 | (part[2] & 0x3F) << 1, part[1]]), part[3:]
            first = bool(part[2] & 0x80)
        else:
            nals.append(part)
            continue
        if first:
            nals.append(header)
        nals[-1] += body
    return nals


def as_kind(codec: Codec, nal: bytes) -> bytes:
    """The bytes as an ordinary slice: type 1, whatever they were."""
    return bytes([nal[0] & 0x60 | 1]) + nal[1:] if codec is H264 else bytes([0x02, 0x01]) + nal[2:]


@pytest.mark.parametrize("codec", [H264, H265])
@given(raw=NALS, limit=st.integers(10, 200))
def test_packets_hold_the_nal_units(codec: Codec, raw: list[bytes], limit: int) -> None:
    nals = [as_kind(codec, nal) for nal in raw]
    parts = payloads(codec, nals, limit)
    assert unpacked(codec, parts) == nals
    assert max(map(len, parts)) <= limit


def test_fragments_are_marked_first_and_last() -> None:
    parts = payloads(H264, [b"\x65" + bytes(299)], 100)
    assert [part[1] >> 6 for part in parts] == [2, 0, 0, 1]
    assert all(part[0] == 0x7C and part[1] & 0x1F == 5 for part in parts)  # FU-A with the importance of the original


@given(NALS)
def test_length_prefixes_are_read_and_a_truncated_sample_keeps_its_whole_units(nals: list[bytes]) -> None:
    data = b"".join(struct.pack(">I", len(nal)) + nal for nal in nals)
    assert split_length_prefixed(data, 4) == nals
    assert split_length_prefixed(data[:-1], 4) == nals[:-1]


def test_start_codes_of_both_lengths_are_read() -> None:
    assert split_annex_b(b"\0\0\0\1\x67ab\0\0\1\x68c\0\0\0\1\x65\0\0\3\1") == [b"\x67ab", b"\x68c", b"\x65\0\0\3\1"]


def test_only_the_last_packet_of_a_picture_is_marked_and_numbers_wrap() -> None:
    stream = Stream(ssrc=7, sequence=0xFFFE, base=0xFFFFFFFF, origin=100.0)
    fields = [struct.unpack(">BBHII", header) for header in stream.headers([b"a", b"b", b"c"], 101.0)]
    assert [marker >> 7 for _, marker, *_ in fields] == [0, 0, 1]
    assert [number for _, _, number, *_ in fields] == [0xFFFE, 0xFFFF, 0]
    assert {stamp for *_, stamp, _ in fields} == {89_999}  # one second after the base, beyond 32 bits
    assert stream.sequence == 1


def test_a_sender_report_ties_the_timestamp_to_the_wall_clock() -> None:
    stream = Stream(ssrc=7, sequence=0, base=1000, origin=0.0)
    report = stream.sender_report(2.0, 1_700_000_000.25, packets=3, octets=4_000)
    version, kind, words, ssrc, seconds, fraction, stamp, packets, octets = struct.unpack(">BBHIIIIII", report[:28])
    assert (version, kind, words, ssrc) == (0x80, 200, 6, 7)
    assert (seconds - 2_208_988_800, fraction) == (1_700_000_000, 1 << 30)
    assert (stamp, packets, octets) == (1000 + 180_000, 3, 4_000)
    assert report[29] == 202
    assert len(report) == 28 + 4 * (1 + struct.unpack(">H", report[30:32])[0])


def test_a_picture_is_framed_for_tcp_packet_by_packet() -> None:
    framed = interleave_unit(2, [b"h" * 12, b"i" * 12], [b"abc", b"de"])
    assert framed == b"$\x02\x00\x0f" + b"h" * 12 + b"abc" + b"$\x02\x00\x0e" + b"i" * 12 + b"de"
