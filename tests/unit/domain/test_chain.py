"""A chain shows every edit, every gap, every swap and every fork, and nothing in an intact one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chain import GENESIS, Break, Fault, Standing, breaks, digest

NAME = "c" * 32


def chain(length: int) -> list[Standing]:
    links, previous = list[Standing](), GENESIS
    for index in range(1, length + 1):
        links.append(Standing(NAME, index, previous, digest(f"{index} after {previous}".encode()), sound=True))
        previous = links[-1].hash
    return links


@given(st.integers(0, 30), st.integers(0, 10))
def test_an_intact_chain_and_each_stretch_of_it_has_no_break(length: int, start: int) -> None:
    links = chain(length)
    assert list(breaks(links)) == []
    assert list(breaks(links[start:], whole=start == 0)) == []


@given(st.integers(2, 30), st.data())
def test_any_link_removed_but_the_last_is_missed(length: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, length - 1))
    links = chain(length)
    del links[place - 1]
    assert list(breaks(links)) == [Break(NAME, place + 1, Fault.MISSING, place)]


@given(st.integers(2, 30), st.data())
def test_any_two_links_swapped_show(length: int, data: st.DataObject) -> None:
    one, other = sorted(data.draw(st.sets(st.integers(0, length - 1), min_size=2, max_size=2)))
    links = chain(length)
    swapped = list(links)
    swapped[one] = replace(links[other], index=one + 1)
    swapped[other] = replace(links[one], index=other + 1)
    assert list(breaks(swapped))


def test_what_is_wrong_is_named() -> None:
    links = chain(3)
    fork = Standing(NAME, 2, links[0].hash, digest(b"another"), sound=True)
    cases = {
        Fault.EDITED: [links[0], replace(links[1], sound=False), links[2]],
        Fault.UNJOINED: [replace(links[0], hash=digest(b"x")), *links[1:]],
        Fault.FORKED: [links[0], fork, links[1], links[2]],
    }
    assert {fault: next(iter(breaks(case))).fault for fault, case in cases.items()} == {fault: fault for fault in cases}


def test_a_chain_that_does_not_begin_at_its_beginning_is_broken() -> None:
    first = replace(chain(1)[0], previous=digest(b"something"))
    assert [one.fault for one in breaks([first])] == [Fault.UNJOINED]


@pytest.mark.parametrize("statement", [b"", b"{}", b'{"link": 1}'])
def test_the_hash_is_of_the_bytes_as_they_are(statement: bytes) -> None:
    assert digest(statement) != digest(statement + b" ")
