"""What the registry answered is remembered: never for another, never beyond its bounds."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet.device_api.station import NOW_MS
from tests.fleet.gateway.rig import MemoryDesk
from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api import registry_queries
from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.registry_queries import RegistryQueries
from tram.runtime.clock import ManualClock

ROOM = 6


def gateway(number: int, profile: int = 1) -> Device:
    return Device(DeviceId(number), OrgId(1), ProfileId(profile), bytes([number]) * 32)


def number_of(of: int, name: str) -> int:
    return 1_000 * of + int(name)


class Registry:
    """Numbers devices by their gateway and name."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []
        self.desk = MemoryDesk()
        self.desk.answers["behind"] = self._behind
        self.clock = ManualClock(NOW_MS)
        self.queries = RegistryQueries(self.desk, self.clock)

    def _behind(self, device: Device, body: bytes) -> bytes:
        name = json.loads(body)["name"]
        self.asked.append((device.device, name))
        return json.dumps(
            {"device": number_of(device.device, name), "org": 5, "profile": 2}
        ).encode()


names = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 5).map(str), st.booleans()), max_size=60
)


@given(names)
def test_every_gateway_finds_its_own_devices_whatever_was_forgotten(
    asked: list[tuple[int, str, bool]],
) -> None:
    async def ask() -> None:
        for of, name, connects_anew in asked:
            if connects_anew:
                registry.queries.forget(gateway(of))
                assert registry.queries.known(gateway(of), name) is None
            device = await registry.queries.behind(gateway(of), name)
            assert device == Device(
                DeviceId(number_of(of, name)), OrgId(5), ProfileId(2), bytes([of]) * 32
            )
            assert registry.queries.known(gateway(of), name) == device
            remembered = [
                (g, str(n))
                for g in range(1, 5)
                for n in range(6)
                if registry.queries.known(gateway(g), str(n)) is not None
            ]
            alone = {g for g, _ in remembered} == {of}
            assert len(remembered) <= ROOM or alone

    registry = Registry()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry_queries, "NAMES_MAX", ROOM)
        asyncio.run(ask())


async def test_where_room_ends_those_are_forgotten_whom_nobody_named_for_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry_queries, "NAMES_MAX", 4)
    registry = Registry()
    for of, name in ((1, "1"), (2, "1"), (1, "2"), (3, "1"), (3, "2")):
        await registry.queries.behind(gateway(of), name)

    known = [of for of in (1, 2, 3) if registry.queries.known(gateway(of), "1") is not None]

    assert known == [1, 3]


async def test_what_was_forgotten_leaves_its_room_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry_queries, "NAMES_MAX", 4)
    registry = Registry()
    for name in ("1", "2", "3"):
        await registry.queries.behind(gateway(1), name)
    registry.queries.forget(gateway(1))
    registry.queries.forget(gateway(4))  # one of whom nothing is known
    for of, name in ((2, "1"), (2, "2"), (2, "3"), (3, "1")):
        await registry.queries.behind(gateway(of), name)

    assert registry.queries.known(gateway(2), "1") is not None


async def test_one_gateway_alone_may_have_more_names_than_all_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry_queries, "NAMES_MAX", 3)
    registry = Registry()
    for _ in range(2):
        for name in range(5):
            await registry.queries.behind(gateway(1), str(name))

    assert registry.asked == [(1, str(name)) for name in range(5)]


async def test_rules_of_many_profiles_are_kept_within_a_bound_and_read_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry_queries, "PROFILES_MAX", 3)
    registry = Registry()
    registry.desk.answers["profile"] = lambda device, _body: json.dumps(
        {"topics": [{"topic": f"of/{device.profile}", "decoder": "json"}]}
    ).encode()

    for profile in (1, 2, 3, 4, 1, 5, 4):
        (rule,) = await registry.queries.rules(gateway(1, profile))
        assert rule.topic_filter == f"of/{profile}"
        kept = [p for p in range(1, 6) if registry.queries.known_rules(ProfileId(p)) is not None]
        assert len(kept) <= 3
