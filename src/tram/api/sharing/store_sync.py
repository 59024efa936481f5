"""What is told as done holds for readings too: the store has heard of it."""

from tram.api.http.services import Services
from tram.runtime.errors import TramError
from tram.runtime.logging import get_logger

__all__ = ("until_store_heard",)

log = get_logger()


async def until_store_heard(services: Services) -> None:
    """Return once the store knows every registry change so far.

    Called after an act that changes who may read what: whoever lends or takes back and is told
    so must find it so. The act itself is kept already, so nothing that the store says may make it
    look undone, or people would lend twice: one that is away, fails or is more than two seconds
    behind follows as soon as it can.
    """
    try:
        await services.store.heard(await services.registry.outbox.head())
    except TramError as error:
        log.warning("the store has not heard of a change yet", error=error.sentence)
