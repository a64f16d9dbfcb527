"""Every shipped rule holds on what is true and on nothing that only looks like it; the page of rules is current."""

from pathlib import Path

import msgspec
import pytest

from alerts import rulebook
from domain.rule import Rule
from ingest.library import profiles
from mingchu import rule_table, rule_trial
from mingchu.rule_trial import Vector

RULES = rulebook.default()
BY_CODE = {rule.code: rule for rule in RULES}
PROFILES = {profile.code: profile for profile in profiles()}
VECTORS = rule_trial.vectors()


def test_every_example_comes_out_and_no_rule_is_without() -> None:
    assert list(rule_trial.faults(RULES, VECTORS, PROFILES)) == []


@pytest.mark.parametrize(
    "code, change",
    [
        ("lift-entrapment", {"predicate": "door_closed and passenger_present and car_status == 0"}),
        ("lift-alarm-button", {"guards": ()}),
        ("cold-frozen-warm", {"guards": ()}),
        ("scale-counter-changed", {"guards": ()}),
        ("scale-silent-among-sellers", {"hours": "always"}),
        ("cold-probe-jumps", {"predicate": "abs(air_temp_change) > 0.1"}),
        ("lift-door-open", {"for_s": 10.0}),
    ],
)
def test_a_rule_that_is_made_wrong_is_found_out(code: str, change: dict[str, object]) -> None:
    wrong = msgspec.convert({**msgspec.to_builtins(BY_CODE[code]), **change}, Rule)
    tried = [vector for vector in VECTORS if vector.rule == code]
    assert list(rule_trial.faults([wrong], tried, PROFILES)) != []


def test_k_of_n_counts_the_samples_of_the_time() -> None:
    rule = msgspec.structs.replace(
        BY_CODE["cold-door-open"], for_s=60.0, share=0.6, samples=5, predicate="door_open", guards=()
    )

    def raises(*flags: float) -> bool:
        moments = tuple(rule_trial.Moment(15.0 * place, {"door_open": flag}) for place, flag in enumerate(flags))
        return rule_trial.raises(rule, Vector("cold-door-open", "", True, moments), RULES, PROFILES)

    assert raises(1, 1, 0, 1, 1)
    assert raises(1, 0, 1, 0, 1)
    assert not raises(1, 0, 0, 1, 0)
    assert not raises(1, 1, 1)


def test_every_rule_answers_a_requirement_and_the_page_is_current() -> None:
    asked = rule_table.requirements()
    assert {code for one in asked for code in one.rules} == set(BY_CODE)
    page = Path("docs/RULES.md").read_text(encoding="utf-8")
    assert page == rule_table.render(RULES, asked, VECTORS), "run `mingchu rules table > docs/RULES.md`"
