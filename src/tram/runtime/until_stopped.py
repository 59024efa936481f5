"""Work that goes on until a process is told to stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any

__all__ = ("work_until",)


async def work_until(stop: asyncio.Event, *work: Coroutine[Any, Any, None]) -> None:
    """Do all of the work at once until ``stop`` is set, then cancel it.

    Raises:
        ExceptionGroup: what a piece of work raised; it ends the others.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
        await stop.wait()
        for task in tasks:
            task.cancel()
