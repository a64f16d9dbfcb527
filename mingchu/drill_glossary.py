"""Names of rules, subjects, clips and faults in both languages, for the drill's page."""

from dataclasses import dataclass

from alerts import rulebook
from mingchu import premises
from simulators.scenario_file import Scenario


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages."""

    zh: str
    en: str


FAULTS = {
    "stall": "断流",
    "restart": "重启",
    "server-restart": "服务器重启",
    "wrong-password": "密码被改",
    "corrupt": "码流损坏",
    "low-fps": "帧率过低",
    "frozen": "画面冻结",
    "replay": "循环回放",
    "black": "黑屏",
    "covered": "镜头遮挡",
    "moved": "镜头移位",
    "blurred": "画面模糊",
    "resolution": "分辨率改变",
    "entrapment": "困人",
    "cover-opened": "秤盖打开",
    "amount-mismatch": "金额不符",
    "compressor-failure": "压缩机故障",
    "compressor-fault": "压缩机报故障",
    "stopped-off-floor": "非平层停梯",
    "door-blocked": "门被阻挡",
    "door-close-fault": "关门故障",
    "door-open-fault": "开门故障",
    "unintended-movement": "轿厢意外移动",
    "safety-circuit": "安全回路断开",
    "overspeed": "超速",
    "motor-limiter": "电机运转时间限制",
    "position-lost": "楼层位置丢失",
    "power-loss": "停电",
    "inspection": "检修",
    "alarm-button": "按下警铃",
    "repeated-faults": "反复故障",
    "seal-broken": "铅封破损",
    "adjusted": "擅自调整",
    "firmware-changed": "固件被改",
    "verification-expired": "检定过期",
    "zero-drift": "零点漂移",
    "sequence-gap": "流水缺号",
    "price-outlier": "价格异常",
    "sensor-fault": "传感器故障",
    "low-battery": "电量低",
    "stuck-probe": "探头卡死",
    "probes-disagree": "探头不一致",
    "probe-jumps": "探头跳变",
    "probe-fault": "探头故障",
    "door-left-open": "门未关",
    "defrost-overrun": "化霜不停",
    "trapped-person": "人员被困",
    "refrigerant-leak": "制冷剂泄漏",
    "calibration-expired": "校准过期",
    "record-gap": "记录中断",
    "fever": "发热",
    "certificate-expired": "健康证过期",
    "hand-wound": "手部伤口",
    "unchecked": "未晨检上岗",
    "underweight": "留样不足",
    "sample-missing": "未留样",
    "discarded-early": "提前弃样",
    "paper-out": "缺纸",
    "short-delivery": "短斤少两",
    "warm-delivery": "到货超温",
    "trace-missing": "缺溯源批次",
    "gas-on": "开启燃气阀",
    "leak": "软管漏气",
    "leak-at-meter": "阀前漏气",
    "bad-burning": "燃烧不充分",
    "fire": "起火",
    "sensor-expired": "传感器到期",
    "silent": "无数据",
    "clock-skew": "时钟偏差",
    "loss": "丢包",
    "duplicates": "重复",
    "reordering": "乱序",
    "late": "迟到",
    "outage": "链路中断",
    "cut-off": "断网",
    "garbage": "乱码",
}
CLIPS = {
    "phone": "用手机",
    "rat-night": "夜间老鼠",
    "flame-unattended": "无人看火",
    "intrusion-night": "夜间闯入",
    "walkby": "路过",
    "quiet": "无事",
}
BARS = {
    "missed": Words("漏报", "missed"),
    "unexpected": Words("误报", "unexpected"),
    "unpushed": Words("未推送", "not pushed"),
    "lost": Words("消息丢失", "messages lost"),
    "duplicated": Words("读数重复", "readings duplicated"),
    "latency_p50_s": Words("延迟中位数（秒）", "latency, median (s)"),
    "latency_p95_s": Words("延迟 95 分位（秒）", "latency, 95th percentile (s)"),
    "latency_max_s": Words("最大延迟（秒）", "latency, largest (s)"),
}


class Glossary:
    """What it does not know is called by its code."""

    def __init__(self, scenario: Scenario) -> None:
        shipped = premises.of(scenario)
        self._rules = {rule.code: Words(rule.zh, rule.en) for rule in rulebook.default()}
        self._subjects = {camera.code: Words(camera.zh, camera.en) for camera in shipped.camera}
        self._subjects |= {device.code: Words(device.zh, device.en) for device in shipped.device}

    def rule(self, code: str) -> Words:
        return self._rules.get(code, Words(code, code))

    def subject(self, code: str) -> Words:
        return self._subjects.get(code, Words(code, code))

    def span(self, kind: str, name: str) -> Words:
        """A clip or a fault."""
        words = CLIPS if kind == "clip" else FAULTS
        return Words(words.get(name, ""), name)

    def bar(self, name: str) -> Words:
        return BARS.get(name, Words(name, name))
