"""The routes that change something, as the app has them; and those that are also for a role which only reads."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

_SAFE = {"GET", "HEAD"}
# One's own account, lists and browsers; reading that is written down; what is computed and not kept. The desk asks
# whether a channel is an own browser: for others' ids 404.
FREE = {
    "/me/password", "/me/sessions/{session_id}", "/me/sessions/{session_id}/end", "/me/tokens", "/me/tokens/{token_id}",
    "/me/tokens/{token_id}/revoke", "/views", "/views/{name}", "/views/{saved_id}", "/views/{saved_id}/drop",
    "/camera-lists/{name}", "/pushes/{push_id}/opened",
    "/channels/browser", "/channels/{channel_id}", "/channels/{channel_id}/test", "/channels/{channel_id}/remove",
    "/tours", "/tours/{tour_id}/cameras/{camera_id}/look", "/tours/{tour_id}/looks/{look_id}/picture",
    "/tours/{tour_id}/looks/{look_id}/findings", "/tours/{tour_id}/end",
    "/reports", "/rules/check",
}  # fmt: skip


def changing(app: FastAPI, asks: tuple[Callable[..., Any], ...]) -> Iterator[tuple[str, str]]:
    """Verb and template of each changing route that depends on one of `asks`: who is asking."""
    for included in app.routes:
        for route in getattr(included, "original_router", app.router).routes:
            if isinstance(route, APIRoute) and _depends(route.dependant, asks):
                yield from ((verb, route.path) for verb in sorted((route.methods or set()) - _SAFE))


def _depends(dependant: Dependant, asks: tuple[Callable[..., Any], ...]) -> bool:
    return dependant.call in asks or any(_depends(one, asks) for one in dependant.dependencies)
