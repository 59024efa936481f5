"""States of devices beside what the registry knows, also while the store does not answer."""

from collections.abc import Sequence

import msgspec

from tram.api.http.services import Services
from tram.fleet.store.queries.questions import DeviceStates
from tram.fleet.store.views import DeviceState
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("States", "age_s", "read_states")

UNKNOWN = "unknown"


class States(msgspec.Struct, frozen=True):
    """States by device; ``problem`` is empty when the store answered."""

    by_device: dict[int, DeviceState]
    problem: str = ""

    def of(self, device: int) -> DeviceState:
        """Return the state of a device; never seen if the store knows none, unknown without it."""
        missing = UNKNOWN if self.problem else "never"
        return self.by_device.get(device) or DeviceState(device, missing, None, 0, 0)


async def read_states(
    services: Services, viewer: Viewer, devices: Sequence[int] | None = None
) -> States:
    """Return the states of these devices, or of all; a store that is away is no failure here."""
    if devices is not None and not devices:
        return States({})
    try:
        found = await services.store.ask(
            viewer, DeviceStates(None if devices is None else list(devices))
        )
    except Unavailable as error:
        return States({}, error.sentence)
    return States({state.device: state for state in found})


def age_s(now_ms: int, then_ms: int | None) -> int | None:
    """Return how many seconds ago something was; never negative, None if never."""
    return None if then_ms is None else max(0, (now_ms - then_ms) // 1000)
