"""Secrets never reach the log."""

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
