"""Follows the registry: who owns what, who may see what, as of the newest change."""

from collections.abc import Awaitable, Callable
from typing import Any

from tram.fleet.store.engine.engine import EngineError
from tram.fleet.store.serving.opening import Opened
from tram.fleet.store.state.dimensions import DimensionRows
from tram.fleet.sync.registry_follower import ChangeBatch, RegistryFollower
from tram.runtime.clock import Clock
from tram.runtime.logging import get_logger

__all__ = ("follow_registry",)

RETRY_S = 1.0

log = get_logger()


async def follow_registry(
    opened: Opened,
    feed: RegistryFollower,
    clock: Clock,
    in_thread: Callable[..., Awaitable[Any]],
) -> None:
    """Take changes into the tables, then into memory, for ever."""
    dimensions = opened.dimensions

    async def saved(batch: ChangeBatch) -> DimensionRows:
        """Write a batch, however long the engine is away."""
        while True:
            try:
                rows: DimensionRows = await in_thread(dimensions.save, opened.engine, batch)
            except (EngineError, OSError):
                log.exception("dimensions not written, trying again", version=batch.version)
                await clock.sleep(RETRY_S)
            else:
                return rows

    async for batch in feed.follow(dimensions.version):
        dimensions.apply(batch.version, await saved(batch))
