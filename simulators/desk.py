"""Takes commands for running cameras, line by line, over a Unix socket in the scenario's working folder."""

import asyncio
import socket
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path

import structlog

from simulators import fault as faults
from simulators import moment
from simulators.clip import Clip, ClipError
from simulators.command import SERVER, BadCommandError, Command, parse
from simulators.library import Library
from simulators.listening import ListeningError
from simulators.rtsp import RtspServer
from simulators.rtsp_camera import Feed

log = structlog.get_logger(__name__)

SOCKET = "cameras.sock"
DOWN_S = 5.0  # of a restart that does not say


class DeskError(Exception):
    """The cameras could not be told; the message says why."""


async def tell(path: Path, line: str) -> str:
    """Say a line to the desk that listens at `path`; its answer. Raises DeskError for a refusal."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError as error:
        raise DeskError(
            f"No simulated cameras take commands at {path} ({error.strerror}); start them first."
        ) from error
    writer.write(f"{line}\n".encode())
    answer = (await reader.readline()).decode().strip()
    writer.close()
    if not answer.startswith("ok"):
        raise DeskError(answer.removeprefix("no: ") or "The cameras ended before they answered.")
    return answer


class Desk:
    """Answers each line with one line: `ok …`, or `no …` with the reason."""

    def __init__(self, server: RtspServer, library: Library) -> None:
        self._server, self._library = server, library
        self._tasks: set[asyncio.Task[None]] = set()
        self._door: asyncio.Server | None = None

    async def open(self, path: Path) -> None:
        """Listen at a path, for this account only; a path that is no good is logged, and the cameras run without."""
        try:
            self._door = await asyncio.start_unix_server(self._talk, sock=_bound(path))
        except OSError as error:
            log.warning("cameras take no commands", path=str(path), reason=str(error))

    async def close(self) -> None:
        """Stop listening; what was to happen later does not."""
        if self._door is not None:
            self._door.close()
        for task in list(self._tasks):
            task.cancel()

    async def say(self, line: str) -> str:
        """Do what a line asks, now or at its time of day; the answer."""
        try:
            command = parse(line)
            if command.at is not None:
                self._keep(self._later(command, command.at))
                return f"ok, at {command.at}"
            await self._do(command)
        except (BadCommandError, ClipError) as error:
            return f"no: {error}"
        return "ok"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write((await self.say(line.decode(errors="replace")) + "\n").encode())
                await writer.drain()
        except (OSError, ValueError) as error:  # it left, or its line has no end
            log.info("camera command not heard", reason=str(error))
        finally:
            writer.close()

    async def _later(self, command: Command, at: str) -> None:
        await asyncio.sleep(moment.offset(at, datetime.now(UTC)))
        try:
            await self._do(command)
        except (BadCommandError, ClipError) as error:
            log.warning("camera command failed", camera=command.camera, verb=command.verb, reason=str(error))

    async def _do(self, command: Command) -> None:
        if command.camera == SERVER:
            self._keep(self._restart(DOWN_S if command.for_s is None else command.for_s))
            return
        feed = self._server.feed(command.camera)
        if feed is None:
            raise BadCommandError(f"there is no camera {command.camera!r}")
        match command.verb:
            case "clear":
                self._server.clear_fault(feed.path)
            case "stop":
                self._server.stop(feed.path)
            case "play":
                await self._play(feed, command)
            case _:
                await self._inject(feed, command)

    async def _restart(self, down_s: float) -> None:
        try:
            await self._server.restart(down_s)
        except ListeningError as error:
            log.error("cameras did not come back", reason=str(error))  # noqa: TRY400 - the sentence says it all

    async def _play(self, feed: Feed, command: Command) -> None:
        clip = await asyncio.to_thread(self._library.get, command.clip)
        if feed.fault is not None:
            await asyncio.to_thread(feed.fault.prepare, clip)
        self._server.play(feed.path, clip, command.times)

    async def _inject(self, feed: Feed, command: Command) -> None:
        fault = faults.make(command.verb, command.for_s, self._library.wardrobe.look)
        await asyncio.to_thread(_prepare, fault, {*feed.camera.clips, feed.truth})
        self._server.inject(feed.path, fault)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _bound(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(str(path))
    path.chmod(0o600)
    return door


def _prepare(fault: faults.Fault, clips: set[Clip]) -> None:
    for clip in clips:
        fault.prepare(clip)
