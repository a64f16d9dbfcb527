"""Named reasons in words: what a reader sees, that every composer's sentence has its Chinese, that no text fails."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.decider import silence_why
from alerts.rulebook import default
from domain import basis, figure, finding, phrase, predicate, reason
from domain.reason import Glossary, ZoneName, wording
from domain.rule import RuleKind
from domain.scene import Scene
from domain.wire import CameraHealth, DeviceEvent, EventPhase, Health, Verdict
from edge.awaited import RESTARTED
from edge.clip import Coverage
from edge.followup import CUT_SHORT, LOST, SET_BACK
from edge.health import HealthMonitor, HealthTimes
from edge.source import _SENTENCES
from inference.incident import Cleared, Incident, Violation
from inference.observation import Observation, Sight
from inference.scene_rule import RULES
from ingest.fact import EventStory, HealthStory
from ingest.library import profiles
from store.silence import SilenceRow

ROOT = Path(__file__).parents[3]
RULE = {rule.code: rule for rule in default()}
PROFILE = {profile.code: profile for profile in profiles()}
STOVE = ZoneName("stove", "灶台区", "Stove area")
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LETTERS = re.compile("[A-Za-z]+")


def of(rule: str) -> Glossary:
    body = RULE[rule]
    profile = PROFILE[body.profiles[0]] if body.profiles else None
    return Glossary(body.predicate, profile, STOVE, "Asia/Shanghai")


def english_in(text: str, *codes: str) -> list[str]:
    """Words of Latin letters that remain in a Chinese sentence, less units and those codes."""
    for code in (*codes, "kg", "g", "e"):
        text = re.sub(rf"(?<![A-Za-z]){re.escape(code)}(?![A-Za-z])", "", text)
    return LETTERS.findall(text)


@pytest.mark.parametrize(
    ("rule", "why", "zh", "en"),
    [
        (
            "fire-unattended",
            "9 of 9 samples over 16.0 s, flame visible, nobody in the zone, zone stove, opening hours",
            "16 秒内 9 个样本全部违规：可见明火，区域内无人（灶台区，营业时间）",
            "All 9 samples over 16 s: flame visible, nobody in the zone (Stove area, opening hours)",
        ),
        (
            "kitchen-stove-unattended",
            "FIRE_UNATTENDED at camera stove-1: valve_open=1",
            "摄像机 stove-1 看到动火离人；燃气阀打开：是",
            "Flame unattended at camera stove-1; Gas valve open: yes",
        ),
        (
            "kitchen-stove-unattended",
            "FIRE_UNATTENDED is over: valve_open=1",
            "动火离人已结束；燃气阀打开：是",
            "Flame unattended is over; Gas valve open: yes",
        ),
        ("kitchen-stove-unattended", "FIRE_UNATTENDED is over", "动火离人已结束", "Flame unattended is over"),
        (
            "pest",
            "4 of 5 samples over 2.1 s, rat visible, zone yard, closed hours, moved 1.3 body lengths",
            "2.1 秒内 5 个样本中 4 个违规：可见老鼠（yard，非营业时间），移动 1.3 个体长",
            "4 of 5 samples over 2.1 s: rat visible (yard, closed hours), moved 1.3 body lengths",
        ),
        (
            "no-hat",
            "6 of 8 samples over 10.0 s, head visible without a hat, zone stove, opening hours",
            "10 秒内 8 个样本中 6 个违规：头部可见，未戴工作帽（灶台区，营业时间）",
            "6 of 8 samples over 10 s: head visible without a hat (Stove area, opening hours)",
        ),
        (
            "cold-frozen-warm",
            "air_temp=-14.8, set_point=-20",
            "库内空气温度 −14.8 ℃，高于 −15 ℃；设定温度 −20 ℃，不高于 −10 ℃",
            "Air temperature −14.8 °C, above −15 °C; Set point −20 °C, at most −10 °C",
        ),
        # What does not hold any more is all that is said of a condition that cleared.
        (
            "cold-frozen-warm",
            "air_temp=-16, set_point=-20, defrost=0",
            "库内空气温度 −16 ℃，不高于 −15 ℃",
            "Air temperature −16 °C, at most −15 °C",
        ),
        (
            "lift-entrapment",
            "door_closed=1, passenger_present=1, car_status=0, service_mode=1",
            "轿门关闭：是；轿内有人：是；轿厢运行状态：停止；服务模式：正常",
            "Car door closed: yes; Passenger in the car: yes; Car: stopped; Service mode: normal",
        ),
        (
            "scale-amount-mismatch",
            "sale 2026-17: amount=1868, net_g=505, unit_price=3600",
            "计价 18.68 元，按净重 505 g、单价 36.00 元/kg，应为 18.18 元（交易号 2026-17）",
            "Amount 18.68 yuan, expected 18.18 yuan from Net mass 505 g, Unit price 36.00 yuan/kg (sale 2026-17)",
        ),
        (
            "scale-zero-drift",
            "zero_offset=-6, scale_interval=10",
            "零点偏移 −6 g，绝对值高于 5 g；检定分度值 e 10 g",
            "Zero offset −6 g, magnitude above 5 g; Verification interval e 10 g",
        ),
        (
            "scale-cover-opened",
            "event cover_opened (Cover opened without authorisation, by hand) began",
            "事件开始：未经授权打开秤盖，by hand",
            "Began: Cover opened without authorisation, by hand",
        ),
        ("fire-unattended", "compliant (no flame) for 30 s", "未见明火，已持续 30 秒", "no flame for 30 s"),
        (
            "device-offline",
            "nothing heard since 2026-11-22 06:29:32 UTC",
            "自 2026-11-22 14:29:32 起没有收到任何数据",
            "Nothing heard since 2026-11-22 14:29:32",
        ),
        (
            "camera-offline",
            "STALLED: no picture for 10 s: the camera at rtsp://eye/1 does not answer in time",
            "卡顿：10 秒没有画面：摄像机 rtsp://eye/1 应答超时",
            "Stalled: no picture for 10 s: the camera at rtsp://eye/1 does not answer in time",
        ),
        (
            "camera-occluded",
            "OCCLUDED: the lens is covered: 7% of the usual contrast, 10% of the outlines are visible",
            "镜头遮挡：对比度为平时的 7%，可见轮廓 10%",
            "Covered: 7% of the usual contrast, 10% of the outlines are visible",
        ),
        (
            "camera-blurred",
            "BLURRED: the picture is blurred: 20% of the usual detail",
            "画面模糊：细节为平时的 20%",
            "Blurred: 20% of the usual detail",
        ),
        (
            "camera-moved",
            "MOVED: the view is another one: 12% of its outlines are where they were",
            "镜头移位：与登记的视角相比，12% 的轮廓在原位",
            "Moved: 12% of the view's outlines are where they were",
        ),
        (
            "camera-replayed",
            "REPLAYED: 4 pictures came again exactly, 60 s after they were first shown",
            "疑似回放：4 帧画面在 60 秒后一模一样地再次出现",
            "Replayed: 4 pictures came again exactly, 60 s after they were first shown",
        ),
        (
            "camera-low-fps",
            "LOW_FPS: 0.5 pictures a second arrive, usually 25",
            "帧率过低：每秒只收到 0.5 帧，平时 25 帧",
            "Low frame rate: 0.5 pictures a second arrive, usually 25",
        ),
        ("phone", "明火持续 184 秒", "明火持续 184 秒", "明火持续 184 秒"),
    ],
)
def test_how_a_reason_reads(rule: str, why: str, zh: str, en: str) -> None:
    assert (wording(why, "zh", of(rule)), wording(why, "en", of(rule))) == (zh, en)


def test_without_a_glossary_the_values_remain() -> None:
    assert wording("air_temp=-14.8, defrost=0", "zh") == "air_temp −14.8；defrost 0"
    assert reason.glossary("not JSON") == Glossary()


@pytest.mark.parametrize("rule", [rule.code for rule in default() if rule.needs_predicate])
@pytest.mark.parametrize("value", [-40.0, 0.0, 1.0, 12.0])
def test_every_shipped_predicate_reads_in_chinese(rule: str, value: float) -> None:
    known = of(rule)
    asked = predicate.parse(known.predicate or "")
    why = finding.written(asked, dict.fromkeys(asked.metrics, value))
    said = wording(f"sale 17: {why}" if RULE[rule].kind is RuleKind.TRANSACTION else why, "zh", known)
    assert said
    assert english_in(said) == []


def test_unknown_values_are_not_written() -> None:
    asked = predicate.parse("b > 1 or a > 1")
    assert finding.written(asked, {"a": 2.0, "b": float("nan")}) == "a=2"
    assert wording("a=2", "zh", Glossary(predicate=asked.text)) == "a 2，高于 1"


@pytest.mark.parametrize("sight", list(Sight))
def test_every_sight_has_its_chinese(sight: Sight) -> None:
    assert english_in(wording(sight, "zh")) == []


def incident(scene: Scene, *sights: tuple[float, Verdict, Sight]) -> Iterator[Violation | Cleared]:
    """What an incident says of those samples, and after a long time without any."""
    story = Incident(scene, "stove", 0, RULES[scene])
    for second, verdict, sight in sights:
        at = NOW + timedelta(seconds=second)
        box = np.array([second, 0.0, second + 0.5, 0.5], dtype=np.float32)
        yield from filter(None, (story.add(at, Observation(0, box, 0.9, verdict, sight), is_open=False),))
    yield from filter(None, (story.settle(NOW + timedelta(hours=2)),))


@pytest.mark.parametrize("scene", list(RULES))
@pytest.mark.parametrize("last", [Verdict.VIOLATING, Verdict.COMPLIANT])
def test_every_incident_reads_in_chinese(scene: Scene, last: Verdict) -> None:
    told = [(step / 2, Verdict.VIOLATING, Sight.RAT) for step in range(2000)]
    seen = Sight.NOBODY if last is Verdict.COMPLIANT else Sight.RAT
    whole = [each.why for each in incident(scene, *told, (1000.0, last, seen))]
    assert len(whole) == 2
    assert [english_in(wording(why, "zh", Glossary(zone=STOVE))) for why in whole] == [[], []]


def template(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression may be, with 7 in the place of what is filled in."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
        case ast.IfExp(body=body, orelse=other):
            yield from template(body)
            yield from template(other)


def sentences_of(room: str, *makers: str) -> Iterator[str]:
    """What is said in the calls of those names, wherever in a room they are."""
    for path in sorted((ROOT / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in makers:
                for argument in node.args:
                    yield from template(argument)


EDGE = [
    *sentences_of("edge", "Change", "SourceError", "AddressError", "orphaned", "_failed"),
    *(sentence.format(where="7") for _, sentence, _ in _SENTENCES),
]


def test_the_edges_sentences_are_found() -> None:
    """The search itself: it must not run dry unseen."""
    assert len(EDGE) >= 20


@pytest.mark.parametrize("sentence", EDGE)
def test_every_sentence_of_the_edge_has_its_chinese(sentence: str) -> None:
    assert english_in(wording(sentence, "zh"), "rtsp", "rtsps") == []


def test_a_camera_that_never_sent_a_picture_reads_in_chinese() -> None:
    monitor = HealthMonitor(HealthTimes())
    changes = [monitor.tick(second) for second in (0.0, 15.0, 70.0)]
    assert [change and english_in(wording(change.why, "zh")) for change in changes] == [None, [], []]


def test_evidence_that_is_not_whole_says_so_in_chinese() -> None:
    clip = Coverage((10.0, 12.5, 20.0))
    remarks = [clip.missing((5.0,)), clip.missing((25.0,)), clip.missing((15.0,)), clip.gap()]
    remarks += [CUT_SHORT, SET_BACK, RESTARTED, LOST, f"captured {0.31:+.1f} s from the best sample"]
    remarks += [*sentences_of("edge", "miss"), *sentences_of("edge", "give_up"), *sentences_of("edge", "_why")]
    assert len(remarks) >= 12
    assert [english_in(wording(remark, "zh"), "HTTP") for remark in remarks] == [[]] * len(remarks)


@pytest.mark.parametrize("state", list(Health))
def test_every_health_signal_reads_in_chinese(state: Health) -> None:
    said = CameraHealth("eye", NOW, state, "no picture has arrived")
    rules = [rule for rule in default() if rule.kind is RuleKind.HEALTH]
    began = HealthStory(3, "OK", NOW).tell(said, NOW, rules)
    ended = [signal for rule in rules for signal in HealthStory(3, rule.codes[0], NOW).tell(said, NOW, [rule])]
    assert began or state is Health.OK
    assert [english_in(wording(signal.why, "zh")) for signal in (*began, *ended)] == [[]] * len([*began, *ended])


@pytest.mark.parametrize("phase", list(EventPhase))
def test_every_event_of_every_profile_reads_in_chinese(phase: EventPhase) -> None:
    for rule in (rule for rule in default() if rule.kind is RuleKind.EVENT):
        for code in rule.codes:
            story = EventStory(7, PROFILE[rule.profiles[0]], {})
            story.tell(DeviceEvent(NOW, code, EventPhase.BEGIN), NOW, [rule])
            later = NOW + timedelta(seconds=1)
            fresh = EventStory(7, PROFILE[rule.profiles[0]], {}) if phase is EventPhase.BEGIN else story
            (signal,) = fresh.tell(DeviceEvent(later, code, phase), later, [rule])
            assert english_in(wording(signal.why, "zh", of(rule.code))) == []


@pytest.mark.parametrize("silent", [True, False])
def test_silence_reads_in_chinese(silent: bool) -> None:
    assert english_in(wording(silence_why(SilenceRow(1, 1, silent, NOW, NOW)), "zh")) == []


@pytest.mark.parametrize("source", sorted({rule.source for rule in default()}))
def test_every_basis_reads_in_chinese(source: str) -> None:
    assert (
        english_in(basis.wording(source, "zh"), "GB", "T", "JJG", "JJF", "TSG", *(f"V{n}" for n in range(10)), "V", "C")
        == []
    )


KEYS = st.sampled_from(sorted({re.sub(r"\{[a-z]+\}", "7", key) for key, *_ in reason._SCENES + reason._HEALTH}))
TEXT = st.recursive(
    st.text(max_size=40) | KEYS, lambda inner: st.builds("{}: compliant ({}) for 1 s".format, inner, inner)
)
VALUES = st.dictionaries(st.from_regex(r"[a-c]{1,2}", fullmatch=True), st.floats(), min_size=1)
PREDICATES = st.sampled_from(
    [
        "",
        "a",
        "not a",
        "a > b / c",
        "abs(a - b / c) > 1",
        "1 < a < b",
        "a > 1 or not (b and c <= 2)",
        "a +",
        "abs(b) < -a",
    ]
)


@given(TEXT, st.sampled_from(["zh", "en", ""]), st.text())
def test_no_text_fails(text: str, lang: str, zone: str) -> None:
    assert isinstance(wording(text, lang, Glossary(timezone=zone, zone=STOVE, profile=PROFILE["cold-store"])), str)


@given(VALUES, PREDICATES)
def test_no_values_fail(values: dict[str, float], text: str) -> None:
    why = ", ".join(f"{name}={value:.15g}" for name, value in values.items())
    assert finding.read(why) is not None
    assert wording(why, "zh", Glossary(predicate=text))


def test_a_long_text_is_left_alone() -> None:
    text = "compliant (" * 4000
    assert wording(text, "zh") == text


def test_a_field_that_stands_twice_is_the_same_text() -> None:
    two = phrase.Catalogue([("{all} of {all}", "全部 {all}", ""), ("{bad} of {all}", "{all} 中的 {bad}", "")])
    said = [two.find("3 of 3"), two.find("2 of 3"), two.find("x of 3")]
    assert [each and each.render("zh", lambda _, text: text) for each in said] == ["全部 3", "3 中的 2", None]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-18.4, "−18.4"),
        (0.0, "0"),
        (1234567.0, "1,234,567"),
        (0.123456, "0.1235"),
        (21.0, "21"),
        (3.6651, "3.67"),
        (-100.0, "−100"),
        (-2500.0, "−2,500"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert figure.number(value) == text
