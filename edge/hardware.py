"""Hardware: the device that decodes streams followed picture by picture, where there is one that FFmpeg can use.

Lone keyframes are decoded in software all the same: one in two seconds takes less than to fetch it from a device.
"""

from functools import cache

import av
import structlog
from av.codec.codec import Codec
from av.codec.context import CodecContext
from av.codec.hwaccel import HWAccel, hwdevices_available

log = structlog.get_logger(__name__)

AUTO, OFF = "auto", "off"
PREFERRED = ("vaapi", "cuda", "qsv", "videotoolbox", "d3d11va")  # what `auto` tries, in this order
_USUAL = "h264"  # a device that cannot decode this one is of no use
_OPTIONS: dict[str, dict[str, object]] = {"cuda": {"primary_ctx": "1"}}  # one context for all decoders, not one each
_REFUSALS = (av.error.FFmpegError, OSError, NotImplementedError, ValueError)


class Hardware:
    """One device. A decoder that it refuses, for its codec or for too many of them, is made in software; the sampler
    does so with one that fails later.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._told = False

    def prove(self) -> None:
        """Open the device; raises one of FFmpegError, OSError, NotImplementedError or ValueError."""
        self._settings().create(Codec(_USUAL, "r"))

    def context(self, codec: str) -> CodecContext:
        """A decoder's context, on the device if it can be."""
        try:
            return CodecContext.create(codec, "r", hwaccel=self._settings())
        except _REFUSALS as error:
            self.failed(str(error))
        return software(codec)

    def failed(self, why: str) -> None:
        """It did not make a decoder, or one of its decoders gave up; told once."""
        if not self._told:
            self._told = True
            log.warning("the device fails a decoder, software does its work", device=self.name, why=why)

    def _settings(self) -> HWAccel:
        return HWAccel(self.name, allow_software_fallback=True, options=_OPTIONS.get(self.name))


def software(codec: str) -> CodecContext:
    """The context of FFmpeg's own decoder."""
    return CodecContext.create(codec, "r")


@cache
def find(wish: str) -> Hardware | None:
    """The device to decode with: `auto` takes the first that opens, `off` none, a name that one; looked for once."""
    if wish == OFF:
        return None
    built_in = hwdevices_available()
    tried = [name for name in PREFERRED if name in built_in] if wish == AUTO else [wish]
    for device in map(Hardware, tried):
        try:
            device.prove()
        except _REFUSALS as error:
            log.debug("a device cannot decode", device=device.name, why=str(error))
        else:
            log.info("video is decoded by a device", device=device.name)
            return device
    if wish == AUTO:
        log.info("video is decoded in software: no device for it was found", tried=tried)
    else:
        log.warning("video is decoded in software: the wanted device does not open", wanted=wish, known=built_in)
    return None
