"""Structured logs: one JSON line per event on stderr, with secrets taken out by key."""

import json
import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

__all__ = ("get_logger", "start_logging")

_SECRET_KEYS = ("token", "password", "passphrase", "secret", "seed", "cookie", "authorization")
_HIDDEN = "…"


def start_logging(role: str, level: str = "info", file: TextIO | None = None) -> None:
    """Send this process's logs to ``file`` (stderr) as JSON, each line naming its role."""
    stream = file or sys.stderr
    logging.basicConfig(stream=stream, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)


def get_logger() -> FilteringBoundLogger:
    """Return a logger; events are short phrases, data go into keywords."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def _line(event: EventDict, **wanted: Any) -> str:  # noqa: ANN401  # the encoder's own options
    """Return JSON in one line of signs that can be seen; the rest is escaped, as JSON allows."""
    line = json.dumps(event, ensure_ascii=False, **wanted)
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the value of every key that names a secret."""
    for key in event:
        if any(word in key.lower() for word in _SECRET_KEYS):
            event[key] = _HIDDEN
    return event
