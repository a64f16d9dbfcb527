"""The news of the house: each thing is told once."""

from datetime import UTC, datetime

from mingchu.screen import News
from mingchu.supervisor import Sight, State
from mingchu.view import View, Work
from store.status import AlertLine, Counts, PushLine

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def sight(state: State, pid: int | None, restarts: int = 0) -> Sight:
    return Sight("ingest", pid, state, restarts, 1.0, 2)


def work(*alerts: int, pushes: tuple[str, ...] = (), cameras: int = 4) -> Work:
    return Work(
        Counts(4, cameras, 3, 3, 1, 1, 100, len(alerts), 0),
        1.0,
        [AlertLine(number, NOW, 1, "鼠患", "库房", "地面", "open", "ACTIVE") for number in reversed(alerts)],
        [PushLine(name, NOW, "raised", "鼠患", "http://127.0.0.1/push") for name in pushes],
    )


def kinds(news: News, view: View) -> list[str]:
    return [kind for kind, _ in news.of(view)]


def test_a_process_is_told_when_its_state_or_number_changes() -> None:
    news = News()
    assert kinds(news, View([sight(State.UP, 7)], None)) == ["process"]
    assert kinds(news, View([sight(State.UP, 7)], None)) == []
    assert kinds(news, View([sight(State.WAITING, None)], None)) == ["process"]
    assert news.of(View([sight(State.UP, 8, 1)], None)) == [
        ("process", {"name": "ingest", "state": "up", "pid": 8, "restarts": 1, "note": ""})
    ]


def test_alerts_and_pushes_are_told_once_and_in_order() -> None:
    news = News()
    told = news.of(View([], work(1, 2, pushes=("a",))))
    assert [(kind, fields.get("id")) for kind, fields in told] == [
        ("house", None),
        ("alert", 1),
        ("alert", 2),
        ("push", "a"),
    ]
    assert kinds(news, View([], work(1, 2, pushes=("a",)))) == []
    assert kinds(news, View([], work(1, 2, 3, pushes=("b", "a"), cameras=3))) == ["house", "alert", "push"]
