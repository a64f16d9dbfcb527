"""The services as processes: each gets its configuration from the settings and runs until SIGTERM or Ctrl-C."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from mingchu.datadir import is_free
from mingchu.settings import BadSettingError, Settings

if TYPE_CHECKING:
    from api.config import BrokerLogin, Provider
    from domain.enclosure import Attached, Enclosure
    from ingest.config import IngestConfig
    from store.reports import Report


def run_until_stopped(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `work` on an event loop; it ends when SIGTERM or SIGINT has set the event."""
    import uvloop

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await work(stop)

    uvloop.run(main())


def ingest(settings: Settings, *, retire: bool = False) -> None:
    from ingest import worker

    config = _landing(settings)
    run_until_stopped(lambda stop: worker.run(config, stop, retire=retire))


def enrol(settings: Settings) -> None:
    from ingest import link

    link.enrol(_landing(settings))


def _landing(settings: Settings) -> "IngestConfig":
    from ingest.config import IngestConfig

    url, user, password = settings.broker
    return IngestConfig(settings.dsn, url, user, password, settings.worker, settings.shared)


def alerts(settings: Settings) -> None:
    from alerts import engine
    from alerts.config import AlertsConfig
    from ingest import replay

    config = AlertsConfig(
        settings.dsn,
        settings.console,
        settings.evidence,
        settings.push_allow_private,
        settings.mail_server,
        _printed,
    )
    run_until_stopped(lambda stop: engine.run(config, stop, replay.portions))


def _printed(report: "Report", lang: str, wanted: "Attached") -> "Enclosure":
    from api import report_file

    return report_file.enclosed(report, lang, wanted)


def api(settings: Settings) -> None:
    import uvicorn

    from api.app import create_app, warmed
    from api.config import ApiConfig
    from ingest import vectors
    from mingchu import signing
    from mingchu.conformance import handed
    from mingchu.release import version

    if not is_free(settings.api_host, settings.api_port):
        raise BadSettingError(
            f"port {settings.api_port} of {settings.api_host} is in use: stop that program, or choose another port"
        )
    config = ApiConfig(
        settings.dsn,
        settings.evidence,
        settings.console,
        session_requests=settings.api_session_requests,
        address_requests=settings.api_address_requests,
        broker=_edges(settings),
        edge_mqtt_url=settings.edge_mqtt_url or settings.private_broker,
        ticket_key=settings.data.secret("tickets"),
        export_key=signing.key(settings.data),
        metrics_token=_metrics_token(settings),
        judge=vectors.results,
        read_report=handed.read,
        provider=_provider(settings),
        release=version(),
        tile_url=settings.tile_url,
    )
    settings.evidence.mkdir(parents=True, exist_ok=True)
    uvicorn.run(
        warmed(create_app(config)),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=2,
    )


def _metrics_token(settings: Settings) -> str:
    """What monitoring shows at /metrics."""
    given = settings.metrics_token
    return settings.data.secret("metrics") if given is None else given.get_secret_value()


def _provider(settings: Settings) -> "Provider | None":
    """The identity provider; raises BadSettingError for half of one."""
    from api.config import Provider

    issuer, client, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
    if issuer is None:
        return None
    if client is None or secret is None:
        raise BadSettingError(
            "MINGCHU_OIDC_ISSUER needs MINGCHU_OIDC_CLIENT_ID and MINGCHU_OIDC_CLIENT_SECRET beside it"
        )
    return Provider(issuer, client, secret.get_secret_value(), settings.oidc_claim)


def _edges(settings: Settings) -> "BrokerLogin | None":
    """The broker over which the api reaches the edges; without one all but the live view works."""
    from api.config import BrokerLogin
    from ingest.session import address

    try:
        url, user, password = settings.broker
    except BadSettingError:
        return None
    where = address(url)
    return BrokerLogin(where.host, where.port, where.tls, user, password)


def edge(settings: Settings) -> None:
    from edge import agent
    from edge.config import MIB, AgentConfig, PatrolLimits

    code, secret = settings.edge_login
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    agent.run(
        AgentConfig(
            edge=code,
            secret=secret,
            mqtt_url=settings.edge_broker,
            api_url=settings.edge_api,
            data_dir=settings.data.edge / code,
            weights=settings.weights or shipped_weights(),
            threads=settings.edge_threads,
            spool_bytes=settings.edge_spool_mib * MIB,
            site=settings.site_broker,
            networks=settings.cameras_within,
            urgent_look_s=settings.urgent_look_s,
            calm_look_s=settings.calm_look_s,
            hwaccel=settings.hwaccel,
            upload_rate=settings.upload_kbps * 1000 / 8,
            patrol=PatrolLimits(
                settings.patrol_period_s,
                settings.patrol_connections,
                settings.patrol_watches,
                forced_visits=settings.patrol_forced_visits,
            ),
        ),
        stop,
    )


def broker(settings: Settings, directory: Path, host: str, ports: tuple[int, int], tls_port: int | None) -> None:
    """Keep the files of a broker that somebody else runs; `ports`: for devices and edges, for the services."""
    from mingchu import broker_keeper
    from mingchu.account import Account
    from mingchu.broker import Broker

    secret = settings.mqtt_password.get_secret_value() if settings.mqtt_password else settings.data.secret("broker")
    directory.mkdir(parents=True, exist_ok=True)
    settings.data.make()
    outside = None if tls_port is None else settings.outside(host, tls_port)
    kept = Broker(directory, *ports, Account.find(), host, outside)

    async def work(stop: asyncio.Event) -> None:
        keeping = asyncio.create_task(broker_keeper.keep(kept, secret, settings.dsn, lambda: None))
        await asyncio.wait({keeping, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        keeping.cancel()

    run_until_stopped(work)


def shipped_weights() -> Path:
    """The description of the detector that this project ships."""
    return Path(str(files("models").joinpath("weights", "detector.toml")))
