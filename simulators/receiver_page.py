"""The receiver's page: a phone's screen with the pushes on it, newest first; all values are escaped."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from simulators.inbox import Counts, Push

TITLE = ("title", "subject")
TEXT = ("text", "content", "message", "body")
PICTURE = ("picture", "picture_url", "image", "image_url")
LINK = ("link", "url")
TIME = ("at", "time", "raised", "created")
SHOWN = 50

_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>推送接收 · Push receiver</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">
<style>
body {{ margin: 0; background: #d8dce2; font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; color: #1c1f24; }}
main {{ max-width: 390px; min-height: 780px; margin: 16px auto; padding: 44px 12px 20px; box-sizing: border-box;
  background: #f2f4f7; border: 10px solid #15181d; border-radius: 42px; }}
header {{ font-size: 12px; color: #5b6470; text-align: center; margin: -24px 0 14px; }}
article {{ background: #fff; border-radius: 14px; padding: 10px 14px; margin-bottom: 10px; overflow-wrap: anywhere; }}
h2 {{ font-size: 16px; margin: 0 0 2px; }} p {{ margin: 0; white-space: pre-wrap; }}
img {{ max-width: 100%; border-radius: 8px; margin-top: 6px; }}
footer {{ font-size: 12px; color: #5b6470; margin-top: 4px; }}
</style></head><body><main>
<header>收到 {pushes} 条 · 重复 {duplicates} · {fault}</header>
{cards}
</main></body></html>
"""


def page(pushes: Iterable[Push], counts: Counts, fault: str) -> str:
    """The whole page; `fault` is the fault switch's mode."""
    newest = list(pushes)[: -SHOWN - 1 : -1]
    cards = "\n".join(map(_card, newest)) or "<article><p>还没有推送 · No push yet</p></article>"
    state = "正常" if fault == "ok" else f"故障: {fault}"
    return _PAGE.format(pushes=counts.pushes, duplicates=counts.duplicates, fault=escape(state), cards=cards)


def _card(push: Push) -> str:
    title = escape(_first(push.body, TITLE) or push.channel)
    parts = [f"<article><h2>{title}</h2><p>{escape(_first(push.body, TEXT))}</p>"]
    picture, link = _address(push.body, PICTURE), _address(push.body, LINK)
    if picture:
        parts.append(f'<a href="{picture}"><img src="{picture}" alt="证据图片 · evidence"></a>')
    if link:
        parts.append(f'<p><a href="{link}">查看详情 · Details</a></p>')
    repeats = f" · 重复 ×{push.deliveries}" if push.deliveries > 1 else ""
    parts.append(f"<footer>{escape(push.channel)} · {escape(_time(push))}{repeats}</footer></article>")
    return "".join(parts)


def _first(body: Mapping[str, object], names: Iterable[str]) -> str:
    """The first of the names that holds words; chat robots nest theirs one level down."""
    for name in names:
        value = body.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, Mapping):
            return _first(value, (*TITLE, *TEXT) if names is TITLE else TEXT)
    nested = body.get("markdown")
    return _first(nested, names) if isinstance(nested, Mapping) else ""


def _address(body: Mapping[str, object], names: Iterable[str]) -> str:
    """A web address, escaped for an attribute; anything else (javascript:, data:) is none."""
    text = _first(body, names)
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        return ""
    return escape(text) if scheme in ("http", "https") else ""


def _time(push: Push) -> str:
    text = _first(push.body, TIME) or push.received_at[0]
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%m-%d %H:%M:%S")
    except ValueError:
        return text
