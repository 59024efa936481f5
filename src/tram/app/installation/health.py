"""Ask a part how it is, through its operations port."""

import asyncio

import msgspec

from tram.runtime.ops_port import PartProgress

__all__ = ("Answer", "ask", "look_at", "problem_of")

_LOOPBACK = "127.0.0.1"
_SECONDS = 3.0
_BYTES_MAX = 1_048_576
_OK = 200

Answer = tuple[int, str]
"""HTTP status and body."""


async def ask(
    port: int, path: str = "/health", key: str = "", *, host: str = _LOOPBACK
) -> Answer | None:
    """Return the answer, or None when nobody answers in time."""
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(
                    f"GET {path} HTTP/1.1\r\nHost: {host}\r\n"
                    f"Authorization: Bearer {key}\r\nConnection: close\r\n\r\n".encode()
                )
                whole = await reader.read(_BYTES_MAX)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    head, _, body = whole.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004  # protocol and status
        return None
    return int(words[1]), body.decode("utf-8", "replace").strip()


async def problem_of(port: int) -> str | None:
    """Return None when the part is well, else one sentence."""
    answer = await ask(port)
    if answer is None:
        return "it does not answer"
    status, body = answer
    return None if status == _OK else body


async def look_at(port: int, key: str) -> PartProgress | None:
    """Return what a part says of itself and of its loops, None when it does not answer."""
    answer = await ask(port, "/progress", key)
    if answer is None or answer[0] != _OK:
        return None
    try:
        return msgspec.json.decode(answer[1], type=PartProgress)
    except msgspec.DecodeError:
        return None
