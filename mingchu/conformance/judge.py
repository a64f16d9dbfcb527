"""The judge: all checks, in the order in which a vendor mends them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mingchu.conformance import link_checks, time_checks, word_checks
from mingchu.conformance.case import Case
from mingchu.conformance.finding import Finding, Seen, Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One property that a device must have."""

    code: str
    zh: str
    en: str
    look: Callable[[Case], Seen]


CHECKS: tuple[Check, ...] = (
    Check("login", "登录", "Login", link_checks.login),
    Check("topics", "主题", "Topics", link_checks.topics),
    Check("qos", "服务质量", "Quality of service", link_checks.quality),
    Check("retain", "保留标志", "Retained data", link_checks.retained),
    Check("keepalive", "心跳", "Keep-alive", link_checks.keepalive),
    Check("will", "遗嘱", "Last will", link_checks.will),
    Check("will-words", "遗嘱内容", "What the last will says", link_checks.will_words),
    Check("presence", "在线声明", "Presence", link_checks.presence),
    Check("connection", "连接稳定", "Stable connection", link_checks.stays),
    Check("payload", "报文格式", "Payloads", word_checks.payloads),
    Check("metrics", "指标名称", "Names of metrics", word_checks.names),
    Check("coverage", "指标齐全", "All metrics", word_checks.coverage),
    Check("units", "单位", "Units", word_checks.units),
    Check("ranges", "量程", "Ranges", word_checks.ranges),
    Check("codes", "状态代码", "Status codes and flags", word_checks.status_codes),
    Check("events", "事件代码", "Event codes", word_checks.event_codes),
    Check("polarity", "标志极性", "Polarity of flags", word_checks.polarity),
    Check("sales", "交易", "Sales", word_checks.sales),
    Check("clock", "时钟", "Clock", time_checks.clock),
    Check("times", "读数时间", "Times of readings", time_checks.readings_times),
    Check("sampling", "上报周期", "How often it speaks", time_checks.sampling),
    Check("sequence", "序号", "Sequence numbers", time_checks.numbers),
    Check("reuse", "序号唯一", "Each number once", time_checks.reused),
    Check("order", "顺序", "Order", time_checks.order),
    Check("repeats", "重复", "Repeats", time_checks.repeats),
    Check("reconnect", "重连", "Reconnection", link_checks.reconnection),
    Check("replay", "补传", "What it kept is told", time_checks.replay),
)

# What no check can see from outside.
LIMITS = (
    "whether a sensor measures right: a value within its range can be wrong",
    "a flag that is always upside down while the profile names no contradiction for it",
    "how much a device keeps beyond the outage that was tried, and whether it survives its own power loss",
    "what a device says only in situations that did not occur (events, codes, sales marked unseen)",
    "a goodbye at switching off, unless somebody switched it off while the kit looked",
)


def judge(case: Case) -> tuple[Finding, ...]:
    """Every check's finding."""
    return tuple(_finding(check, check.look(case)) for check in CHECKS)


def _finding(check: Check, seen: Seen) -> Finding:
    return Finding(check.code, seen.verdict, check.zh, check.en, seen.detail, seen.count, seen.samples)


def conforms(findings: Sequence[Finding]) -> bool:
    """True when nothing failed."""
    return all(finding.verdict is not Verdict.FAIL for finding in findings)
