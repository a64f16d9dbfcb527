"""The disk's state is told once when it changes, and once when it is over; uploads keep to their rate."""

import errno

from domain.wire import Storage
from edge.bucket import Bucket
from edge.storage import CALM_S, Signs, StorageWatch, Told


class Disk:
    """A disk that is full or not."""

    full = False

    def probe(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


def told(watch: StorageWatch, signs: Signs, *times: float) -> list[Storage]:
    looks: list[Told | None] = [watch.look(signs, now) for now in times]
    return [look.state for look in looks if look is not None]


def test_a_full_disk_is_told_once_and_so_is_its_end() -> None:
    disk = Disk()
    watch = StorageWatch(disk.probe, Signs(0, 0, 0))
    assert told(watch, Signs(0, 0, 0), 0, 2, 4) == []
    disk.full = True
    assert told(watch, Signs(1, 0, 0), 6) == [Storage.FULL]
    assert told(watch, Signs(9, 0, 0), 8, 10, 600) == []
    disk.full = False
    assert told(watch, Signs(9, 0, 0), 602, 604) == [Storage.OK]


def test_a_single_refusal_of_a_disk_with_room_is_no_alert() -> None:
    watch = StorageWatch(Disk().probe, Signs(0, 0, 0))
    assert told(watch, Signs(1, 0, 0), 0) == []


def test_a_time_of_shedding_is_one_alert() -> None:
    watch = StorageWatch(Disk().probe, Signs(0, 5, 0))
    assert told(watch, Signs(0, 5, 0), 0) == []
    assert told(watch, Signs(0, 6, 0), 2) == [Storage.SHEDDING]
    assert told(watch, Signs(0, 90, 7), 30, 40) == []
    assert told(watch, Signs(0, 90, 7), 30 + CALM_S - 1) == []
    assert told(watch, Signs(0, 90, 7), 30 + CALM_S + 1) == [Storage.OK]


def test_the_reason_names_what_is_full() -> None:
    watch = StorageWatch(Disk().probe, Signs(0, 0, 0))
    look = watch.look(Signs(0, 0, 1), 0)
    assert look is not None
    assert "evidence folder" in look.why


def test_bytes_pass_at_the_rate_whatever_their_size() -> None:
    now = [0.0]
    bucket = Bucket(1000, lambda: now[0])
    waited = 0.0
    for size in (500, 1500, 100, 3000, 900):
        wait = bucket.take(size)
        now[0] += wait
        waited += wait
    assert waited == (500 + 1500 + 100 + 3000 + 900 - 1000) / 1000


def test_without_a_limit_nothing_waits() -> None:
    assert Bucket(0).take(10**9) == 0
