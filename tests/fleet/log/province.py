"""A small real registry with two unrelated organisations, for the identity path."""

from dataclasses import dataclass
from pathlib import Path

from tests.provinces import QUANG_NGAI
from tram.domain.ids import DeviceId, OrgId
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.registry.kernel.views import NewDevice
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock

__all__ = ("Province", "open_province")


@dataclass
class Province:
    """The registry, and a viewer who may do everything in it."""

    registry: Registry
    root: OrgId
    viewer: Viewer

    async def device(self, name: str) -> tuple[DeviceId, str]:
        """Make a device; return its number and its token."""
        profile = (await self.registry.profiles.list(self.viewer))[0]
        new = NewDevice(name=name, org=self.root, profile=profile.id, sector="energy")
        detail, token = await self.registry.devices.create(self.viewer, new)
        return detail.id, token

    async def revoke(self, device: DeviceId) -> None:
        """Revoke every token of a device."""
        for row in await self.registry.credentials.list(self.viewer, device):
            await self.registry.credentials.revoke(self.viewer, row.id)


async def open_province(folder: Path, hmac_key: bytes) -> Province:
    url = f"sqlite+aiosqlite:///{folder / 'registry.db'}"
    registry = await Registry.open(url, SystemClock(), hmac_key, QUANG_NGAI)
    root = await registry.seed_base()
    return Province(registry, root, system_viewer(root))
