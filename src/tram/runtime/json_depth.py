"""How deep JSON from outside may nest: decoders, and whatever walks the value later, go by recursion."""

import re
from typing import Final

import numpy as np

from tram.runtime.errors import Refused

__all__ = ("DEPTH_MAX", "check_depth")

DEPTH_MAX: Final = 64
_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_AS_LISTS: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def check_depth(content: bytes) -> None:
    """Refuse JSON that nests deeper than 64, before anything decodes it.

    Raises:
        Refused: ``request.too_deep``.
    """
    if content.count(b"[") + content.count(b"{") <= DEPTH_MAX:
        return
    brackets = np.frombuffer(_TEXTS.sub(b"", content).translate(_AS_LISTS, _NO_BRACKETS), np.uint8)
    steps = np.where(brackets == ord("["), 1, -1)
    if np.cumsum(steps).max(initial=0) > DEPTH_MAX:
        raise Refused(
            "request.too_deep",
            f"Lists and objects may nest {DEPTH_MAX} deep.",
            "Send it with fewer levels.",
        )
