"""Secrets do not reach the log, wherever they stand."""

import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from mingchu import logs

SECRET = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=8, max_size=40)


@given(SECRET)
def test_a_urls_password_is_struck_out(secret: str) -> None:
    text = f"cannot open rtsp://admin:{secret}@192.0.2.7/stream1, postgresql://mingchu:{secret}@/mingchu?host=x"
    struck = logs.redact(text)
    assert f":{secret}@" not in struck
    assert "rtsp://admin:***@192.0.2.7/stream1" in struck
    assert "postgresql://mingchu:***@/mingchu?host=x" in struck


@pytest.mark.parametrize(
    "text", ["password=hunter22", "'secret': 'hunter22'", "Token: hunter22", 'credential="hunter22"']
)
def test_named_secrets_are_struck_out(text: str) -> None:
    assert "hunter22" not in logs.redact(text)


def test_one_record_is_one_line_of_json_without_secrets() -> None:
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.configure("INFO", stream)
        url = "mqtt://edge:hunter22@broker"
        structlog.get_logger("x").info(
            "name\nwith a new line", url=url, password="hunter22", deep={"secret": "hunter22"}
        )
        logging.getLogger("library").warning("connecting to %s", url)
        try:
            raise ValueError(url)
        except ValueError:
            structlog.get_logger("x").exception("failed")
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [record["event"] for record in records] == [
        "name\nwith a new line",
        "connecting to mqtt://edge:***@broker",
        "failed",
    ]
    assert "hunter22" not in stream.getvalue()
