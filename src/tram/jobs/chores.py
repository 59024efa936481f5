"""Chores: what a role does again and again beside the jobs that people ask for."""

from collections.abc import Awaitable, Callable

from tram.registry.kernel.set_aside import SetAside, SetAsideEntry
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable, is_of_the_entry
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS

__all__ = ("Once", "repeat")

QUIET_S = 900.0
"""Longest that one of the chores takes; one that says nothing for longer hangs."""
Once = Callable[[], Awaitable[object]]

log = get_logger()


async def repeat(name: str, every_s: float, once: Once, set_aside: SetAside, clock: Clock) -> None:
    """Do something again and again, for ever; what it raises is counted and holds nothing else up.

    What is temporary waits for the next time; what would meet anything else (a full disk, lack of
    memory) ends the role.
    """
    heartbeat = LOOPS.begin(name, QUIET_S)
    while True:
        heartbeat.work(name)
        try:
            await once()
            heartbeat.rest()
        except Unavailable as error:
            log.warning("waits for the registry", loop=name, error=error.sentence)
            heartbeat.wait(error.sentence)
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            await _note(set_aside, name, error)
            heartbeat.rest()
        await clock.sleep(every_s)


async def _note(set_aside: SetAside, name: str, error: Exception) -> None:
    try:
        await set_aside.note(SetAsideEntry("work", "loop", name), error)
    except Unavailable:
        log.exception("work failed, and the registry does not take note of it", loop=name)
