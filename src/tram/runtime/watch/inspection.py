"""Whether one record alone is to blame for what happened to its part, and what follows if it is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tram.runtime.errors import Unavailable
from tram.runtime.watch.footprint import Footprint
from tram.runtime.watch.quarantine import Quarantine

__all__ = ("Examine", "Inspector")

Examine = Callable[[bytes], Awaitable[str | None]]
"""Give a record alone to a process of its own; return why that died of it, None if it did not."""


async def _nobody(_payload: bytes) -> str | None:
    """Blame no record."""
    return None


@dataclass(frozen=True, slots=True)
class Inspector:
    """One part's eye on its records; without an examiner no record is ever to blame."""

    part: str = ""
    kind: str = "block"
    footprint: Footprint = field(default_factory=lambda: Footprint(None, 0))
    examine: Examine = _nobody
    quarantine: Quarantine | None = None
    _found: dict[int, str | None] = field(default_factory=dict)
    """What came of the last record: while the quarantine is full, it is not examined again."""

    async def takes_out(self, epoch: int, number: int, payload: bytes) -> bool:
        """Examine a record, and quarantine it if it alone is to blame; tell whether that is so.

        Raises:
            Unavailable: ``quarantine.full``, ``quarantine.unwritable``.
        """
        if number not in self._found:
            self._found.clear()
            self._found[number] = await self.examine(payload)
        reason = self._found[number]
        if reason is None:
            return False
        await asyncio.to_thread(self.keep, epoch, number, payload, reason)
        return True

    def keep(self, epoch: int, number: int, payload: bytes, reason: str) -> None:
        """Put a record into quarantine, where there is one."""
        if self.quarantine is None:
            return
        try:
            self.quarantine.keep(self.part, self.kind, (epoch, number), payload, reason)
        except OSError as error:
            raise Unavailable(
                "quarantine.unwritable",
                f"The quarantine cannot be written ({error.strerror}).",
                "Make room on the disk.",
            ) from error
