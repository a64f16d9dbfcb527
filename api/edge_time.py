"""What time it is here: edges compare their clocks with it. It is no secret, so nobody has to log in."""

import time

from fastapi import APIRouter

from api.openapi import problems
from api.place_model import Now

router = APIRouter(prefix="/edge/time", tags=["edge"])


@router.get("", responses=problems(), summary="What time is it?")
async def now() -> Now:
    """The platform's time when the question came and when the answer went, as NTP needs them."""
    received = time.time_ns() // 1000
    return Now(received=received, answered=time.time_ns() // 1000)
