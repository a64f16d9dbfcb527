"""What the history says when a clock runs out or a rescuer reports: the sentences, each with its Chinese."""

from datetime import timedelta

from domain.ladder import LATE, Kind, Recipient, Rung
from domain.rescue import RescueAction

_SAID = {
    Kind.ACKNOWLEDGE: ("not acknowledged in time", "未按时签收"),
    Kind.RECTIFY: ("not rectified in time", "未按时完成整改"),
    Kind.REMIND: ("reminded, since nobody has acted yet", "尚无人处理，再次提醒"),
    Kind.YELLOW: ("not rectified for too long: a yellow card", "逾期未整改，出示黄牌"),
    Kind.RED: ("still not rectified: a red card", "仍未整改，出示红牌"),
    Kind.APPEAL: ("the appeal was not decided in time", "申诉未按时裁定"),
    Kind.CALL: ("the rescuers are called", "已呼叫救援人员"),
    Kind.ANSWER: ("no rescuer has answered in time", "救援人员未按时应答"),
    Kind.ARRIVE: ("no rescuer has arrived in time", "救援人员未按时到场"),
    Kind.RELEASE: ("nobody has been reported released in time", "未按时报告救出"),
}
_ESCALATED = (
    ("still open: the authority in charge is told", "仍未处理，已上报主管机构"),
    ("still open: the authority one level above is told", "仍未处理，已上报上一级机构"),
    ("still open: the authority two levels above is told", "仍未处理，已上报上两级机构"),
    ("still open: the authority three levels above is told", "仍未处理，已上报上三级机构"),
)
_LEVELS = (Recipient.STATION, Recipient.DISTRICT, Recipient.CITY, Recipient.PROVINCE)
_ROLES = {
    Recipient.MAINTAINER: ("the maintainer", "维保单位"),
    Recipient.GRID: ("the grid station", "网格站"),
    Recipient.EMERGENCY: ("emergency services", "119 救援"),
}
_DONE = {
    RescueAction.ANSWERED: ("has answered", "已应答"),
    RescueAction.ARRIVED: ("has arrived", "已到场"),
    RescueAction.RELEASED: ("reports everybody released", "报告人员已全部救出"),
}

PHRASES: tuple[tuple[str, str, str], ...] = (
    ("{what}; told {count} min late", "{what}（延迟 {count} 分钟发出）", ""),
    *((en, zh, "") for en, zh in _SAID.values()),
    *((en, zh, "") for en, zh in _ESCALATED),
    *((f"{who} {did}", f"{zh}{done}", "") for who, zh in _ROLES.values() for did, done in _DONE.values()),
    ("{what}, at {where}", "{what}，位置 {where}", ""),
)


def fired(rung: Rung, late: timedelta) -> str:
    """Why a clock's consequences come, and how late, if they are."""
    said = _escalated(rung) if rung.kind is Kind.ESCALATE else _SAID[rung.kind][0]
    return said if late < LATE else f"{said}; told {late // timedelta(minutes=1)} min late"


def _escalated(rung: Rung) -> str:
    highest = max((level for level, told in enumerate(_LEVELS) if told in rung.tell), default=0)
    return _ESCALATED[highest][0]


def reported(role: Recipient, action: RescueAction, position: tuple[float, float] | None) -> str:
    """What a rescuer has reported, and where he was, in degrees north and east."""
    said = f"{_ROLES[role][0]} {_DONE[action][0]}"
    return said if position is None else f"{said}, at {position[0]:.5f} {position[1]:.5f}"
