"""The routes that change something, as the app has them; and those that are also for a role which only reads."""

import inspect
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
    for route in _routes(app):
        if _depends(route.dependant, asks):
            yield from ((verb, route.path) for verb in sorted((route.methods or set()) - _SAFE))


def in_threads(app: FastAPI) -> set[str]:
    """What the routes and those that they depend on call in a thread, because it is no coroutine."""
    called = {call for route in _routes(app) for call in _calls(route.dependant)}
    return {call.__qualname__ for call in called if not inspect.iscoroutinefunction(call)}


def _routes(app: FastAPI) -> Iterator[APIRoute]:
    for included in app.routes:
        routes = getattr(included, "original_router", app.router).routes
        yield from (route for route in routes if isinstance(route, APIRoute))


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    if dependant.call is not None:
        yield dependant.call
    for one in dependant.dependencies:
        yield from _calls(one)


def _depends(dependant: Dependant, asks: tuple[Callable[..., Any], ...]) -> bool:
    return dependant.call in asks or any(_depends(one, asks) for one in dependant.dependencies)
