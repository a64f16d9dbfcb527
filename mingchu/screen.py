"""What `mingchu up` shows: a live table on a terminal, lines elsewhere, JSON lines for programs."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mingchu.supervisor import Sight, State
from mingchu.view import View, Welcome, Work

_CLASSES = {1: ("I", "bold red"), 2: ("II", "dark_orange"), 3: ("III", "yellow"), 4: ("–", "blue")}
_STATES = {State.UP: "green", State.STARTING: "yellow", State.WAITING: "red", State.STOPPED: "dim"}

_TEXTS = {
    "process": "process {name} {state} (process {pid}, restarts {restarts}) {note}",
    "house": "cameras online {cameras}, devices online {devices}, edges online {edges}",
    "alert": "ALERT {id} class {severity}: {rule} — {site}, {subject} ({status}, {condition})",
    "push": "push {reason}: {rule} → {url}",
}


class Screen(Protocol):
    """Told of each step; shows it its own way."""

    def step(self, text: str) -> None:
        """Something is being done."""

    def welcome(self, welcome: Welcome) -> None:
        """The house is up."""

    def show(self, view: View) -> None:
        """One look."""

    def close(self) -> None:
        """The end."""


class Terminal:
    """A live table below the welcome."""

    def __init__(self) -> None:
        self._console = Console()
        self._live: Live | None = None

    def step(self, text: str) -> None:
        self._console.print(f"[dim]{text}[/dim]")

    def welcome(self, welcome: Welcome) -> None:
        for line in welcome_lines(welcome):
            self._console.print(line, soft_wrap=True, markup=False, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False)
        self._live.start()

    def show(self, view: View) -> None:
        if self._live is not None:
            self._live.update(_page(view), refresh=True)

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


class Lines:
    """A plain line for each thing that is new."""

    def __init__(self) -> None:
        self._news = News()

    def step(self, text: str) -> None:
        print(text, flush=True)

    def welcome(self, welcome: Welcome) -> None:
        print("\n".join(welcome_lines(welcome)), flush=True)

    def show(self, view: View) -> None:
        for kind, fields in self._news.of(view):
            print(f"{_clock()} {_TEXTS[kind].format_map(fields)}", flush=True)

    def close(self) -> None:
        print("stopped", flush=True)


class JsonLines:
    """One JSON object a line, on standard output: `event` is step, ready, process, alert, push, house or stopped."""

    def __init__(self) -> None:
        self._news = News()

    def step(self, text: str) -> None:
        _emit("step", {"text": text})

    def welcome(self, welcome: Welcome) -> None:
        _emit("ready", asdict(welcome))

    def show(self, view: View) -> None:
        for kind, fields in self._news.of(view):
            _emit(kind, fields)

    def close(self) -> None:
        _emit("stopped", {})


class News:
    """Remembers what was told, so that each thing is told once."""

    def __init__(self) -> None:
        self._states: dict[str, tuple[State, int | None]] = {}
        self._alert = 0
        self._pushes: set[str] = set()
        self._house: dict[str, object] = {}

    def of(self, view: View) -> list[tuple[str, dict[str, object]]]:
        """What is new in this look, in the order in which it should be told."""
        news = [("process", _process(sight)) for sight in view.sights if self._is_new(sight)]
        return news if view.work is None else [*news, *self._work(view.work)]

    def _is_new(self, sight: Sight) -> bool:
        now = (sight.state, sight.pid)
        if self._states.get(sight.name) == now:
            return False
        self._states[sight.name] = now
        return True

    def _work(self, work: Work) -> list[tuple[str, dict[str, object]]]:
        alerts = [alert for alert in reversed(work.alerts) if alert.id > self._alert]
        pushes = [push for push in reversed(work.pushes) if push.id not in self._pushes]
        self._alert = max([self._alert, *(alert.id for alert in alerts)])
        self._pushes = {push.id for push in work.pushes}
        counts = work.counts
        house: dict[str, object] = {
            "cameras": f"{counts.cameras_ok}/{counts.cameras}",
            "devices": f"{counts.devices_online}/{counts.devices}",
            "edges": f"{counts.edges_online}/{counts.edges}",
        }
        changed = [("house", house)] if house != self._house else []
        self._house = house
        return [
            *changed,
            *(("alert", _plain(asdict(alert))) for alert in alerts),
            *(("push", _plain(asdict(push))) for push in pushes),
        ]


def _process(sight: Sight) -> dict[str, object]:
    fields = {"name": sight.name, "state": sight.state.value, "pid": sight.pid, "restarts": sight.restarts}
    return {**fields, "note": sight.note}


def _plain(fields: dict[str, object]) -> dict[str, object]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in fields.items()}


def _emit(event: str, fields: dict[str, object]) -> None:
    print(json.dumps({"event": event, **fields}, ensure_ascii=False, default=str), flush=True)


def _clock() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")


def welcome_lines(welcome: Welcome) -> list[str]:
    """Address and logins, as text."""
    lines = ["", f"Console   {welcome.console}", f"Broker    {welcome.broker} (devices and edges)"]
    if welcome.outside is not None:
        lines.append(f"TLS       {welcome.outside} (other machines; they trust what `mingchu broker ca` names)")
    if welcome.pushes is not None:
        lines.append(f"Pushes    {welcome.pushes} (what an operator's phone would show)")
    lines.append(f"Data      {welcome.data}")
    lines += [
        f"Login     {login.role:<10} {login.login:<10} {login.password or '(changed since it was made)'}"
        for login in welcome.logins
    ]
    return [*lines, f"Started in {welcome.took_s:.1f} s. Ctrl-C stops everything.", ""]


def _page(view: View) -> Group:
    parts: list[Table | Panel | Text] = [_processes(view)]
    if view.work is None:
        return Group(*parts, Text("The database does not answer.", style="red"))
    counts = view.work.counts
    house = (
        f"Cameras online {counts.cameras_ok}/{counts.cameras}   Devices online {counts.devices_online}/{counts.devices}"
        f"   Edges online {counts.edges_online}/{counts.edges}   Messages {view.work.rate:.1f}/s"
        f"   Open alerts {counts.alerts}   Pushes waiting {counts.pushes_waiting}"
    )
    return Group(*parts, Text(house, style="bold"), _alerts(view.work), _pushes(view.work))


def _processes(view: View) -> Table:
    table = Table("Process", "PID", "State", expand=False)
    for name in ("Restarts", "CPU %", "Memory MB"):
        table.add_column(name, justify="right")
    table.add_column("Last words", max_width=60)
    for sight in view.sights:
        table.add_row(
            *(sight.name, str(sight.pid or ""), Text(sight.state.value, style=_STATES[sight.state])),
            *(str(sight.restarts), f"{sight.cpu:.0f}", f"{sight.memory / 1e6:.0f}", sight.note),
        )
    return table


def _alerts(work: Work) -> Table:
    table = Table("Raised", "Class", "Alert", "Site", "Subject", "Status", "Condition", title="Last alerts")
    for alert in work.alerts:
        name, style = _CLASSES[alert.severity]
        raised = alert.raised.astimezone().strftime("%H:%M:%S")
        cells = (alert.rule, alert.site, alert.subject, alert.status, alert.condition)
        table.add_row(raised, Text(name, style=style), *cells)
    return table


def _pushes(work: Work) -> Table:
    table = Table("Sent", "Push", "Why", "To", title="Last pushes")
    for push in work.pushes[:4]:
        table.add_row(push.sent.astimezone().strftime("%H:%M:%S"), push.rule, push.reason, push.url)
    return table


def choose(*, headless: bool, json_status: bool) -> Screen:
    """JSON when asked for; the table on a terminal unless headless."""
    if json_status:
        return JsonLines()
    return Terminal() if sys.stdout.isatty() and not headless else Lines()
