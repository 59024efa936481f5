"""Which devices are alive: states follow the device's organisation now."""

from typing import Any

import numpy as np

from tram.fleet.store.queries.handlers import Lane, QueryContext, answers
from tram.fleet.store.queries.questions import Asker, DeviceStates, StateTotals
from tram.fleet.store.state.devices import STATES
from tram.fleet.store.views import DeviceState, StateCounts, StateSummary
from tram.runtime.errors import Refused

__all__ = ("device_states", "state_totals")

_DEVICES_ASKED_MAX = 100_000


@answers(DeviceStates, Lane.MEMORY)
def device_states(
    question: DeviceStates, asker: Asker, context: QueryContext
) -> list[DeviceState]:
    """Return the states of visible devices, of all or of those asked for."""
    clock, devices = context.clock, context.devices
    visible = context.dimensions.visible(asker.scopes, clock.now_ms())
    if question.devices is not None:
        if len(question.devices) > _DEVICES_ASKED_MAX:
            raise Refused("store.question", f"At most {_DEVICES_ASKED_MAX} devices at once.")
        wanted = np.zeros(len(visible), np.bool_)
        wanted[[number for number in question.devices if 0 <= number < len(wanted)]] = True
        visible &= wanted
    states = devices.states(clock.now_ms(), clock.monotonic_s())
    found = []
    for device in np.flatnonzero(visible).tolist():
        seen_ms, messages, refused = devices.counts(device)
        state = STATES[states[device]] if device < len(states) else STATES[0]
        found.append(DeviceState(device, state, seen_ms or None, messages, refused))
    return found


@answers(StateTotals, Lane.MEMORY)
def state_totals(_question: StateTotals, asker: Asker, context: QueryContext) -> StateSummary:
    """Return how many visible devices are in which state."""
    clock, dimensions = context.clock, context.dimensions
    now_ms = clock.now_ms()
    visible = dimensions.visible(asker.scopes, now_ms)
    states = np.zeros(len(visible), np.uint8)
    known = context.devices.states(now_ms, clock.monotonic_s())[: len(visible)]
    states[: len(known)] = known
    by_sector = {
        sector: _counts(states[visible & dimensions.in_sector(sector)])
        for sector in dimensions.sectors()
    }
    return StateSummary(now_ms, _counts(states[visible]), by_sector)


def _counts(states: Any) -> StateCounts:  # noqa: ANN401  # a numpy array
    numbers = np.bincount(states, minlength=len(STATES)).tolist()
    return StateCounts(**dict(zip(STATES, numbers, strict=True)))
