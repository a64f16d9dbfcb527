"""The kit's sentences in Chinese: the English one that a check says is the key."""

from domain.phrase import Catalogue

_PHRASES: tuple[tuple[str, str], ...] = (
    # The connection.
    ("no connection", "没有连接"),
    ("the device never logged in; nobody tried", "设备从未登录，也没有任何登录尝试"),
    (
        "the device never logged in; {count} attempts with another user or password were refused",
        "设备从未登录；{count} 次用其他用户名或密码的登录被拒绝",
    ),
    (
        "besides good logins there were refused ones: another device, or an old password",
        "除成功登录外还有被拒绝的登录：另一台设备，或旧密码",
    ),
    ("logged in {count} times, {version}", "登录 {count} 次，{version}"),
    ("keep-alive is off: a dead connection would never be noticed", "心跳已关闭：断掉的连接永远不会被发现"),
    (
        "a dead connection is noticed after {seconds} s, its silence after {all} s",
        "断掉的连接 {seconds} 秒后才被发现，而静默 {all} 秒即告警",
    ),
    ("every {seconds} s", "每 {seconds} 秒一次"),
    ("the connection broke without a goodbye, {count} ×", "连接异常断开 {count} 次"),
    ("no connection broke by itself", "连接没有自行断开"),
    (
        "published where it may not: the broker throws this away without a word",
        "发布到无权的主题：代理会直接丢弃，不作提示",
    ),
    ("published below its own topics only", "只发布到自己的主题之下"),
    ("nothing was published", "没有发布任何消息"),
    (
        "Sparkplug publishes at QoS 0 by its specification: what is lost on the way is lost",
        "Sparkplug 按规范以 QoS 0 发布：途中丢失即丢失",
    ),
    (
        "QoS 0: what is under way when a connection breaks is lost, and nobody knows",
        "QoS 0：断线时在途的消息会丢失且无人知晓",
    ),
    ("QoS 1 or 2", "QoS 1 或 2"),
    ("data are retained: a new listener takes the last one for news", "数据带保留标志：新的订阅者会把旧数据当成新数据"),
    ("no data are retained", "数据不带保留标志"),
    (
        "no last will: nobody learns that it is gone before {seconds} s of silence",
        "没有遗嘱：静默 {seconds} 秒之前没人知道设备已离线",
    ),
    ("its last will is not as it must be", "遗嘱不符合要求"),
    ("on {topic}, retained", "主题 {topic}，带保留标志"),
    ("no connection was broken, or there is no will", "未断开过连接，或没有遗嘱"),
    ("it says that the device is offline", "内容表明设备离线"),
    ("when the connection broke, nothing said that the device is offline", "连接断开后，没有消息表明设备离线"),
    ("it says when it is online", "上线时有声明"),
    ("it never said that it is online: it counts as online while it speaks", "从未声明上线：只在发消息期间视为在线"),
    ("the broker was not taken away", "检测中没有停用代理"),
    ("it did not come back within {seconds} s", "{seconds} 秒内没有重新连接"),
    ("it did not come back", "没有重新连接"),
    ("it came back after {seconds} s", "{seconds} 秒后重新连接"),
    # What messages say.
    ("no message was heard", "没有收到消息"),
    ("no telemetry was heard", "没有收到遥测"),
    ("no status item was heard", "没有收到状态项"),
    ("no event was heard", "没有收到事件"),
    ("no sale was heard", "没有收到交易"),
    ("{count} messages cannot be read; each would be a dead letter", "{count} 条消息无法解析，都会进入死信"),
    ("all {count} can be read", "{count} 条全部可以解析"),
    ("the profile does not know these: they are not stored", "档案中没有这些名称：不会入库"),
    ("the profile knows them all", "名称都在档案中"),
    ("never told: rules about them never fire", "从未上报：相关规则永远不会触发"),
    ("all metrics came", "指标齐全"),
    ("a unit does not fit its metric: the whole message would be a dead letter", "单位与指标不符：整条消息会进入死信"),
    ("they fit their metrics", "单位与指标相符"),
    ("all are believable", "数值都在合理范围内"),
    (
        "values outside what is believable: stored and flagged, and seen by no rule",
        "数值超出合理范围：入库并打标记，任何规则都不采用",
    ),
    ("values that the profile's code tables do not have", "出现代码表中没有的值"),
    ("all are in the code tables", "都在代码表中"),
    ("event codes that the profile does not have: no rule hears them", "出现档案中没有的事件代码：没有规则会响应"),
    ("{count} codes, all known", "{count} 种代码，均已登记"),
    ("the profile names no contradiction that would show it", "档案没有可据以判断的矛盾条件"),
    (
        "what most statuses say can hardly be: a flag comes upside down, or a unit is wrong",
        "多数状态自相矛盾：某个标志极性相反，或单位有误",
    ),
    ("flags agree with each other", "各标志相互一致"),
    ("too few statuses", "状态消息太少"),
    ("sales that do not add up", "交易金额对不上"),
    ("all {count} add up", "{count} 笔全部相符"),
    # Order and time.
    ("no message with a time was heard", "没有收到带时间的消息"),
    (
        "its clock is up to {seconds} s ahead: such times are replaced by ours and flagged",
        "时钟最多快 {seconds} 秒：这样的时间会被服务器时间替换并打标记",
    ),
    (
        "its times lie {seconds} s back: a wrong clock, or messages that come so late; no rule fires",
        "时间落后 {seconds} 秒：时钟有误，或消息迟到；规则不会触发",
    ),
    ("its times are {seconds} s behind ours", "时间比服务器慢 {seconds} 秒"),
    ("its times are {seconds} s ahead of ours", "时间比服务器快 {seconds} 秒"),
    ("different readings have the same time: send milliseconds", "不同读数的时间相同：请精确到毫秒"),
    ("each has its own time", "每条读数的时间各不相同"),
    ("Sparkplug's own sequence is followed by ingest", "Sparkplug 自身的序号由接入服务核对"),
    ("no sequence numbers: what is missing is not seen", "没有序号：缺失无法发现"),
    ("sequence numbers are missing: messages were lost, or never sent", "序号有缺：消息丢失或未发送"),
    ("{count} numbers without a gap", "{count} 个序号连续无缺"),
    ("no sequence numbers", "没有序号"),
    ("a sequence number stands on different messages", "同一序号用于不同消息"),
    ("each number is used once", "每个序号只用一次"),
    (
        "messages overtake each other: each is kept, but rules may see the past",
        "消息乱序：都会保留，但规则可能看到过去的值",
    ),
    ("in order", "顺序正确"),
    ("too few numbers", "序号太少"),
    ("messages came more than once: harmless, the ledger knows them", "消息重复：无害，台账可识别"),
    ("no message came twice", "没有重复"),
    ("the profile does not say how often this kind of device speaks", "档案没有规定上报周期"),
    (
        "no telemetry for {seconds} s; this kind of device speaks at least every {all} s",
        "{seconds} 秒没有遥测；此类设备至少每 {all} 秒上报一次",
    ),
    ("the kit looked for {seconds} s; to see it, look for {all} s", "只检测了 {seconds} 秒；需检测 {all} 秒才能判断"),
    ("the longest pause was {seconds} s, at most {all} s", "最长间隔 {seconds} 秒，上限 {all} 秒"),
    ("it tells what it kept, but not the oldest first", "补传了数据，但没有从最早的开始"),
    ("it told {count} messages of the {seconds} s without a broker", "补传了断网 {seconds} 秒内的 {count} 条消息"),
    (
        "what it kept is told with the time of telling: it would be believed to be now",
        "补传的数据用了补传时的时间：会被当成现在的数据",
    ),
    (
        "it says too little to be missed: {count} messages were to be expected",
        "消息太少，无法判断是否缺失：预期 {count} 条",
    ),
    (
        "nothing of the {seconds} s without a broker is told: it keeps nothing",
        "断网 {seconds} 秒内的数据没有补传：设备不保存数据",
    ),
    # What nobody sees.
    (
        "whether a sensor measures right: a value within its range can be wrong",
        "传感器是否准确：量程内的值也可能是错的",
    ),
    (
        "a flag that is always upside down while the profile names no contradiction for it",
        "始终相反的标志，而档案没有相应的矛盾条件",
    ),
    (
        "how much a device keeps beyond the outage that was tried, and whether it survives its own power loss",
        "超出本次断网时长后设备能保存多少，以及掉电后数据是否还在",
    ),
    (
        "what a device says only in situations that did not occur (events, codes, sales marked unseen)",
        "检测期间没有出现的情形（标为未见的事件、代码、交易）",
    ),
    (
        "a goodbye at switching off, unless somebody switched it off while the kit looked",
        "正常关机时的告别，除非检测期间有人关机",
    ),
)

_CATALOGUE = Catalogue((key, zh, "") for key, zh in _PHRASES)


def chinese(sentence: str) -> str:
    """The sentence in Chinese; one that the catalogue does not know stays as it is."""
    said = _CATALOGUE.find(sentence)
    return sentence if said is None else said.render("zh", lambda _, text: text)
