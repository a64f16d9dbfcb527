"""What a push says, in Chinese or English: a title, a sentence, where to look, and what to do at once."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from alerts.audience import Turn
from domain import action_link, reason, rescue
from domain.period import ZONE
from domain.severity import Severity
from store.pushes import DuePush


class Item(msgspec.Struct, frozen=True):
    """One of the things that a message tells together."""

    alert: int | None
    turn: str
    title: str
    severity: int
    url: str


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a webhook call. `id` is the message's, the same at each repetition.

    One that tells several things together has `items`, the gravest first, and is else about the first of them.
    `alert` is None where it is about a channel. `action_url` is a one-time link to acknowledge.
    """

    id: str
    alert: int | None
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
    action_url: str | None = None
    items: tuple[Item, ...] = ()


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
        Turn.APPEAL_OVERDUE: "【申诉逾期】{rule} · {site}",
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
        Turn.APPEAL_OVERDUE: "[Appeal overdue] {rule} · {site}",
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
        Turn.TRANSFERRED: "{site} {subject}：{rule}，告警已移交，现由{holder}负责。",
        Turn.APPEAL_OVERDUE: "{site} {subject}：{rule}，经营者的申诉已过裁定期限，请尽快裁定。",
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
        Turn.TRANSFERRED: "{site}, {subject}: {rule}. {holder} is responsible for it from now on.",
        Turn.APPEAL_OVERDUE: "{site}, {subject}: {rule}. The appeal should have been decided by now; please decide.",
    },
}

_DUTIES = {
    "zh": {Severity.I: "确认", Severity.II: "完成整改", Severity.III: "完成整改", Severity.NOTICE: "处理"},
    "en": {Severity.I: "acknowledge it", Severity.II: "rectify it", Severity.III: "rectify it", Severity.NOTICE: "act"},
}


# About a channel, a report or the whole house, not about an alert.
_PAGES = {
    **dict.fromkeys(("broker_silent", "broker_back", "disk_full", "disk_room"), "operations"),
    "webhook_dead": "webhooks",
}
_SPANS = {
    "zh": {"day": "日报", "week": "周报", "month": "月报"},
    "en": {"day": "Daily", "week": "Weekly", "month": "Monthly"},
}
_NOTICES = {
    "zh": {
        "test": ("【测试】推送渠道可用", "这是一条测试消息：能看到它，说明此渠道工作正常。"),
        "channel_dead": (
            "【渠道停用】{subject}",
            "推送渠道 {subject} 连续多次被拒绝，已停用：{remark}请检查后重新启用。",
        ),
        "webhook_dead": (
            "【订阅停用】{subject}",
            "事件订阅 {subject} 长时间无法投递，已停用，不再为其保留事件：{remark}请检查后发送测试以恢复。",
        ),
        "broker_silent": (
            "【平台】收不到任何数据",
            "截至 {began}，平台已有一分钟以上收不到任何数据：消息代理或接入服务中断。恢复之前不判离线，请检查。",
        ),
        "report": (
            "【{span}】{subject} {period}",
            "{subject} {period} 的{span}已生成，期间告警 {count} 件。链接 14 天内有效，无需登录。",
        ),
        "broker_back": ("【平台】数据接收已恢复", "平台于 {began} 恢复接收设备和摄像机的数据。"),
        "disk_full": (
            "【平台】存储空间已满",
            "{began}，证据库或数据库的磁盘已满，写不进去。边缘端与消息代理暂存数据，请尽快腾出空间（mingchu doctor）。",
        ),
        "disk_room": ("【平台】存储空间已恢复", "平台于 {began} 起可正常写入。"),
    },
    "en": {
        "test": ("[Test] This channel works", "This is a test: that you can read it shows that the channel works."),
        "channel_dead": (
            "[Channel given up] {subject}",
            "The channel {subject} has refused message after message and was given up: {remark}"
            "Please check it and switch it on again.",
        ),
        "webhook_dead": (
            "[Webhook given up] {subject}",
            "The webhook {subject} could not be reached for long and was given up; no events are kept for it: {remark}"
            "Please check it and send it a ping, which tries it again.",
        ),
        "broker_silent": (
            "[House] Nothing is heard",
            "At {began} nothing had been heard for a minute: the broker or ingest is away."
            " Until it is back, no silence is an alert. Please check the broker and ingest.",
        ),
        "report": (
            "[{span} report] {subject} {period}",
            "The report of {subject}, {period}, is ready: {count} alerts. The link opens without a login for 14 days.",
        ),
        "broker_back": ("[House] Heard again", "Devices and cameras are heard again since {began}."),
        "disk_full": (
            "[House] The disk is full",
            "At {began} the evidence store or the database could take no more. Edges and the broker keep what comes"
            " meanwhile; please make room soon (`mingchu doctor` says where).",
        ),
        "disk_room": ("[House] There is room again", "All is written again since {began}."),
    },
}

_WHOLE = {"zh": "全场", "en": "the whole site"}  # an alert's subject that is neither device, camera nor edge
_TOGETHER = {"zh": ("【汇总】{n} 条消息：{classes}", "另有 {n} 条"), "en": ("[{n} together] {classes}", "and {n} more")}
_LISTED = 30  # lines of a message that tells several things
_ACTIONS = {"zh": "点此确认（24 小时内一次有效）：", "en": "Acknowledge (once, within 24 h): "}


def compose(pushes: Sequence[DuePush], console_url: str, link_key: bytes) -> Message:
    """The message of a push, or of several that go together, in the channel's language."""
    console = console_url.rstrip("/")
    if len(pushes) == 1:
        return _single(pushes[0], console, link_key)
    ordered = sorted(pushes, key=lambda push: (push.severity, push.created, push.id))
    first, lang = ordered[0], _lang(ordered[0])
    items = tuple(
        Item(one.alert_id, one.reason, _told(one)[0], one.severity, _url(one, console, link_key)) for one in ordered
    )
    return msgspec.structs.replace(
        _single(first, console, link_key),
        id=str(first.message),
        title=_TOGETHER[lang][0].format(n=len(items), classes=_counted(ordered, lang)),
        text=_listed(items, lang),
        url=f"{console}/",
        evidence_url=None,
        action_url=None,
        items=items,
    )


def _single(push: DuePush, console: str, link_key: bytes) -> Message:
    title, text = _told(push)
    words = _words(push, _lang(push))
    asked = push.reason == Turn.RAISED and push.to_operator
    return Message(
        id=str(push.message),
        alert=push.alert_id,
        turn=push.reason,
        title=title,
        text=text,
        severity=push.severity,
        site=words["site"],
        subject=words["subject"],
        url=_url(push, console, link_key),
        lang=_lang(push),
        at=push.created,
        evidence_url=None if push.picture is None else f"{console}/api/v1/evidence/{push.picture}",
        action_url=f"{console}/a/{action_link.token(link_key, push.id)}" if asked else None,
    )


def _told(push: DuePush) -> tuple[str, str]:
    """Title and sentence."""
    lang = _lang(push)
    words = _words(push, lang)
    if push.alert_id is None:
        title, text = _NOTICES[lang][push.reason]
    else:
        turn = Turn(push.reason)
        title, text = _TITLES[lang][turn], _TEXTS[lang][turn]
    return title.format_map(words), text.format_map(words).strip()


def _lang(push: DuePush) -> str:
    return "en" if push.lang == "en" else "zh"


def _url(push: DuePush, console: str, link_key: bytes) -> str:
    """Where to look: a rescuer, who has no login, gets a link of his own, as who gets a report does."""
    if push.report_id is not None:
        return f"{console}/r/{action_link.token(link_key, push.id)}"
    if push.alert_id is None:
        return f"{console}/{_PAGES.get(push.reason, 'channels')}"
    if not push.role:
        return f"{console}/alerts/{push.alert_id}"
    return f"{console}/rescue/{rescue.sign(rescue.link(push.alert_id, push.role, push.created), push.link_key)}"


def _counted(pushes: Sequence[DuePush], lang: str) -> str:
    """How many of each class."""
    counts = Counter(push.severity for push in pushes)
    return " · ".join(f"{_CLASSES[lang][Severity(severity)]} {n}" for severity, n in sorted(counts.items()))


def _listed(items: Sequence[Item], lang: str) -> str:
    """A line for each title, with how often it comes."""
    # A rescuer's link is the only one that he has.
    counts = Counter(f"{one.title} {one.url}" if one.turn == Turn.RESCUE else one.title for one in items)
    lines = [title if n == 1 else f"{title} ×{n}" for title, n in list(counts.items())[:_LISTED]]
    if len(counts) > _LISTED:
        lines.append(_TOGETHER[lang][1].format(n=len(counts) - _LISTED))
    return "\n".join(lines)


def plain(message: Message, limit: int) -> str:
    """The message as plain text of at most `limit` bytes: what is too long is cut, the links never are."""
    links = [message.url]
    if message.action_url is not None:
        links.insert(0, _ACTIONS[message.lang] + message.action_url)
    foot = "\n" + "\n".join(links)
    head = f"{message.title}\n{message.text}"
    return clip(head, limit - len(foot.encode())) + foot


def clip(text: str, limit: int) -> str:
    """At most so many bytes of UTF-8, never half a character."""
    raw = text.encode()
    return text if len(raw) <= limit else raw[: max(limit - 3, 0)].decode(errors="ignore") + "…"


def encode(message: Message) -> bytes:
    """As JSON, in UTF-8."""
    return msgspec.json.encode(message)


def _words(push: DuePush, lang: str) -> dict[str, str]:
    severity = Severity(push.severity)
    site, subject = (push.site_zh, push.subject_zh) if lang == "zh" else (push.site_en, push.subject_en)
    subject = subject or (_WHOLE[lang] if push.alert_id is not None else "")
    rule = push.rule_zh if lang == "zh" else push.rule_en
    return {
        "grade": _CLASSES[lang][severity],
        "duty": _DUTIES[lang][severity],
        "site": site,
        "address": push.address or site,
        "subject": subject,
        "holder": push.holder_zh if lang == "zh" else push.holder_en,
        # Plain replacement: what people wrote into a rule's title is never a format.
        "rule": rule.replace("{site}", site).replace("{subject}", subject),
        "began": _local(push.began, push.timezone),
        "due": _local(push.due, push.timezone),
        "why": _sentence(reason.wording(push.why, lang, reason.glossary(push.glossary)), lang),
        "remark": _sentence(push.remark, lang),
        "span": _SPANS[lang].get(push.span, ""),
        "period": _period(push),
        "count": str(push.count),
    }


def _period(push: DuePush) -> str:
    """A report's days."""
    first, last = (push.began.astimezone(ZONE).date(), (push.due - timedelta(seconds=1)).astimezone(ZONE).date())
    return f"{first}" if first >= last else f"{first} – {last}"


def _local(moment: datetime, timezone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M:%S}"


def _sentence(text: str, lang: str) -> str:
    """Close what somebody wrote with a full stop, so that the next sentence can follow."""
    bare = " ".join(text.split())
    if not bare:
        return ""
    closed = bare if bare[-1] in "。.!?！？" else bare + ("。" if lang == "zh" else ".")
    return closed if lang == "zh" else closed + " "
