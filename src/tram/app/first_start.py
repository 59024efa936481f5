"""What an installation needs before its first use: schema, the top organisation, one person."""

from tram.app.data_folder import DataFolder
from tram.app.keys import Keys
from tram.runtime.clock import Clock
from tram.runtime.settings import Settings

__all__ = ("prepare",)


async def prepare(
    folder: DataFolder, settings: Settings, keys: Keys, clock: Clock, *, demo: bool
) -> None:
    """Migrate the registry and make what is missing; a second call changes nothing."""
