"""`/metrics` for Prometheus: every process, queue, edge and drop counter of the whole house, from its database."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import Response

from api.desk import AtDesk
from api.openapi import problems
from api.problem import ProblemError
from store import process
from store.process import Backlog, Gauge, ProcessRow

router = APIRouter(tags=["health"])

# They go down, too.
_NOW = frozenset(
    {"mingchu_ingest_waiting", "mingchu_ingest_lag_ms", "mingchu_ingest_linked", "mingchu_api_live_readers"}
)
_EDGE = "edge:"


@dataclass(frozen=True, slots=True, eq=False)  # the registry keeps collectors by identity
class House:
    """What there is to tell at `now`; a prometheus_client collector."""

    now: datetime
    processes: list[ProcessRow]
    backlog: list[Backlog]
    fleet: list[Gauge]
    database_bytes: int

    def collect(self) -> Iterator[Metric]:
        yield from self._processes()
        yield from self._counters()
        yield from self._waiting()
        yield from _fleet(self.fleet)
        yield GaugeMetricFamily("mingchu_database_bytes", "Of the database on its disk.", value=self.database_bytes)

    def _processes(self) -> Iterator[Metric]:
        labels = ["service", "instance"]
        silent = GaugeMetricFamily("mingchu_process_silent_seconds", "Since it spoke last.", labels=labels)
        cpu = CounterMetricFamily("mingchu_process_cpu_seconds", "CPU time since its start.", labels=labels)
        memory = GaugeMetricFamily("mingchu_process_memory_bytes", "Resident memory.", labels=labels)
        for one in self.processes:
            key = [one.service, one.instance]
            silent.add_metric(key, (self.now - one.seen).total_seconds())
            cpu.add_metric(key, one.cpu_s)
            memory.add_metric(key, one.memory)
        yield from (silent, cpu, memory)

    def _counters(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for one in self.processes:
            for name, total in one.counters.items():
                title = f"mingchu_{one.service}_{name}"
                kind = GaugeMetricFamily if title in _NOW else CounterMetricFamily
                family = families.setdefault(title, kind(title, f"{name} of {one.service}", labels=["instance"]))
                family.add_sample(title if title in _NOW else f"{title}_total", {"instance": one.instance}, total)
        return families.values()

    def _waiting(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("mingchu_waiting", "How many of a kind wait.", labels=["kind"])
        oldest = GaugeMetricFamily("mingchu_waiting_oldest_seconds", "How long the oldest has waited.", labels=["kind"])
        for one in self.backlog:
            waiting.add_metric([one.name], one.waiting)
            oldest.add_metric([one.name], 0 if one.oldest is None else (self.now - one.oldest).total_seconds())
        yield from (waiting, oldest)


def _fleet(gauges: Iterable[Gauge]) -> Iterable[Metric]:
    families: dict[str, Metric] = {}
    for one in gauges:
        counted = one.family.startswith(_EDGE)
        title = f"mingchu_edge_{one.family.removeprefix(_EDGE)}" if counted else f"mingchu_{one.family}"
        kind, label = (CounterMetricFamily, "edge") if counted else (GaugeMetricFamily, "state")
        family = families.setdefault(title, kind(title, one.family.replace(":", ": "), labels=[label]))
        family.add_sample(f"{title}_total" if counted else title, {label: one.subject}, one.value)
    return families.values()


@router.get("/metrics", responses=problems(401), summary="Metrics for Prometheus", response_class=Response)
async def metrics(request: Request, at: AtDesk) -> Response:
    """The Prometheus text format. Needs the metrics token as `Authorization: Bearer …`."""
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(shown.encode(), at.config.metrics_token.encode()):
        raise ProblemError(401, "metrics_token", headers={"www-authenticate": "Bearer"})
    async with at.unscoped() as connection:
        house = House(
            datetime.now(UTC),
            await process.heard(connection),
            await process.backlog(connection),
            await process.fleet(connection),
            await process.size(connection),
        )
    registry = CollectorRegistry()
    registry.register(house)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
