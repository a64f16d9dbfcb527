"""The named reasons of alerts in words. The sentence that was stored stays the record; this is how people read it.

What composes a reason (inference, edge, ingest, alerts) writes plain English; each of those sentences stands here as
a phrase with its Chinese. A sentence that is none of ours, such as a person's remark, reads as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from domain import clock_phrase, derived, figure, finding
from domain.phrase import Catalogue
from domain.profile import FIGURES, SALE, DeviceProfile, Metric
from domain.scene import KINDS, SceneKind


class ZoneName(msgspec.Struct, frozen=True):
    """A camera's zone as people call it."""

    code: str
    zh: str
    en: str


class Glossary(msgspec.Struct, frozen=True):
    """What a reason's names mean, by the rule's predicate, device's profile, camera's zone and site's time zone."""

    predicate: str | None = None
    profile: DeviceProfile | None = None
    zone: ZoneName | None = None
    timezone: str | None = None


NO_GLOSSARY = Glossary()

_SIGHTS = (
    ("head not visible", "看不到头部", ""),
    ("head visible with a hat", "头部可见，已戴工作帽", ""),
    ("head visible without a hat", "头部可见，未戴工作帽", ""),
    ("face not visible", "看不到面部", ""),
    ("face visible with a mask", "面部可见，已戴口罩", ""),
    ("face visible without a mask", "面部可见，未戴口罩", ""),
    ("face visible without a mask in a special room", "专间内面部可见，未戴口罩", ""),
    ("torso not visible", "看不到上身", ""),
    ("torso visible in the uniform", "上身可见，已穿工作服", ""),
    ("torso visible in other clothes", "上身可见，未穿工作服", ""),
    ("bare torso", "赤膊", ""),
    ("person visible, no cigarette", "可见人员，未见香烟", ""),
    ("cigarette not confirmed by the second look", "疑似香烟，复核未确认", ""),
    ("cigarette at a person's head or hand", "人员嘴边或手中有香烟", ""),
    ("break time", "休息时间", ""),
    ("bin closed", "垃圾桶已盖好", ""),
    ("bin open, nobody at it", "垃圾桶未盖，旁边无人", ""),
    ("bin overflowing, nobody at it", "垃圾桶溢出，旁边无人", ""),
    ("somebody at the bin", "垃圾桶旁有人", ""),
    ("flame and smoke visible, nobody in the zone", "可见明火和烟雾，区域内无人", ""),
    ("entry allowed at this time", "此时段允许进入", ""),
    ("person visible, no phone", "可见人员，未见手机", ""),
    ("phone linked to a person", "人员在用手机", "a person with a phone"),
    ("rat visible", "可见老鼠", ""),
    ("rat visible, to be confirmed by a person", "疑似老鼠，待人工确认", ""),
    ("no flame", "未见明火", ""),
    ("flame attended", "明火有人看管", ""),
    ("flame visible, nobody in the zone", "可见明火，区域内无人", ""),
    ("opening hours", "营业时间", ""),
    ("closed hours", "非营业时间", ""),
    ("nobody there", "区域内无人", ""),
    ("person in a restricted zone", "有人进入限制区域", ""),
    ("person in closed hours", "非营业时间有人", ""),
)
_SAMPLES = "samples over {seconds} s, {what}, zone {zone}, {hours}"
_SCENES = (
    (
        f"{{all}} of {{all}} {_SAMPLES}, moved {{way}} body lengths",
        "{seconds} 秒内 {all} 个样本全部违规：{what}（{zone}，{hours}），移动 {way} 个体长",
        "All {all} samples over {seconds} s: {what} ({zone}, {hours}), moved {way} body lengths",
    ),
    (
        f"{{bad}} of {{all}} {_SAMPLES}, moved {{way}} body lengths",
        "{seconds} 秒内 {all} 个样本中 {bad} 个违规：{what}（{zone}，{hours}），移动 {way} 个体长",
        "{bad} of {all} samples over {seconds} s: {what} ({zone}, {hours}), moved {way} body lengths",
    ),
    (
        f"{{all}} of {{all}} {_SAMPLES}",
        "{seconds} 秒内 {all} 个样本全部违规：{what}（{zone}，{hours}）",
        "All {all} samples over {seconds} s: {what} ({zone}, {hours})",
    ),
    (
        f"{{bad}} of {{all}} {_SAMPLES}",
        "{seconds} 秒内 {all} 个样本中 {bad} 个违规：{what}（{zone}，{hours}）",
        "{bad} of {all} samples over {seconds} s: {what} ({zone}, {hours})",
    ),
    ("compliant ({what}) for {seconds} s", "{what}，已持续 {seconds} 秒", "{what} for {seconds} s"),
    ("not seen for {seconds} s", "已 {seconds} 秒未再出现", ""),
    ("the camera is no longer watched", "该摄像机已停止监看", ""),
    ("not seen again since the camera was opened anew", "摄像机重新连接后未再出现", ""),
)
_EVIDENCE = (
    ("begins at {time}, after the first sample", "片段从 {time} 开始，晚于第一个样本", ""),
    ("ends at {time}, before the last sample", "片段到 {time} 结束，早于最后一个样本", ""),
    ("captured {seconds} s from the best sample", "拍摄时刻与最佳样本相差 {seconds} 秒", ""),
    ("cut short: the edge was stopped", "现场主机停止运行，片段提前结束", ""),
    ("cut short: the clock was set back", "现场主机时钟被调慢，片段提前结束", ""),
    ("has no picture at {time}, when there was a sample", "缺少 {time} 的样本画面", ""),
    ("no pictures came between {time} and {until}", "{time} 至 {until} 之间没有收到画面", ""),
    (
        "part {count} of {all}: the camera changed its picture format",
        "摄像机中途改变了画面格式，这是 {all} 段中的第 {count} 段",
        "",
    ),
    ("the ring holds no packets of that time", "缓存中没有该时段的视频", ""),
    ("no keyframe of that time can be decoded", "该时段的视频无法解码", ""),
    ("the clip cannot be written: {detail}", "片段无法写入：{detail}", ""),
    ("the clip has {count} of {all} pictures when read back", "片段回读时只有 {all} 帧中的 {count} 帧", ""),
    ("no picture of the best sample was left in the ring", "缓存中已没有最佳样本的画面", ""),
    ("the edge was restarted before it was made", "现场主机在生成之前重新启动", ""),
    ("the edge's disk was full", "现场主机磁盘已满", ""),
    ("the edge failed on its photographs", "现场主机生成照片时出错", ""),
    ("too many scenes began at once", "同时发生的事件过多", ""),
    ("the edge failed on the clip", "现场主机生成片段时出错", ""),
    (
        "the edge's evidence folder was full: removed before it was uploaded",
        "现场主机的证据空间已满，上传之前被清除",
        "",
    ),
    ("its file is gone from the edge's disk", "现场主机上的文件已丢失", ""),
    ("its file was damaged on the edge's disk", "现场主机上的文件已损坏", ""),
    ("the platform refused it (HTTP {count})", "平台拒绝接收（HTTP {count}）", ""),
)
_HEALTH = (
    ("no picture has arrived", "从未收到画面", ""),
    ("pictures arrive and are alive", "画面正常", ""),
    ("no picture for {seconds} s: {what}", "{seconds} 秒没有画面：{what}", ""),
    ("the picture has been black for {seconds} s", "画面已黑屏 {seconds} 秒", ""),
    ("the picture has been black in {count} visits on end", "连续 {count} 次巡查画面黑屏", ""),
    ("pictures have been identical in {count} visits on end", "连续 {count} 次巡查画面完全相同", ""),
    ("no visit has succeeded for {seconds} s: {what}", "{seconds} 秒内的巡查都没有取到画面：{what}", ""),
    ("the camera sent no keyframe within {seconds} s", "摄像机 {seconds} 秒内没有发来关键帧", ""),
    ("the camera's keyframe cannot be decoded", "摄像机的关键帧无法解码", ""),
    ("pictures have been identical for {seconds} s", "画面已静止 {seconds} 秒", ""),
    (
        "the lens is covered: {percent} of the usual contrast, {share} of the outlines are visible",
        "对比度为平时的 {percent}，可见轮廓 {share}",
        "{percent} of the usual contrast, {share} of the outlines are visible",
    ),
    (
        "the picture is blurred: {percent} of the usual detail",
        "细节为平时的 {percent}",
        "{percent} of the usual detail",
    ),
    (
        "the view is another one: {percent} of its outlines are where they were",
        "与登记的视角相比，{percent} 的轮廓在原位",
        "{percent} of the view's outlines are where they were",
    ),
    (
        "{count} pictures came again exactly, {seconds} s after they were first shown",
        "{count} 帧画面在 {seconds} 秒后一模一样地再次出现",
        "",
    ),
    ("{rate} pictures a second arrive, usually {usual}", "每秒只收到 {rate} 帧，平时 {usual} 帧", ""),
    ("the edge failed on this camera's stream ({detail})", "现场主机处理该摄像机视频流时出错（{detail}）", ""),
    ("the camera sends data that is no video", "摄像机发来的数据不是视频", ""),
    ("the camera ended the stream", "摄像机结束了视频流", ""),
    ("the camera sends no video stream", "摄像机没有视频流", ""),
    ("cannot read the camera at {where} ({detail})", "无法读取摄像机 {where}（{detail}）", ""),
    (
        "the camera at {where} refuses the user name or password: correct it in the registry",
        "摄像机 {where} 拒绝了用户名或密码，请在登记信息中更正",
        "",
    ),
    ("the camera at {where} answers that it cannot serve now", "摄像机 {where} 答复暂时无法提供视频", ""),
    ("there is no stream at {where}: correct the path in the registry", "{where} 没有视频流，请更正登记的路径", ""),
    (
        "nothing listens at {where}: check the port, and that the camera is on",
        "{where} 无法连接，请检查端口以及摄像机是否通电",
        "",
    ),
    ("the camera at {where} does not answer in time", "摄像机 {where} 应答超时", ""),
    ("the camera at {where} ended the stream", "摄像机 {where} 结束了视频流", ""),
    ("what the camera at {where} sends is no video that can be read", "摄像机 {where} 发来的视频无法解读", ""),
    ("there is no file {where}", "文件 {where} 不存在", ""),
    ("the camera's address is not valid: correct it in the registry", "摄像机地址无效，请在登记信息中更正", ""),
    (
        "the camera's address begins with {detail}: it must be rtsp:// or rtsps://",
        "摄像机地址以 {detail} 开头，必须是 rtsp:// 或 rtsps://",
        "",
    ),
    ("the camera's address names no host: correct it in the registry", "摄像机地址没有主机名，请在登记信息中更正", ""),
    (
        "the camera's address leads to {detail}, where no camera may be:"
        " correct it, or have MINGCHU_CAMERA_NETWORKS of the edge name its network",
        "摄像机地址指向 {detail}，那里不允许有摄像机：请更正，或在边缘节点的设置中允许其网段",
        "",
    ),
    ("{state}: {what}", "{state}：{what}", ""),
)
_STORAGE = (
    ("edge {code}: {what}", "现场主机 {code}：{what}", "Edge {code}: {what}"),
    ("there is room on the edge's disk", "磁盘空间已恢复", ""),
    ("the edge's disk takes nothing more: free some space on it", "磁盘已满，无法写入，请清理空间", ""),
    (
        "the edge's spool is full: it sheds the oldest of what is least important",
        "待发数据空间已满，正在舍弃最不重要且最旧的数据",
        "",
    ),
    (
        "the edge's evidence folder is full: it sheds the oldest of what is least important",
        "证据空间已满，正在清除最不重要且最旧的证据",
        "",
    ),
)
_DEVICES = (
    ("{scene} at camera {camera}: {what}", "摄像机 {camera} 看到{scene}；{what}", "{scene} at camera {camera}; {what}"),
    ("{scene} is over: {what}", "{scene}已结束；{what}", "{scene} is over; {what}"),
    ("{scene} is over", "{scene}已结束", ""),
    ("event {code} ({event}) began", "事件开始：{event}", "Began: {event}"),
    ("event {code} ({event}) ended", "事件结束：{event}", "Ended: {event}"),
    ("event {code} ({event}) happened", "发生事件：{event}", "Happened: {event}"),
    ("event {code} began", "事件开始：代码 {code}", ""),
    ("event {code} ended", "事件结束：代码 {code}", ""),
    ("event {code} happened", "发生事件：代码 {code}", ""),
    ("sale {sale}: {what}", "{what}（交易号 {sale}）", "{what} (sale {sale})"),
    ("nothing heard since {instant} UTC", "自 {instant} 起没有收到任何数据", "Nothing heard since {instant}"),
    ("heard again", "已恢复上报数据", ""),
    (
        "{count} of {all} of the site silent since {instant} UTC",
        "该场所 {all} 台设备和摄像机中有 {count} 台自 {instant} 起失联",
        "{count} of the site's {all} devices and cameras silent since {instant}",
    ),
    (
        "{count} of {all} behind edge {code} silent since {instant} UTC",
        "现场主机 {code} 所接的 {all} 台中有 {count} 台自 {instant} 起失联",
        "{count} of {all} behind edge {code} silent since {instant}",
    ),
    ("{count} of {all} heard again", "{all} 台中已有 {count} 台恢复", ""),
    ("part of the outage of its site", "并入该场所的整体离线告警", "Part of the outage of its site"),
    ("the rule does not look here any more", "规则已停用或不再适用于此处", ""),
)
_RECHECKS = (
    ("the camera was {state} during the re-check", "复核期间摄像机{state}，无法判断", ""),
    ("the device was {state} during the re-check", "复核期间设备{state}，无法判断", ""),
    ("still so after {seconds} s", "{seconds} 秒后仍然存在", ""),
    ("watched for {seconds} s, nothing seen", "监看 {seconds} 秒，未再出现", ""),
    ("it came back within {seconds} s", "{seconds} 秒内再次出现", ""),
)
CATALOGUE = Catalogue(
    (*_SIGHTS, *_RECHECKS, *_SCENES, *_EVIDENCE, *_STORAGE, *_DEVICES, *clock_phrase.PHRASES, *_HEALTH)
)

_SCENE_KINDS: dict[str, SceneKind] = {kind.scene.value: kind for kind in KINDS.values()}
STATES = {
    "OK": ("正常", "OK"),
    "OFFLINE": ("离线", "Offline"),
    "STALLED": ("卡顿", "Stalled"),
    "BLACK": ("黑屏", "Black"),
    "FROZEN": ("画面冻结", "Frozen"),
    "OCCLUDED": ("镜头遮挡", "Covered"),
    "BLURRED": ("画面模糊", "Blurred"),
    "MOVED": ("镜头移位", "Moved"),
    "REPLAYED": ("疑似回放", "Replayed"),
    "LOW_FPS": ("帧率过低", "Low frame rate"),
}


@lru_cache(maxsize=256)
def glossary(body: str) -> Glossary:
    """A glossary from its JSON in the store; an empty one where it cannot be read: the reason then reads as it is."""
    try:
        return msgspec.json.decode(body, type=Glossary)
    except msgspec.MsgspecError:
        return NO_GLOSSARY


def named(profile: DeviceProfile | None) -> dict[str, Metric]:
    """All that a rule about a device of that profile may read, by name: its metrics, figures, and fields of a sale."""
    own = () if profile is None else profile.metrics
    further = [figure for metric in own if not metric.flag for figure in derived.titled(metric)]
    return {metric.name: metric for metric in (*SALE, *FIGURES, *further, *own)}


def wording(why: str, lang: str, known: Glossary = NO_GLOSSARY) -> str:
    """A stored reason as a sentence in 'zh' or 'en'; one that is none of ours unchanged. Never fails."""
    return _Reader("en" if lang == "en" else "zh", known).read(why)


@dataclass(frozen=True, slots=True)
class _Reader:
    lang: str
    known: Glossary

    def read(self, why: str) -> str:
        values = finding.read(why)
        if values is not None:
            return finding.wording(values, self.known.predicate or "", self._metrics(), self.lang)
        said = CATALOGUE.find(why)
        if said is None:
            return why
        return said.render(self.lang, lambda name, text: self._field(name, text, said.fields))

    def _field(self, name: str, text: str, fields: Mapping[str, str]) -> str:
        if name == "event":
            return self._event(fields["code"], text)
        speak = self._speakers().get(name)
        return text if speak is None else speak(text)

    def _speakers(self) -> dict[str, Callable[[str], str]]:
        """How a field's text reads, by its name; any other one reads as it is."""
        return {
            "what": self.read,
            "hours": self.read,
            "seconds": lambda text: figure.number(float(text)),
            "way": lambda text: figure.number(float(text)),
            "zone": self._zone,
            "state": lambda text: self._pick(*STATES.get(text, (text, text))),
            "scene": self._scene,
            "instant": self._local,
        }

    def _metrics(self) -> dict[str, Metric]:
        return named(self.known.profile)

    def _zone(self, code: str) -> str:
        zone = self.known.zone
        return self._pick(zone.zh, zone.en) if zone is not None and zone.code == code else code

    def _scene(self, code: str) -> str:
        kind = _SCENE_KINDS.get(code)
        return code if kind is None else self._pick(kind.zh, kind.en)

    def _event(self, code: str, text: str) -> str:
        """The event's name; what the device said besides follows it."""
        named = None if self.known.profile is None else self.known.profile.event(code)
        if named is None or not text.startswith(named.en):
            return text
        return self._pick(named.zh, named.en) + text[len(named.en) :].replace(", ", self._pick("，", ", "), 1)

    def _local(self, text: str) -> str:
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return f"{moment.astimezone(_clock(self.known.timezone)):%Y-%m-%d %H:%M:%S}"
        except (ValueError, OverflowError):
            return text

    def _pick(self, zh: str, en: str) -> str:
        return en if self.lang == "en" else zh


def _clock(timezone: str | None) -> tzinfo:
    try:
        return UTC if timezone is None else ZoneInfo(timezone)
    except (ValueError, OSError, KeyError):  # no such zone, or no database of them
        return UTC
