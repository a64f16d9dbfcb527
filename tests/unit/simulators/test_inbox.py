"""The push receiver's memory and page."""

from pathlib import Path

from simulators.inbox import Entry, Inbox
from simulators.receiver_page import page


def entry(key: str, channel: str = "kitchen", **body: object) -> Entry:
    return Entry(channel=channel, key=key, received_at="2026-01-02T03:04:05+00:00", body=body)


def test_a_repeat_is_counted_and_not_a_new_push() -> None:
    inbox = Inbox(keep=10)
    outcomes = [inbox.take(entry("a", title="x")) for _ in range(3)]
    assert outcomes == ["new", "duplicate", "duplicate"]
    assert inbox.take(entry("a", channel="other", title="x")) == "new"
    assert [(push.channel, push.deliveries) for push in inbox.pushes()] == [("kitchen", 3), ("other", 1)]
    assert (inbox.counts.deliveries, inbox.counts.pushes, inbox.counts.duplicates) == (4, 2, 2)
    assert inbox.counts.conflicts == 0


def test_a_repeat_with_another_body_is_a_conflict() -> None:
    inbox = Inbox(keep=10)
    inbox.take(entry("a", title="x"))
    inbox.take(entry("a", title="y"))
    assert inbox.pushes()[0].conflict
    assert inbox.counts.conflicts == 1
    assert inbox.pushes()[0].body == {"title": "x"}


def test_pushes_without_a_key_are_all_new() -> None:
    inbox = Inbox(keep=10)
    assert [inbox.take(entry("")), inbox.take(entry(""))] == ["new", "new"]


def test_the_oldest_is_forgotten_and_that_is_counted() -> None:
    inbox = Inbox(keep=2)
    for key in "abc":
        inbox.take(entry(key))
    assert [push.key for push in inbox.pushes()] == ["b", "c"]
    assert inbox.counts.forgotten == 1


def test_a_journal_is_known_again_though_its_last_line_was_cut_off(tmp_path: Path) -> None:
    journal = tmp_path / "deep" / "pushes.jsonl"
    first = Inbox(keep=10, journal=journal)
    first.take(entry("a", title="门未关"))
    first.take(entry("b"))
    first.close()
    journal.write_bytes(journal.read_bytes()[:-5])
    second = Inbox(keep=10, journal=journal)
    assert second.take(entry("a", title="门未关")) == "duplicate"
    assert second.take(entry("b")) == "new"
    second.close()
    assert journal.read_text(encoding="utf-8").count("\n") == 3


def test_the_page_shows_what_an_operator_reads_and_nothing_runs() -> None:
    inbox = Inbox(keep=10)
    inbox.take(entry("1", title="鼠患", text="后厨 <3 号>", picture="https://e/p.jpg?a=1&b=2"))
    inbox.take(
        entry("2", title="<script>x</script>", text="t", link="javascript:alert(1)", picture='http://h/"onerror=')
    )
    inbox.take(entry("3", msgtype="markdown", markdown={"title": "动火离人", "text": "灶台无人"}))
    inbox.take(entry("4", msgtype="text", text={"content": "冷库超温"}))
    html = page(inbox.pushes(), inbox.counts, "ok")
    assert html.index("冷库超温") < html.index("动火离人") < html.index("鼠患")
    assert "灶台无人" in html
    assert "后厨 &lt;3 号&gt;" in html
    assert 'src="https://e/p.jpg?a=1&amp;b=2"' in html
    assert "<script" not in html
    assert "javascript:" not in html
    assert '"onerror' not in html
