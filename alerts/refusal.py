"""Why the workflow refuses a move: named reasons, their sentences, and the errors that carry them."""

from enum import StrEnum
from typing import ClassVar


class Refusal(StrEnum):
    """Why a move is refused; also the key of its text."""

    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    MOVE = "no-such-move"
    ROLE = "wrong-role"
    RESPONSIBLE = "not-responsible"
    ABOVE = "not-above"
    SUPERVISED = "supervised-already"
    LIFTER = "not-the-supervisor"
    APPEALED = "appealed-before"
    NO_APPEAL = "no-appeal"
    APPEAL_WAITS = "appeal-waits"
    HUMAN = "for-a-human"
    REASON = "reason-missing"
    TEXT = "text-missing"
    PHOTO = "photo-missing"
    ASSIGNEE = "assignee-unfit"
    TARGET = "authority-unfit"
    UNTIL = "deadline-unfit"
    ACTIVE = "still-active"
    RECHECK = "recheck-running"
    UNJUDGED = "unjudged-needs-reason"


TEXTS: dict[Refusal, dict[str, str]] = {
    Refusal.NOT_FOUND: {"zh": "没有这条告警。", "en": "There is no such alert."},
    Refusal.CONFLICT: {
        "zh": "这条告警刚刚已被他人处理，请刷新后再试。",
        "en": "Somebody else has just changed this alert; reload it and try again.",
    },
    Refusal.MOVE: {
        "zh": "告警在当前状态下不能执行此操作。",
        "en": "This cannot be done to an alert in its present status.",
    },
    Refusal.ROLE: {"zh": "您的角色不能执行此操作。", "en": "Your role may not do this."},
    Refusal.RESPONSIBLE: {
        "zh": "这条告警已由其他监管机构负责，您只能查看和留言。",
        "en": "Another authority is responsible for this alert; you can read it and comment.",
    },
    Refusal.ABOVE: {
        "zh": "只有上级监管机构可以督办。",
        "en": "Only an authority above the responsible one may.",
    },
    Refusal.SUPERVISED: {
        "zh": "这条告警已在督办中，请先解除再重新督办。",
        "en": "The alert is supervised already; lift that first.",
    },
    Refusal.LIFTER: {
        "zh": "没有督办，或只有发起督办的机构及其上级可以解除。",
        "en": "It is not supervised, or only who supervises it, or an authority above, lifts that.",
    },
    Refusal.APPEALED: {"zh": "每条告警只能申诉一次。", "en": "An alert is appealed against once only."},
    Refusal.NO_APPEAL: {"zh": "没有等待裁定的申诉。", "en": "No appeal waits for a verdict."},
    Refusal.APPEAL_WAITS: {"zh": "请先裁定经营者的申诉。", "en": "Decide on the operator's appeal first."},
    Refusal.HUMAN: {
        "zh": "这条告警须由监管人员复核，不能由系统自动办结。",
        "en": "A human must review this alert; the machine does not close it.",
    },
    Refusal.REASON: {"zh": "请填写理由。", "en": "Give a reason."},
    Refusal.TEXT: {"zh": "请填写说明。", "en": "Describe it in words."},
    Refusal.PHOTO: {"zh": "请至少上传一张整改照片。", "en": "Attach at least one photo of the rectification."},
    Refusal.ASSIGNEE: {
        "zh": "不能指派给此人：只能指派给本单位人员，或能处理这条告警的监管人员。",
        "en": "It cannot be assigned to that person: choose one of the operator's people or a responsible regulator.",
    },
    Refusal.TARGET: {
        "zh": "只能移交给当前负责机构的上级或下级。",
        "en": "It is passed only to an authority above or below the responsible one.",
    },
    Refusal.UNTIL: {"zh": "请填写一个未来的期限。", "en": "Give a deadline that lies ahead."},
    Refusal.ACTIVE: {
        "zh": "系统检测到问题仍然存在，暂不能办结。",
        "en": "The problem is still being detected, so the alert cannot be closed yet.",
    },
    Refusal.RECHECK: {
        "zh": "系统复核时间未到，请稍后再办结。",
        "en": "The automatic re-check is still running; close the alert when it is over.",
    },
    Refusal.UNJUDGED: {
        "zh": "系统无法复核，请写明您是如何核实的。",
        "en": "The machine could not re-check it: say in a reason how you have verified it.",
    },
}


class WorkflowError(Exception):
    """A move was refused; `refusal` names why."""

    key: ClassVar[Refusal | None] = None

    def __init__(self, refusal: Refusal | None = None) -> None:
        refused = refusal or self.key
        assert refused is not None
        self.refusal: Refusal = refused
        super().__init__(TEXTS[refused]["en"])

    def text(self, lang: str) -> str:
        """The sentence for the person, in 'zh' or 'en'."""
        return TEXTS[self.refusal]["en" if lang == "en" else "zh"]


class NotFoundError(WorkflowError):
    """There is no such alert (or none of this person's)."""

    key = Refusal.NOT_FOUND


class ConflictError(WorkflowError):
    """Somebody else has just changed this alert; reload it and try again."""

    key = Refusal.CONFLICT


class MoveError(WorkflowError):
    """This cannot be done to an alert in its present status."""

    key = Refusal.MOVE


class RoleError(WorkflowError):
    """Your role may not do this."""

    key = Refusal.ROLE


class GateError(WorkflowError):
    """Something that this move needs is missing or stands against it: a reason, a photo, the re-check, an appeal."""
