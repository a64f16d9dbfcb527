"""The live stage: shows cameras to viewers over WebRTC, in one asyncio loop in a thread of its own (ADR 14)."""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, assert_never

import structlog

from domain.wire import (
    LiveAnswer,
    LiveEnd,
    LiveEnded,
    LiveLook,
    LiveOffer,
    LivePicture,
    LiveRefusal,
    LiveRefused,
    LiveReply,
    LiveRequest,
)
from edge.config import LiveLimits
from edge.counters import Counters
from edge.live_feed import Lease, LiveFeed, RefusedError, Slots, SubAddress
from edge.live_view import LiveView, OfferError, Viewer
from edge.redaction import FindHeads
from edge.ring import Ring, Stretch
from edge.still import Still, StillError, still

log = structlog.get_logger(__name__)

Reply = Callable[[LiveReply], None]

MOST_WAITING = 16  # requests in work at once
MOST_USED = 10_000  # tickets remembered; they live for seconds
_CLOSE_S = 5.0


class LiveStage:
    """`request`, `show` and `hide` may be called from any thread; all else happens in the stage's own."""

    def __init__(self, limits: LiveLimits, heads: FindHeads, counters: Counters) -> None:
        """`heads` finds what is hidden in redacted stills."""
        self._limits, self._heads, self._counters = limits, heads, counters
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="live view", daemon=True)
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._feeds: dict[str, LiveFeed] = {}
        self._slots = Slots(limits.transcodes)
        self._views: dict[str, LiveView] = {}
        self._used: OrderedDict[str, Viewer] = OrderedDict()  # tickets, the latest last
        self._stills: dict[tuple[str, bool], Still] = {}  # by camera, and whether heads are hidden
        self._decoding = asyncio.Lock()  # one still at a time: the cores belong to the detector
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End all views; waits."""
        asyncio.run_coroutine_threadsafe(self._end_all(), self._loop).result(_CLOSE_S * 2)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def show(self, camera: str, ring: Ring, sub: SubAddress | None = None) -> None:
        """A camera is watched: its ring may be shown, or rather its sub-stream where it has one."""
        self._call(lambda: self._feeds.__setitem__(camera, LiveFeed(ring, sub, self._slots, self._counters)))

    def hide(self, camera: str) -> None:
        """A camera is watched no more: its views end."""
        self._call(lambda: self._hide(camera))

    def request(self, request: LiveRequest, reply: Reply) -> None:
        """Answer by `reply`, called once on the stage's thread, or at once when there is too much to do."""
        if not self._waiting.acquire(blocking=False):
            self._counters.add("live_refused")
            reply(LiveRefused(request.id, LiveRefusal.BUSY))
            return
        self._call(lambda: self._spawn(self._answer(request, reply)))

    def _call(self, what: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(what)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _hide(self, camera: str) -> None:
        self._feeds.pop(camera, None)
        for redacted in (False, True):
            self._stills.pop((camera, redacted), None)
        for view in self._of(camera):
            view.end("the camera is watched no more")

    def _of(self, camera: str) -> list[LiveView]:
        return [view for view in self._views.values() if view.viewer.camera == camera]

    async def _answer(self, request: LiveRequest, reply: Reply) -> None:
        try:
            reply(await self._granted(request))
        except RefusedError as error:
            self._counters.add("live_refused")
            log.info("a live request is refused", camera=request.camera, why=error.reason.value)
            reply(LiveRefused(request.id, error.reason))
        except Exception:
            self._counters.add("live_failed")
            log.exception("a live request failed", camera=request.camera)
            reply(LiveRefused(request.id, LiveRefusal.FAILED))
        finally:
            self._waiting.release()

    def _granted(self, request: LiveRequest) -> Awaitable[LiveReply]:
        match request:
            case LiveOffer():
                return self._begin(request)
            case LiveEnd():
                return self._finish(request)
            case LiveLook():
                return self._look(request)
            case _:
                assert_never(request)

    async def _begin(self, offer: LiveOffer) -> LiveReply:
        viewer = Viewer(offer.camera, offer.view, offer.viewer)
        self._use(viewer)
        lease = await self._feed(offer.camera).take()
        try:
            view, answer = await self._opened(viewer, lease, offer)
        except BaseException:
            await lease.end()
            raise
        self._spawn(self._run(view, lease))
        return LiveAnswer(offer.id, answer)

    async def _opened(self, viewer: Viewer, lease: Lease, offer: LiveOffer) -> tuple[LiveView, str]:
        self._make_room(viewer.camera)
        view = self._views[viewer.view] = LiveView(
            viewer, lease.ring, _within(self._limits, offer.until), self._counters
        )
        try:
            return view, await view.answer(offer.sdp)
        except BaseException as error:
            del self._views[viewer.view]
            await view.close()
            if isinstance(error, OfferError):
                log.info("an offer is not understood", camera=viewer.camera, why=str(error)[:300])
                raise RefusedError(LiveRefusal.OFFER) from error
            raise

    def _use(self, viewer: Viewer) -> None:
        """A ticket is good for one view, whatever becomes of it."""
        if viewer.view in self._used:
            raise RefusedError(LiveRefusal.USED)
        self._used[viewer.view] = viewer
        if len(self._used) > MOST_USED:
            self._used.popitem(last=False)

    def _feed(self, camera: str) -> LiveFeed:
        if camera not in self._feeds:
            raise RefusedError(LiveRefusal.CAMERA)
        return self._feeds[camera]

    def _make_room(self, camera: str) -> None:
        if len(self._of(camera)) >= self._limits.per_camera:
            raise RefusedError(LiveRefusal.VIEWERS)
        if len(self._views) >= self._limits.per_edge:
            raise RefusedError(LiveRefusal.BUSY)

    async def _run(self, view: LiveView, lease: Lease) -> None:
        viewer, begun = view.viewer, time.monotonic()
        self._counters.add("live_views")
        log.info("a live view began", camera=viewer.camera, view=viewer.view, person=viewer.person)
        why = "the edge stops"
        try:
            why = await view.ended()
        finally:
            await view.close()
            del self._views[viewer.view]
            await lease.end()
            lasted = round(time.monotonic() - begun, 1)
            log.info("a live view ended", camera=viewer.camera, view=viewer.view, why=why, lasted_s=lasted)

    async def _finish(self, request: LiveEnd) -> LiveReply:
        """End a person's own view; once it is over, by whatever, that is no fault."""
        if self._used.get(request.view) != Viewer(request.camera, request.view, request.viewer):
            raise RefusedError(LiveRefusal.VIEW)
        if request.view in self._views:
            self._views[request.view].end("the viewer has seen enough")
        return LiveEnded(request.id)

    async def _look(self, request: LiveLook) -> LiveReply:
        newest = self._feed(request.camera).fresh()
        key = request.camera, request.redacted
        async with self._decoding:
            kept = self._stills.get(key)
            if kept is None or kept.at != newest.packets[0].at:
                kept = self._stills[key] = await self._decoded(newest, self._heads if request.redacted else None)
        return LivePicture(request.id, datetime.fromtimestamp(kept.at, UTC), kept.jpeg, request.redacted)

    async def _decoded(self, newest: Stretch, heads: FindHeads | None) -> Still:
        try:
            return await asyncio.to_thread(still, newest, heads)
        except StillError as error:
            log.info("a still cannot be made", why=str(error))
            raise RefusedError(LiveRefusal.NO_PICTURE) from error

    async def _end_all(self) -> None:
        for view in self._views.values():
            view.end("the edge stops")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_S)
        left = asyncio.all_tasks() - {asyncio.current_task()}  # aiortc's own too
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_default_executor()


def _within(limits: LiveLimits, until: datetime | None) -> LiveLimits:
    """A view lasts no longer than what permits it."""
    if until is None:
        return limits
    return replace(limits, view_s=min(limits.view_s, (until - datetime.now(UTC)).total_seconds()))
