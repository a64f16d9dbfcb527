"""Pictures that people send: checked, encoded anew, kept in the vault, with the time that their sender claims."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import UploadFile

from api import photo
from api.desk import Desk
from api.problem import ProblemError
from store.workflow import Photo

_encoding = CapacityLimiter(2)  # a decoded photo takes tens of megabytes
_SOURCES = ("exif", "file")


async def keep(desk: Desk, files: Sequence[UploadFile], claims: Sequence[str] = ()) -> tuple[Photo, ...]:
    """The photos in their order, each once. `claims`: of each, "exif TIME" or "file TIME"; else its own EXIF.

    Raises ProblemError 422 for too many, or one that is no photo.
    """
    chosen = [file for file in files if file.filename or file.size]
    if len(chosen) > photo.MAX_PHOTOS:
        raise ProblemError(422, "photos", {"n": photo.MAX_PHOTOS})
    told = [*claims, *[""] * len(chosen)]
    kept = [await _keep(desk, file, claim(text)) for file, text in zip(chosen, told, strict=False)]
    return tuple({one.sha256: one for one in kept}.values())


async def keep_signature(desk: Desk, file: UploadFile | None) -> Photo | None:
    """The signature, None where there is none; raises ProblemError 422 where nothing is drawn on it."""
    if file is None or not file.size:
        return None
    data = await file.read()
    try:
        clean = await to_thread.run_sync(photo.signature, data, limiter=_encoding)
    except photo.PhotoError as error:
        raise ProblemError(422, "signature") from error
    return Photo(await desk.vault.put(clean), "image/png", len(clean), kind="signature")


def claim(text: str) -> tuple[datetime, str] | None:
    """When a photo was taken and what says so; None for nonsense: it is only a remark."""
    source, _, moment = text.partition(" ")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    sane = found.tzinfo is not None and 1990 < found.year < 9000 and source in _SOURCES
    return (found, source) if sane else None


async def _keep(desk: Desk, file: UploadFile, told: tuple[datetime, str] | None) -> Photo:
    if file.size is not None and file.size > photo.MAX_BYTES:
        raise ProblemError(422, "photo")
    data = await file.read()
    try:
        clean = await to_thread.run_sync(photo.reencode, data, limiter=_encoding)
    except photo.PhotoError as error:
        raise ProblemError(422, "photo") from error
    if told is None:
        own = photo.taken(data, ZoneInfo(desk.config.timezone))
        told = None if own is None else (own, "exif")
    moment, source = told or (None, None)
    return Photo(await desk.vault.put(clean), "image/jpeg", len(clean), moment, source)
