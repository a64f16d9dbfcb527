"""What a rule rests on, in words: its `source`, a clause of a standard or a decision of our own, in parts."""

from domain.phrase import Catalogue

_PARTS = Catalogue(
    (
        ("ours", "本系统设定", "set by this system"),
        ("duration: ours", "时长由本系统设定", "duration set by this system"),
        ("threshold and duration: ours", "阈值和时长由本系统设定", "threshold and duration set by this system"),
        (
            "a repair counts for an hour: ours",
            "维修码一小时内有效由本系统设定",
            "that a repair counts for an hour is set by this system",
        ),
        (
            "only while the air keeps its set point",
            "仅在库温保持设定温度时判定",
            "",
        ),
        ("yearly", "每年一次", ""),
        (
            "a record at least every 10 min [verify]",
            "至少每 10 分钟记录一次（条款待核实）",
            "a record at least every 10 min (clause to be verified)",
        ),
        ("tolerance 1 fen: ours", "允差 1 分由本系统设定", "tolerance of 1 fen set by this system"),
        ("the silence of its profile", "静默时长见设备档案", "silence as in the device's profile"),
        ("default scene profile, {number}", "默认场景目录 {number}", "Default scene profile, {number}"),
        (
            "{standard} asks for {limit} [verify]",
            "{standard} 要求 {limit}（条款待核实）",
            "{standard} asks for {limit} (clause to be verified)",
        ),
        (
            "{standard} code {number} [verify]",
            "{standard} 代码 {number}（条款待核实）",
            "{standard} code {number} (clause to be verified)",
        ),
        (
            "catering code of practice [verify]",
            "《餐饮服务食品安全操作规范》（条款待核实）",
            "Code of Practice for Food Safety in Catering Services (clause to be verified)",
        ),
        (
            "vendors' second code list [verify]",
            "厂商的第二种代码表（待核实）",
            "vendors' second code list (to be verified)",
        ),
        ("{standard} [verify]", "{standard}（条款待核实）", "{standard} (clause to be verified)"),
    )
)


def wording(source: str, lang: str) -> str:
    """A rule's source in 'zh' or 'en'; a part that is none of the shipped rules' reads as it is."""
    between = "; " if lang == "en" else "；"
    return between.join(_part(part, lang) for part in source.split("; "))


def _part(part: str, lang: str) -> str:
    said = _PARTS.find(part)
    return part if said is None else said.render("en" if lang == "en" else "zh", lambda _, text: text)
