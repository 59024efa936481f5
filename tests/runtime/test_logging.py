"""Secrets never reach the log, and whatever else does is one line of JSON."""

import io
import json

import pytest
import structlog

from tram.runtime import logging as tram_logging


def test_values_under_secret_keys_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    try:
        tram_logging.start_logging("test")
        structlog.get_logger().info(
            "log in", user_password="p", device_token="tr_x", seed="SU", who="a"
        )
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()

    line = json.loads(stream.getvalue())
    assert (line["user_password"], line["device_token"], line["seed"]) == ("…", "…", "…")
    assert (line["who"], line["role"], line["event"]) == ("a", "test", "log in")


def test_whatever_is_logged_is_one_line_that_reads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "a\nb\u2028\u202e\x1b\x85\ud800\U000e0001 Đăk Tô"
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr("sys.stderr", stream)
    try:
        tram_logging.start_logging("test")
        structlog.get_logger().info("named", name=said, what={1, 2})
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()

    stream.flush()
    written = stream.buffer.getvalue().decode()
    line = written.removesuffix("\n")
    assert line.isprintable()
    assert "Đăk Tô" in line
    assert json.loads(line)["name"] == said
