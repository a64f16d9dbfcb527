"""Each shipped scenario expects of its devices what the rules say of their lives, and nothing else."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from alerts import rulebook
from domain import predicate
from domain.rule import Rule, RuleKind
from domain.wire import EventPhase
from mingchu import premises, seed
from simulators import dialect, scenario_file
from simulators.placing import UNREACHABLE, told_out
from simulators.scenario_file import CameraRole, DeviceRole, Scenario
from tests.device_life import BEGAN, Life, events, sales

RULES = {rule.code: rule for rule in (*rulebook.default(), *rulebook.demo())}
SHIPPED = sorted(path.stem for path in Path("simulators/scenarios").glob("*.toml"))
STEP_S = 0.5
SHORTEST_S = 15.0  # what the premises of a scenario ask of a flame that is left alone
FEW = 20  # of a scenario that places hundreds, some


def scenario(name: str) -> Scenario:
    return told_out(scenario_file.load(Path(f"simulators/scenarios/{name}.toml")))


def some(devices: tuple[DeviceRole, ...]) -> list[DeviceRole]:
    """Every device with a fault of its own, and some of the others."""
    many = [role for role in devices if not any(fault.fault != "cut-off" for fault in role.fault)]
    return [role for role in devices if role not in many] + many[:: max(1, len(many) // FEW)]


def rules_of(role: DeviceRole, kind: RuleKind) -> list[Rule]:
    profile = dialect.find(role.kind, role.dialect).profile
    return [rule for rule in RULES.values() if rule.kind is kind and profile in rule.profiles]


def raised(played: Scenario, role: DeviceRole) -> Mapping[str, float]:
    """Rule → when it is first raised, in seconds from the start, if nothing is lost or late on the way."""
    life = Life(role)
    at: dict[str, float] = {}
    since: dict[str, float] = {}
    excused: dict[str, float] = {}
    lasting = [(rule, predicate.parse(rule.predicate).tree) for rule in rules_of(role, RuleKind.THRESHOLD)]
    for _ in range(int(played.duration_s / STEP_S)):
        life.live(STEP_S)
        now, values = life.clock.time(), {name: float(value) for name, value in life.device.body.status().items()}
        for rule, tree in lasting:
            if not predicate.holds(tree, values):
                since.pop(rule.code, None)
                excused.pop(rule.code, None)
                continue
            if any(guard.when and predicate.holds(predicate.parse(guard.when).tree, values) for guard in rule.guards):
                excused[rule.code] = excused.get(rule.code, 0.0) + STEP_S
            if now - since.setdefault(rule.code, now) - excused.get(rule.code, 0.0) >= rule.for_s:
                at.setdefault(rule.incident or rule.code, now)
    return told(life, role, at) | beside_a_camera(played, role)


def beside_a_camera(played: Scenario, role: DeviceRole) -> dict[str, float]:
    """What a device raises while a camera of its site sees a scene (ADR 49)."""
    at: dict[str, float] = {}
    shown = [each for each in premises.of(played).camera if each.site == role.site]
    for rule in rules_of(role, RuleKind.FIGURE):
        if rule.scene is None:
            continue
        life, tree = Life(role), predicate.parse(rule.predicate).tree
        seen = [span for camera in played.camera if camera.code in {each.code for each in shown}
                for span in spans(camera, rule.scene)]  # fmt: skip
        for _ in range(int(played.duration_s / STEP_S)):
            life.live(STEP_S)
            now, values = life.clock.time(), {name: float(v) for name, v in life.device.body.status().items()}
            if predicate.holds(tree, values) and any(begin <= now <= end for begin, end in seen):
                at.setdefault(rule.incident or rule.code, now)
    return at


def spans(camera: CameraRole, scene: str) -> list[tuple[float, float]]:
    """From when to when its clips show a scene that is told of, in seconds from the start."""
    found = []
    for play in camera.play:
        begin, end = seed.beginning(play.clip, scene), seed.ending(play.clip, scene)
        if begin is not None and end is not None and isinstance(play.at, float | int):
            found.append((play.at + begin + SHORTEST_S, play.at + end))
    return found


def told(life: Life, role: DeviceRole, at: dict[str, float]) -> dict[str, float]:
    """With what its events and its sales raise."""
    for event in events(life.broker.said):
        for rule in rules_of(role, RuleKind.EVENT):
            if event.code in rule.codes and event.phase is not EventPhase.END:
                earlier(at, rule, (event.ts - BEGAN).total_seconds())
    for sale in sales(life.broker.said):
        for rule in rules_of(role, RuleKind.TRANSACTION):
            fields = {"amount": sale.amount, "net_g": sale.net_g, "unit_price": sale.unit_price}
            if predicate.holds(predicate.parse(rule.predicate).tree, fields):
                earlier(at, rule, (sale.ts - BEGAN).total_seconds())
    return at


def earlier(at: dict[str, float], rule: Rule, when: float) -> None:
    """Rules of one incident share one alert, which the first of them raises."""
    incident = rule.incident or rule.code
    at[incident] = min(at.get(incident, when), when)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_scenario_expects_what_its_devices_cause(name: str) -> None:
    played = scenario(name)
    wanted = {(each.rule, each.subject): each for each in played.expect if each.rule != "device-offline"}
    for role in some(played.device):
        found = raised(played, role)
        assert set(found) == {rule for rule, subject in wanted if subject == role.code}, role.code
        for rule, at in found.items():
            expected = wanted[rule, role.code]
            assert expected.at - 1 <= at <= expected.at + expected.within - 3, (rule, role.code)


@pytest.mark.parametrize("name", SHIPPED)
def test_who_is_cut_off_is_expected_offline(name: str) -> None:
    played = scenario(name)
    cut = [role for role in played.device if any(fault.fault == "cut-off" for fault in role.fault)]
    dark = [role for role in played.camera if any(fault.fault == UNREACHABLE for fault in role.fault)]
    many = Counter([*(role.site for role in cut), *(role.site for role in dark)])
    together = {site for site, count in many.items() if site is not None and count >= 3}  # one alert of the site
    alone = {role.code for role in cut if role.site not in together}
    assert {each.subject for each in played.expect if each.rule == "device-offline"} == alone
    assert {each.subject for each in played.expect if each.rule == "site-offline"} == together
