"""What a push says, in Chinese or English: a title, a sentence, and where to look."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from alerts.audience import Turn
from domain import reason, rescue
from domain.severity import Severity
from store.pushes import DuePush


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a webhook call. `id` is the push's, the same at each repetition."""

    id: str
    alert: int
    turn: str
    title: str
    text: str
    severity: int
    site: str
    subject: str
    url: str
    lang: str
    at: datetime
    evidence_url: str | None = None


_CLASSES = {
    "zh": {Severity.I: "Ⅰ级", Severity.II: "Ⅱ级", Severity.III: "Ⅲ级", Severity.NOTICE: "提示"},
    "en": {Severity.I: "Class I", Severity.II: "Class II", Severity.III: "Class III", Severity.NOTICE: "Notice"},
}

_TITLES = {
    "zh": {
        Turn.RAISED: "【{grade}】{rule} · {site}",
        Turn.RECTIFIED: "【待审核】{rule} · {site}",
        Turn.REJECTED: "【退回】{rule} · {site}",
        Turn.CLOSED: "【已办结】{rule} · {site}",
        Turn.DISMISSED: "【已撤销】{rule} · {site}",
        Turn.REMINDER: "【催办】{rule} · {site}",
        Turn.OVERDUE: "【逾期】{rule} · {site}",
        Turn.ESCALATED: "【逾期上报】{rule} · {site}",
        Turn.YELLOW_CARD: "【黄牌】{rule} · {site}",
        Turn.RED_CARD: "【红牌】{rule} · {site}",
        Turn.RESCUE: "【救援】{rule} · {site}",
        Turn.APPEALED: "【申诉】{rule} · {site}",
        Turn.APPEAL_DENIED: "【申诉驳回】{rule} · {site}",
        Turn.SUPERVISED: "【督办】{rule} · {site}",
        Turn.TRANSFERRED: "【移交】{rule} · {site}",
    },
    "en": {
        Turn.RAISED: "[{grade}] {rule} · {site}",
        Turn.RECTIFIED: "[To review] {rule} · {site}",
        Turn.REJECTED: "[Sent back] {rule} · {site}",
        Turn.CLOSED: "[Closed] {rule} · {site}",
        Turn.DISMISSED: "[Dismissed] {rule} · {site}",
        Turn.REMINDER: "[Reminder] {rule} · {site}",
        Turn.OVERDUE: "[Overdue] {rule} · {site}",
        Turn.ESCALATED: "[Escalated] {rule} · {site}",
        Turn.YELLOW_CARD: "[Yellow card] {rule} · {site}",
        Turn.RED_CARD: "[Red card] {rule} · {site}",
        Turn.RESCUE: "[Rescue] {rule} · {site}",
        Turn.APPEALED: "[Appeal] {rule} · {site}",
        Turn.APPEAL_DENIED: "[Appeal rejected] {rule} · {site}",
        Turn.SUPERVISED: "[Supervised] {rule} · {site}",
        Turn.TRANSFERRED: "[Transferred] {rule} · {site}",
    },
}

_TEXTS = {
    "zh": {
        Turn.RAISED: "{site} {subject}：{rule}，始于 {began}。{why}请在 {due} 前{duty}。",
        Turn.RECTIFIED: "{site} {subject}：{rule}，经营者已提交整改报告，请审核。",
        Turn.REJECTED: "{site} {subject}：{rule}，整改报告被退回。{remark}请重新整改后再次提交。",
        Turn.CLOSED: "{site} {subject}：{rule}，整改已通过审核，告警办结。{remark}",
        Turn.DISMISSED: "{site} {subject}：{rule}，告警已作为误报撤销。{remark}",
        Turn.REMINDER: "{site} {subject}：{rule}，始于 {began}，尚无人处理。请在 {due} 前{duty}。",
        Turn.OVERDUE: "{site} {subject}：{rule}，始于 {began}，应在 {due} 前{duty}，现已逾期。",
        Turn.ESCALATED: "{site} {subject}：{rule}，始于 {began}，应在 {due} 前{duty}，逾期未处理，现上报贵单位督办。",
        Turn.YELLOW_CARD: "{site} {subject}：{rule}，始于 {began}，长期逾期未整改，该场所被出示黄牌。",
        Turn.RED_CARD: "{site} {subject}：{rule}，始于 {began}，出示黄牌后仍未整改，该场所被出示红牌。",
        Turn.RESCUE: "{site}（{address}）{subject}：{rule}，始于 {began}。请立即打开链接应答，到场和救出后各报告一次。",
        Turn.APPEALED: "{site} {subject}：{rule}，经营者提出申诉，请裁定。",
        Turn.APPEAL_DENIED: "{site} {subject}：{rule}，申诉被驳回，期限顺延至 {due}，请继续处理。",
        Turn.SUPERVISED: "{site} {subject}：{rule}，上级监管机构已督办，请尽快处理。",
        Turn.TRANSFERRED: "{site} {subject}：{rule}，告警已移交给另一级监管机构负责。",
    },
    "en": {
        Turn.RAISED: "{site}, {subject}: {rule} since {began}. {why}Please {duty} before {due}.",
        Turn.RECTIFIED: "{site}, {subject}: {rule}. The operator has reported the rectification; please review it.",
        Turn.REJECTED: "{site}, {subject}: {rule}. The report was sent back. {remark}Please rectify and report again.",
        Turn.CLOSED: "{site}, {subject}: {rule}. The rectification was accepted, the alert is closed. {remark}",
        Turn.DISMISSED: "{site}, {subject}: {rule}. The alert was dismissed as a false alarm. {remark}",
        Turn.REMINDER: "{site}, {subject}: {rule} since {began}. Nobody has acted yet; please {duty} before {due}.",
        Turn.OVERDUE: "{site}, {subject}: {rule} since {began}. It is overdue: please {duty} (it was due {due}).",
        Turn.ESCALATED: "{site}, {subject}: {rule} since {began}. It was due {due}, nobody has acted: see to it.",
        Turn.YELLOW_CARD: "{site}, {subject}: {rule} since {began}, not rectified for long: a yellow card.",
        Turn.RED_CARD: "{site}, {subject}: {rule} since {began}. Still not rectified: the site has a red card.",
        Turn.RESCUE: "{site} ({address}), {subject}: {rule} since {began}. Open the link to answer, and report when you"
        " arrive and when everybody is released.",
        Turn.APPEALED: "{site}, {subject}: {rule}. The operator appeals; please decide.",
        Turn.APPEAL_DENIED: "{site}, {subject}: {rule}. The appeal was rejected; go on, the deadline is now {due}.",
        Turn.SUPERVISED: "{site}, {subject}: {rule}. A higher authority supervises it now; please act soon.",
        Turn.TRANSFERRED: "{site}, {subject}: {rule}. Another authority is responsible for it from now on.",
    },
}

_DUTIES = {
    "zh": {Severity.I: "确认", Severity.II: "完成整改", Severity.III: "完成整改", Severity.NOTICE: "处理"},
    "en": {Severity.I: "acknowledge it", Severity.II: "rectify it", Severity.III: "rectify it", Severity.NOTICE: "act"},
}


def compose(push: DuePush, console_url: str) -> Message:
    """The message of one push, in its channel's language."""
    lang = "en" if push.lang == "en" else "zh"
    turn, words = Turn(push.reason), _words(push, lang)
    console = console_url.rstrip("/")
    return Message(
        id=str(push.id),
        alert=push.alert_id,
        turn=turn,
        title=_TITLES[lang][turn].format_map(words),
        text=_TEXTS[lang][turn].format_map(words).strip(),
        severity=push.severity,
        site=words["site"],
        subject=words["subject"],
        url=_address(push, console),
        lang=lang,
        at=push.created,
        evidence_url=None if push.picture is None else f"{console}/api/v1/evidence/{push.picture}",
    )


def _address(push: DuePush, console: str) -> str:
    """Where to look: a rescuer, who has no login, gets a link of his own."""
    if not push.role:
        return f"{console}/alerts/{push.alert_id}"
    return f"{console}/rescue/{rescue.sign(rescue.link(push.alert_id, push.role, push.created), push.link_key)}"


def encode(message: Message) -> bytes:
    """As JSON, in UTF-8."""
    return msgspec.json.encode(message)


def _words(push: DuePush, lang: str) -> dict[str, str]:
    severity = Severity(push.severity)
    site, subject = (push.site_zh, push.subject_zh) if lang == "zh" else (push.site_en, push.subject_en)
    rule = push.rule_zh if lang == "zh" else push.rule_en
    return {
        "grade": _CLASSES[lang][severity],
        "duty": _DUTIES[lang][severity],
        "site": site,
        "address": push.address or site,
        "subject": subject,
        # Plain replacement: what people wrote into a rule's title is never a format.
        "rule": rule.replace("{site}", site).replace("{subject}", subject),
        "began": _local(push.began, push.timezone),
        "due": _local(push.due, push.timezone),
        "why": _sentence(reason.wording(push.why, lang, reason.glossary(push.glossary)), lang),
        "remark": _sentence(push.remark, lang),
    }


def _local(moment: datetime, timezone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M:%S}"


def _sentence(text: str, lang: str) -> str:
    """Close what somebody wrote with a full stop, so that the next sentence can follow."""
    bare = " ".join(text.split())
    if not bare:
        return ""
    closed = bare if bare[-1] in "。.!?！？" else bare + ("。" if lang == "zh" else ".")
    return closed if lang == "zh" else closed + " "
