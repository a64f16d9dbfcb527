"""One connection to a camera: open, read encoded packets, close. It never retries itself; its supervisor does."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.container.input import InputContainer

from domain.network import LOOPBACK, PRIVATE, Networks
from edge import address, bitstream
from edge.answer import AnswerError
from edge.clock import CaptureClock
from edge.counters import Counters
from edge.greeting import Greeting
from edge.ring import EncodedPacket, StreamFormat

MOST_CORRUPT = 50  # packets in a row that the demuxer refuses
_WAIT = 0.001
_AFTER_GREETING = 2  # FFmpeg waits so many times as long as the greeting does, which so is over before it gives up

# fpsprobesize 0: FFmpeg would else hold the stream back for a second or two to guess a frame rate nobody asks for.
_OPTIONS = {
    "rtsp_transport": "tcp",
    "fpsprobesize": "0",
    "protocol_whitelist": "rtsp,rtp,tcp",
}
_BRIEF_OPTIONS = {**_OPTIONS, "probesize": "32"}
_FILE_OPTIONS = {"protocol_whitelist": "file"}


class SourceError(Exception):
    """The camera cannot be reached or read. The message is one sentence for people, without the credential.

    `definite`: waiting will not heal it (wrong password, wrong path); it is retried all the same.
    """

    def __init__(self, message: str, *, definite: bool = False) -> None:
        super().__init__(message)
        self.definite = definite


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How to connect. Times in seconds."""

    open_timeout_s: float = 5.0
    read_timeout_s: float = 2.0
    allow_files: bool = False
    networks: Networks = (*PRIVATE, *LOOPBACK)  # where cameras may be
    brief: bool = False  # for one look: FFmpeg need not study the stream, which costs as much as the look's decoding


class Source:
    """One connection's life; used by one thread."""

    def __init__(self, url: str, options: SourceOptions, counters: Counters) -> None:
        self._url, self._options, self._counters = url, options, counters
        self._container: InputContainer | None = None
        self._clock = CaptureClock()
        self._paced = False
        self._began: float | None = None
        self.format = StreamFormat("", b"")
        self.lag = float("inf")  # s that the latest packet came after its capture; infinite when it did not say when

    def open(self) -> None:
        """Connect; raises SourceError."""
        url = self._checked()
        self._paced = url.startswith("file:")
        greeting: Greeting | None = None
        try:
            if self._paced:
                self._container = av.open(url, options=_FILE_OPTIONS)
            else:
                greeting = Greeting(url, self._options.open_timeout_s)
                self._container = self._opened(greeting.url)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            why = greeting.failure if greeting is not None else None
            raise self._failure(why or error) from None  # the original names the URL, password and all
        self._choose()

    def _opened(self, url: str) -> InputContainer:
        options = _BRIEF_OPTIONS if self._options.brief else _OPTIONS
        patience = _AFTER_GREETING * self._options.open_timeout_s
        return av.open(url, options=options, timeout=(patience, self._options.read_timeout_s))

    def packets(self, stop: threading.Event) -> Iterator[EncodedPacket]:
        """Packets as they come, until `stop`; raises SourceError when they end. `format` may change at a keyframe."""
        corrupt = 0
        while not stop.is_set():
            try:
                for packet in self._demux(stop):
                    corrupt = 0
                    yield packet
                    if stop.is_set():
                        return
            except av.error.InvalidDataError:
                corrupt += 1
                self._counters.add("packets_corrupt")
                if corrupt < MOST_CORRUPT:
                    continue
                raise SourceError("the camera sends data that is no video") from None
            except (av.error.FFmpegError, OSError, ValueError) as error:
                raise self._failure(error) from None
            raise SourceError("the camera ended the stream")

    def close(self) -> None:
        """Hang up; waits until it is done."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _checked(self) -> str:
        """The address to connect to: a number that a camera may have."""
        try:
            url = address.check(self._url, allow_files=self._options.allow_files)
            return url if url.startswith("file:") else address.pinned(url, self._options.networks)
        except address.AddressError as error:
            raise SourceError(str(error), definite=True) from None
        except address.UnknownHostError as error:
            raise SourceError(str(error)) from None

    def _choose(self) -> None:
        assert self._container is not None
        if not self._container.streams.video:
            self.close()
            raise SourceError("the camera sends no video stream", definite=True)
        self._stream = self._container.streams.video[0]
        context = self._stream.codec_context
        self.format = StreamFormat(context.name, bytes(context.extradata or b""))

    def _demux(self, stop: threading.Event) -> Iterator[EncodedPacket]:
        assert self._container is not None
        base = float(self._stream.time_base or 0)
        for packet in self._container.demux(self._stream):
            if not packet.size:
                continue  # the demuxer's flush packet at the end
            pts = None if packet.pts is None else packet.pts * base
            if self._paced:
                self._pace(pts or 0.0, stop)
            if packet.is_corrupt:
                self._counters.add("packets_corrupt")
            data = bytes(packet)
            if packet.is_keyframe:
                self._renew_format(data)
            now = time.time()
            at = self._clock.capture(pts, now)
            self.lag = float("inf") if pts is None else now - at
            yield EncodedPacket(at, packet.is_keyframe, data)

    def _renew_format(self, data: bytes) -> None:
        """A camera that changes its resolution says so by new parameter sets in band."""
        if self.format.extradata[:1] == b"\x01":
            return  # avcC or hvcC: a file's header, fixed
        sets = bitstream.parameter_sets(self.format.codec, data)
        if sets and sets != self.format.extradata:
            self.format = StreamFormat(self.format.codec, sets)

    def _pace(self, pts: float, stop: threading.Event) -> None:
        """A file is played at its own speed, as a camera would send it."""
        now = time.monotonic()
        if self._began is None:
            self._began = now - pts
        wait = self._began + pts - now
        if wait > _WAIT:
            stop.wait(wait)

    def _failure(self, error: Exception) -> SourceError:
        where = address.redacted(self._url)
        if isinstance(error, AnswerError):
            return SourceError(str(error).format(where=where), definite=True)
        for kinds, sentence, definite in _SENTENCES:
            if isinstance(error, kinds):
                return SourceError(sentence.format(where=where), definite=definite)
        detail = getattr(error, "strerror", None) or type(error).__name__
        return SourceError(f"cannot read the camera at {where} ({detail})")


_SENTENCES: tuple[tuple[tuple[type[Exception], ...], str, bool], ...] = (
    (
        (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError),
        "the camera at {where} refuses the user name or password: correct it in the registry",
        True,
    ),
    ((av.error.HTTPServerError,), "the camera at {where} answers that it cannot serve now", False),
    ((av.error.HTTPNotFoundError,), "there is no stream at {where}: correct the path in the registry", True),
    ((ConnectionRefusedError,), "nothing listens at {where}: check the port, and that the camera is on", False),
    ((av.error.ExitError, TimeoutError), "the camera at {where} does not answer in time", False),
    ((av.error.EOFError,), "the camera at {where} ended the stream", False),
    (
        (av.error.InvalidDataError,),
        "what the camera at {where} sends is no video that can be read",
        False,
    ),
    ((FileNotFoundError,), "there is no file {where}", True),
)
