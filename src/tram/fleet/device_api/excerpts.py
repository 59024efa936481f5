"""What a device sent, as it may stand on a page."""

from typing import Final

__all__ = ("EXCERPT_CHARS_MAX", "excerpt", "shown")

EXCERPT_CHARS_MAX: Final = 200


def excerpt(payload: bytes) -> str:
    """Return the beginning of a payload in printable characters, escaped where needed."""
    text = payload[:EXCERPT_CHARS_MAX].decode("utf-8", "backslashreplace")
    whole = shown(text)
    short = whole[:EXCERPT_CHARS_MAX]
    return short if len(payload) <= EXCERPT_CHARS_MAX and short == whole else short[:-1] + "…"


def shown(text: str) -> str:
    """Return a text of a device as it may stand on a page, escaped where needed."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
