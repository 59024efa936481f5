"""What a device asks beside sending values: answered by the registry, the same for every protocol.

Names of devices behind a gateway and profiles are remembered here; both memories are bounded.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.domain.text import unfit_sign
from tram.fleet.device.topics import TopicRule, compile_rules
from tram.fleet.device_api.interfaces import Device, RegistryRpc
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable

__all__ = ("RegistryQueries",)

NAMES_MAX: Final = 200_000
"""Most remembered devices behind gateways, in all; those of whom nobody asked for longest are asked anew."""
PROFILES_MAX: Final = 1_000
PROFILE_S: Final = 10.0
"""A profile's rules are asked for again after this time."""
PATIENCE_S: Final = 10.0
AGAIN_S: Final = 0.5
NAME_CHARS_MAX: Final = 200

_Rules = Sequence[TopicRule]


class _Behind(msgspec.Struct):
    device: int
    org: int
    profile: int


class RegistryQueries:
    """Questions of devices, with what was answered a moment ago."""

    def __init__(self, rpc: RegistryRpc, clock: Clock) -> None:
        self._rpc = rpc
        self._clock = clock
        self._names: OrderedDict[DeviceId, dict[str, Device]] = OrderedDict()
        self._named = 0
        self._rules: dict[ProfileId, tuple[float, _Rules]] = {}

    async def ask(self, question: str, device: Device | None, body: bytes) -> bytes:
        """Return the registry's answer (JSON).

        A restart of the registry's role is waited for: the device itself waits meanwhile.

        Raises:
            Refused: when the registry refuses.
            Unavailable: when it does not answer in time.
        """
        give_up_s = self._clock.monotonic_s() + PATIENCE_S
        while True:
            try:
                return await self._rpc.ask(question, device, body)
            except Unavailable:
                if self._clock.monotonic_s() > give_up_s:
                    raise
            await self._clock.sleep(AGAIN_S)

    def known(self, gateway: Device, name: str) -> Device | None:
        """Return the device that a gateway calls so, if it was asked for before."""
        names = self._names.get(gateway.device)
        return None if names is None else names.get(name)

    async def behind(self, gateway: Device, name: str, kind: str = "") -> Device:
        """Return the device that a gateway calls so; the registry makes it where it is new.

        Raises:
            Refused: ``device.wrong`` and what else the registry refuses.
            Unavailable: when it does not answer in time.
        """
        known = self.known(gateway, name)
        if known is not None:
            return known
        _check_name(name, kind)
        asked = msgspec.json.encode({"name": name, "type": kind})
        found = msgspec.json.decode(await self.ask("behind", gateway, asked), type=_Behind)
        device = Device(
            DeviceId(found.device), OrgId(found.org), ProfileId(found.profile), gateway.credential
        )
        self._remember(gateway, name, device)
        return device

    def forget(self, gateway: Device) -> None:
        """Ask anew for the names of a gateway that connects again."""
        self._named -= len(self._names.pop(gateway.device, ()))

    def _remember(self, gateway: Device, name: str, device: Device) -> None:
        names = self._names.setdefault(gateway.device, {})
        self._names.move_to_end(gateway.device)
        self._named += name not in names
        names[name] = device
        while self._named > NAMES_MAX and len(self._names) > 1:
            self._named -= len(self._names.popitem(last=False)[1])

    def known_rules(self, profile: ProfileId) -> _Rules | None:
        """Return how a profile's free topics are decoded, if it was asked a moment ago."""
        found = self._rules.get(profile)
        if found is None or self._clock.monotonic_s() - found[0] > PROFILE_S:
            return None
        return found[1]

    async def rules(self, device: Device) -> _Rules:
        """Return how the free topics of a device's profile are decoded.

        Raises:
            Unavailable: when the registry does not answer in time.
        """
        known = self.known_rules(device.profile)
        if known is not None:
            return known
        answer: Any = msgspec.json.decode(await self.ask("profile", device, b""))
        rules = compile_rules(answer["topics"])
        if len(self._rules) >= PROFILES_MAX:
            self._rules.clear()
        self._rules[device.profile] = (self._clock.monotonic_s(), rules)
        return rules


def _check_name(name: str, kind: str) -> None:
    """Check what a gateway calls a device and its profile: names stand on pages and in letters.

    Raises:
        Refused: ``payload.wrong``.
    """
    if not name.strip() or len(name) > NAME_CHARS_MAX:
        raise Refused(
            "payload.wrong",
            f"The name of a device has 1 to {NAME_CHARS_MAX} characters.",
            "Give the device a shorter name.",
        )
    sign = unfit_sign(name) or unfit_sign(kind)
    if sign is not None:
        raise Refused(
            "payload.wrong",
            f"The name of a device holds a sign that no name needs ({sign.name}).",
            "Leave out control characters, line breaks and marks of direction.",
        )
