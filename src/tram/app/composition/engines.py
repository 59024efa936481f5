"""The ways into the registry and the readings, for the processes that need them.

Apart from ``installation``, because a gateway carries neither: half its memory would be theirs.
"""

from tram.app.installation.installation import Installation
from tram.fleet.store.serving.client import StoreClient
from tram.registry.registry import Registry

__all__ = ("open_registry", "open_store")

_LOOPBACK = "127.0.0.1"


async def open_registry(installation: Installation) -> Registry:
    """Open the registry, migrating it where it is older.

    Raises:
        Refused: if it is newer than this program.
        Unavailable: if its database does not answer.
    """
    return await Registry.open(
        installation.registry_url,
        installation.clock,
        installation.keys.hmac,
        installation.province,
    )


def open_store(installation: Installation) -> StoreClient:
    """Return a client of the running store."""
    return StoreClient(f"http://{_LOOPBACK}:{installation.port('store')}", installation.keys.store)
