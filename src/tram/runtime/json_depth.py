"""How deep JSON from outside may nest: decoders, and whatever walks the value later, go by recursion."""

import re
from typing import Final

from tram.runtime.errors import Refused

__all__ = ("DEPTH_MAX", "check_depth")

DEPTH_MAX: Final = 64
_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKETS: Final = re.compile(rb"[\[\]{}]")


def check_depth(content: bytes) -> None:
    """Refuse JSON that nests deeper than 64, before anything decodes it.

    Raises:
        Refused: ``request.too_deep``.
    """
    if content.count(b"[") + content.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for bracket in _BRACKETS.finditer(_TEXTS.sub(b"", content)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > DEPTH_MAX:
            raise Refused(
                "request.too_deep",
                f"Lists and objects may nest {DEPTH_MAX} deep.",
                "Send it with fewer levels.",
            )
