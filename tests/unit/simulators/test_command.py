"""What may be said to running cameras, and when it is done."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from simulators import moment
from simulators.command import BadCommandError, Command, parse
from simulators.desk import Desk
from simulators.library import Library
from simulators.rtsp import RtspServer
from simulators.wardrobe import Wardrobe


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("kitchen-1 black\n", Command("kitchen-1", "black")),
        ("kitchen-1 stall for 2.5", Command("kitchen-1", "stall", for_s=2.5)),
        ("kitchen-1 clear", Command("kitchen-1", "clear")),
        ("kitchen-1 stop", Command("kitchen-1", "stop")),
        ("kitchen-1 play rat-night", Command("kitchen-1", "play", "rat-night")),
        ("kitchen-1 play rat-night 3", Command("kitchen-1", "play", "rat-night", 3)),
        ("at 20:05 kitchen-1 play rat-night", Command("kitchen-1", "play", "rat-night", at="20:05")),
        ("at 06:00:30 server restart for 5", Command("server", "restart", for_s=5.0, at="06:00:30")),
    ],
)
def test_commands_are_read(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    "line",
    ["", "kitchen-1", "kitchen-1 sleep", "server black", "server clear", "kitchen-1 black for ever", "kitchen-1 play",
     "kitchen-1 play x 0", "at 25:00 kitchen-1 black", "at", "kitchen-1 black for"],
)  # fmt: skip
def test_what_is_no_command_is_refused_with_the_grammar(line: str) -> None:
    with pytest.raises(BadCommandError, match="CAMERA stall"):
        parse(line)


def test_a_time_of_day_is_the_next_one() -> None:
    noon = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    here = noon.astimezone()
    assert moment.offset(f"{here + timedelta(minutes=5):%H:%M}", noon) == 300
    assert moment.offset(f"{here - timedelta(minutes=5):%H:%M:%S}", noon) == 86_400 - 300
    assert moment.offset(7, noon, 3.0) == 10
    assert (moment.every("20:05"), moment.every(7)) == (86_400, None)


class Server:
    """A server without cameras."""

    def feed(self, path: str) -> None:
        return None


async def test_a_desk_says_no_with_the_reason_and_waits_for_a_time_of_day(tmp_path: Path) -> None:
    desk = Desk(cast(RtspServer, Server()), Library(Wardrobe(tmp_path)))
    assert (await desk.say("nobody black")).startswith("no: there is no camera 'nobody'")
    assert (await desk.say("nonsense")).startswith("no: ")
    assert await desk.say("at 20:05 nobody black") == "ok, at 20:05"
    await desk.close()
