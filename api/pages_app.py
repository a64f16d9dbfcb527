"""The console as an app on a phone: manifest, service worker, the page for a lost line."""

import hashlib
import json
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api import language, render

router = APIRouter(include_in_schema=False)

_ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))
# By the addresses that the templates link; a module that another imports has no version in its address.
_LINKED = ("base.css", "parts.css", "phone.css", "icon.svg", "icon-192.png", "clock.js", "app.js", "outbox.js",
           "guide.js", "offline.js", "queue.js", "alert.js", "home.js")  # fmt: skip
_IMPORTED = ("drafts.js", "shrink.js", "sign.js", "live.js", "chart.js", "clock.js", "fresh.js", "awaited.js")


@router.get("/manifest.webmanifest")
async def manifest(request: Request) -> Response:
    """What a phone needs to install the console."""
    spoken = language.of_page(request)
    body = {
        "id": "/",
        "name": language.text(spoken, "app.name") + " · " + language.text(spoken, "app.tagline"),
        "short_name": language.text(spoken, "app.name"),
        "lang": "en" if spoken is language.Language.EN else "zh-CN",
        "start_url": "/home",
        "scope": "/",
        "display": "standalone",
        "background_color": "#0b7a6f",
        "theme_color": "#0b7a6f",
        "icons": [
            {"src": render.asset(name), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
            for name, side, purpose in _ICONS
        ],
    }
    headers = {"cache-control": "no-cache", "vary": "cookie"}
    return JSONResponse(body, headers=headers, media_type="application/manifest+json")


@router.get("/sw.js")
async def worker() -> Response:
    """The service worker; from the root, so that it sees every page. It changes with what it keeps."""
    return Response(_worker(), media_type="text/javascript", headers={"cache-control": "no-cache"})


@cache
def _worker() -> str:
    shell = ["/offline", *map(render.asset, _LINKED), *(f"/static/{name}" for name in _IMPORTED)]
    body = files("api").joinpath("static", "worker.js").read_text(encoding="utf-8")
    told = "".join(render.asset(name) for name in (*_LINKED, *_IMPORTED)) + _offline() + body
    version = f"shell-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    return f"const SHELL = {json.dumps(shell)}, VERSION = {json.dumps(version)};\n{body}"


@router.get("/offline")
async def offline() -> Response:
    """Nobody's page, in both languages: it is kept in the browser."""
    return HTMLResponse(_offline(), headers={"cache-control": "no-cache"})


@cache
def _offline() -> str:
    return render.document("offline.html", {"asset": render.asset})
