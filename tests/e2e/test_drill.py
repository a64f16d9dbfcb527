"""The drill: the demo from pictures and messages to pushes, held to its truth."""

from mingchu import demo, drill


def test_the_demo_is_seen_completely_and_nothing_else() -> None:
    outcome = drill.run(demo.shipped_scenario("demo"))
    matched = [(want.rule, want.subject) for want, _ in outcome.score.matched]
    assert sorted(matched) == [
        ("cold-frozen-warm", "cold-1"),
        ("fire-unattended", "stove-1"),
        ("intrusion", "store-1"),
        ("lift-entrapment", "lift-1"),
        ("pest", "night-1"),
        ("phone", "kitchen-1"),
        ("scale-amount-mismatch", "scale-1"),
        ("scale-cover-opened", "scale-1"),
    ]
    assert outcome.score.missed == ()
    assert outcome.score.unexpected == ()
    assert all(seen.pushed for _, seen in outcome.score.matched)
    messages = outcome.messages.report()
    assert messages["sent"] > 100
    assert (messages["lost"], messages["duplicated"]) == (0, 0)
