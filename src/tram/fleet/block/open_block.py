"""A block while it is collected, and who waits for it."""

from collections.abc import Callable
from typing import Any

from tram.fleet.block.block import BlockBuilder

__all__ = ("OpenBlock",)


class OpenBlock:
    """One block while it is collected: rows, and the calls to make once it is durable.

    ``number`` tells batches apart without keeping one alive.
    """

    __slots__ = ("builder", "bytes", "number", "opened_s", "waiters")

    def __init__(self, number: int) -> None:
        self.number = number
        self.builder = BlockBuilder()
        self.bytes = 0
        self.opened_s = 0.0
        self.waiters: list[tuple[Callable[[Any], None], Any]] = []
