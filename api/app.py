"""The api's application: resources, routes, errors in words."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import as_file, files

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api import (
    edge_enrol,
    edge_evidence,
    edge_models,
    edge_time,
    language,
    pages_account,
    pages_alert,
    pages_app,
    pages_audit,
    pages_cameras,
    pages_campaigns,
    pages_channels,
    pages_devices,
    pages_edges,
    pages_equipment,
    pages_guide,
    pages_holds,
    pages_home,
    pages_inspections,
    pages_link,
    pages_map,
    pages_oidc,
    pages_people,
    pages_places,
    pages_public,
    pages_publicity,
    pages_queue,
    pages_report_link,
    pages_reports,
    pages_rescue,
    pages_risk,
    pages_rules,
    pages_session,
    pages_supply,
    pages_tours,
    pages_upkeep,
    pages_vendors,
    pages_views,
    pages_webhooks,
    problem,
    render,
    rest_account,
    rest_actions,
    rest_alerts,
    rest_audit,
    rest_by_hand,
    rest_cameras,
    rest_campaigns,
    rest_cards,
    rest_channels,
    rest_devices,
    rest_draws,
    rest_edges,
    rest_equipment,
    rest_events,
    rest_evidence,
    rest_export,
    rest_extracts,
    rest_health,
    rest_holds,
    rest_inspections,
    rest_letters,
    rest_live,
    rest_map,
    rest_metrics,
    rest_models,
    rest_people,
    rest_places,
    rest_publicity,
    rest_reports,
    rest_risk,
    rest_rules,
    rest_session,
    rest_supply,
    rest_telemetry,
    rest_tours,
    rest_unblurred,
    rest_upkeep,
    rest_vendors,
    rest_views,
    rest_viid,
    rest_webhooks,
    rest_workflow,
    webhook_event_model,
)
from api.allowance import Allowance
from api.answers import Paced, Unchanged
from api.config import ApiConfig
from api.desk import Desk
from api.edge_line import EdgeLine
from api.guard import BodyLimit, LastWord, SameOrigin, SecurityHeaders
from api.limiter import Limiter
from api.live import Live
from api.oidc import SignOn
from api.once import OUTAGES, Once
from api.openapi import Application, route_id
from api.pages import ElsewhereError
from api.problem import FieldFault, ProblemError
from api.shared_limiter import SharedLimiter
from api.vault import NoRoomError, Vault
from store import process
from store.connection import ServiceRole, pool
from store.people import Pool

_log = structlog.get_logger("api")
_ROUTERS = (
    pages_queue,  # asked for most, and routes are tried one by one
    rest_health,
    rest_holds,
    rest_metrics,
    rest_session,
    rest_supply,
    rest_account,
    rest_people,
    rest_audit,
    rest_by_hand,
    rest_alerts,
    rest_workflow,
    rest_actions,
    rest_places,
    rest_telemetry,
    rest_tours,
    rest_letters,
    rest_live,
    rest_map,
    rest_evidence,
    rest_export,
    rest_events,
    rest_unblurred,
    rest_upkeep,
    rest_cameras,
    rest_cards,
    rest_models,
    rest_channels,
    rest_webhooks,
    rest_edges,
    rest_vendors,
    rest_devices,
    rest_draws,
    rest_campaigns,
    rest_rules,
    rest_equipment,
    rest_publicity,
    rest_reports,
    rest_inspections,
    rest_risk,
    rest_views,
    rest_extracts,
    rest_viid,
    edge_evidence,
    edge_models,
    edge_enrol,
    edge_time,
    pages_session,
    pages_supply,
    pages_oidc,
    pages_account,
    pages_people,
    pages_audit,
    pages_tours,
    pages_upkeep,
    pages_app,
    pages_home,
    pages_inspections,
    pages_views,
    pages_holds,
    pages_guide,
    pages_alert,
    pages_vendors,
    pages_devices,
    pages_places,
    pages_cameras,
    pages_channels,
    pages_webhooks,
    pages_edges,
    pages_map,
    pages_rescue,
    pages_risk,
    pages_report_link,
    pages_reports,
    pages_link,
    pages_campaigns,
    pages_rules,
    pages_equipment,
    pages_publicity,
    pages_public,
)
_MACHINES = ("/api/", "/edge/", "/healthz", "/readyz", "/metrics")
_ATTEMPTS_PER_ADDRESS = 50
_LOOKS_PER_MINUTE = 60
_CALLS_PER_MINUTE = 600  # of one API token
_CODES_PER_MINUTE = 10
_COMPLAINTS_PER_HOUR = 10
_COMPLAINTS_OF_ONE_PER_HOUR = 30


def create_app(config: ApiConfig) -> FastAPI:
    """The application, ready for any ASGI server. It starts, and answers 503, without a database too."""
    app = Application(
        title="Mingchu",
        summary="Alerts of kitchens, lifts, scales and cold stores, from the first look to the verified close.",
        version="1",
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(config),
        separate_input_output_schemas=False,
        generate_unique_id_function=route_id,
    )
    for module in _ROUTERS:
        app.include_router(module.router)
    app.webhooks.include_router(webhook_event_model.webhooks)
    folder = contextlib.ExitStack().enter_context(as_file(files("api").joinpath("static")))
    app.mount("/static", _Static(directory=folder), name="static")
    _handle_errors(app)
    app.add_middleware(Once)
    app.add_middleware(Unchanged)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(SameOrigin, netloc=config.netloc)
    app.add_middleware(BodyLimit)
    requests = Allowance(config.session_requests), Allowance(config.address_requests)
    app.add_middleware(Paced, session=requests[0], address=requests[1])
    app.add_middleware(LastWord, say=_internal)
    app.add_middleware(SecurityHeaders, secure=config.secure, tiles=config.tile_origin)
    return app


def warmed(app: FastAPI) -> FastAPI:
    """The same, with what is otherwise made at first use: its first visitor waits for neither routes nor templates."""
    for route in app.routes:
        route.matches(
            {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "root_path": ""}
        )
    render.prepare()
    return app


class _Static(StaticFiles):
    """Files whose addresses change with their content: kept for long by browsers."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and b"v=" in scope.get("query_string", b""):
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _lifespan(config: ApiConfig) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        vault = Vault(config.evidence_dir)
        await asyncio.to_thread(vault.open)
        async with pool(config.dsn, ServiceRole.API, size=config.pool_size) as connections:
            live, line = Live.of(config.dsn), EdgeLine(config.broker)
            app.state.desk = _desk(config, connections, vault, live, line)
            tasks = [
                asyncio.create_task(live.run(), name="live updates"),
                asyncio.create_task(line.run(), name="line to the edges"),
                asyncio.create_task(_speak(config, live, vault), name="signs of life"),
            ]
            try:
                yield
            finally:
                live.close()
                for task in tasks:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    return opened


async def _speak(config: ApiConfig, live: Live, vault: Vault) -> None:
    """Say that this process lives, how many people watch, and whether there is room for evidence."""

    def counts() -> dict[str, int]:
        return {"live_readers": live.readers, "full": vault.fullness.now}

    await process.speak(config.dsn, ServiceRole.API, "api", socket.gethostname(), counts)


def _desk(config: ApiConfig, connections: Pool, vault: Vault, live: Live, line: EdgeLine) -> Desk:
    window_s = config.login_window.total_seconds()
    return Desk(
        config=config,
        pool=connections,
        vault=vault,
        live=live,
        line=line,
        logins=SharedLimiter(connections, "login", config.login_attempts, window_s),
        addresses=SharedLimiter(connections, "address", _ATTEMPTS_PER_ADDRESS, window_s),
        edges=Limiter(_ATTEMPTS_PER_ADDRESS, 60.0),
        codes=SharedLimiter(connections, "code", _CODES_PER_MINUTE, 60.0),
        looks=Limiter(_LOOKS_PER_MINUTE, 60.0),
        tokens=Limiter(_CALLS_PER_MINUTE, 60.0),
        sign_on=None if config.provider is None else SignOn(config, config.provider),
        voices=SharedLimiter(connections, "voice", _COMPLAINTS_PER_HOUR, 3600.0),
        subjects=SharedLimiter(connections, "subject", _COMPLAINTS_OF_ONE_PER_HOUR, 3600.0),
    )


def _handle_errors(app: FastAPI) -> None:
    app.exception_handler(ElsewhereError)(_elsewhere)
    app.exception_handler(ProblemError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(NoRoomError)(_no_room)
    for outage in OUTAGES:
        app.exception_handler(outage)(_unavailable)
    # Text that the database cannot hold (NUL, half a surrogate pair) or a number out of its range.
    for misfit in (psycopg.DataError, UnicodeEncodeError):
        app.exception_handler(misfit)(_misfit)


async def _elsewhere(_request: Request, error: ElsewhereError) -> Response:
    return RedirectResponse(error.address, 303)


async def _refused(request: Request, error: ProblemError) -> Response:
    if request.url.path.startswith(_MACHINES):
        return problem.respond(request, error)
    spoken = language.of_page(request)
    context = {
        "status": error.status,
        "title": problem.title(error.status, spoken),
        "detail": problem.sentence(error, spoken),
    }
    return render.page(request, request.app.state.desk, None, "error.html", context, status=error.status)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    faults = tuple(
        FieldFault(place=".".join(map(str, fault["loc"]))[:200], fault=str(fault["msg"])[:200])
        for fault in error.errors()[:20]
    )
    return await _refused(request, ProblemError(422, "invalid", faults=faults))


async def _misfit(request: Request, error: Exception) -> Response:
    _log.info("request refused", path=request.url.path, reason=str(error).strip()[:300])
    return await _refused(request, ProblemError(422, "invalid"))


async def _http(request: Request, error: HTTPException) -> Response:
    code = {404: "no_route", 405: "method"}.get(error.status_code, "invalid")
    return await _refused(request, ProblemError(error.status_code, code, headers=dict(error.headers or {})))


async def _no_room(request: Request, _: NoRoomError) -> Response:
    return await _refused(request, ProblemError(507, "disk_full", headers={"retry-after": "60"}))


async def _unavailable(request: Request, error: Exception) -> Response:
    _log.warning("the database does not answer", path=request.url.path, reason=str(error).strip()[:300])
    return await _refused(request, ProblemError(503, "unavailable", headers={"retry-after": "5"}))


async def _internal(request: Request, error: Exception) -> Response:
    _log.error("request failed", path=request.url.path, method=request.method, exc_info=error)
    return await _refused(request, ProblemError(500, "internal"))
