"""Who plays in the demo: organisations, people and about 200 devices, all invented and marked.

The same seed places the same devices; nothing here is a real plant, authority or operator.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tram.registry.kernel.views import Profile, Zone

__all__ = (
    "ORGANISATIONS",
    "PEOPLE",
    "DemoDevice",
    "DemoOrg",
    "DemoPerson",
    "DeviceScript",
    "devices",
)

_SEED = 20_250_701
_SPREAD_KM = 2.4
_KM_PER_DEGREE = 111.32


class DeviceScript(StrEnum):
    """What a device does in the play."""

    SENDS = "sends"
    FALLS_SILENT = "falls-silent"
    FAULTY = "faulty"
    """Sends a broken message now and then, which the device page shows as refused."""
    SPARE = "spare"
    """Is not simulated: its token is for the newcomer's first message."""


@dataclass(frozen=True, slots=True)
class DemoOrg:
    """An invented organisation under one that every installation has."""

    code: str
    name: str
    kind: str
    parent: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who may log in to look around: a role over a subtree, in one sector or all."""

    login: str
    name: str
    org: str
    role: str
    over: str
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class DemoDevice:
    """A device to make; ``org``, ``profile`` and ``zone`` are codes."""

    code: str
    name: str
    org: str
    profile: Profile
    zone: Zone | None
    lon: float
    lat: float
    part: DeviceScript


ORGANISATIONS: tuple[DemoOrg, ...] = (
    DemoOrg("MP-NM-A", "Nhà máy A (mô phỏng)", "enterprise", "BQL"),
    DemoOrg("MP-NM-B", "Nhà máy B (mô phỏng)", "enterprise", "BQL"),
    DemoOrg("MP-NM-C", "Nhà máy C (mô phỏng)", "enterprise", "BQL"),
    DemoOrg("MP-HTX-D", "Hợp tác xã D (mô phỏng)", "cooperative", "SNNMT"),
    DemoOrg("MP-DV-E", "Đơn vị giao thông E (mô phỏng)", "enterprise", "SXD"),
    DemoOrg("MP-MANG-A", "Nhà mạng A (mô phỏng)", "operator", "UBND"),
    DemoOrg("MP-MANG-B", "Nhà mạng B (mô phỏng)", "operator", "UBND"),
    DemoOrg("MP-MANG-C", "Nhà mạng C (mô phỏng)", "operator", "UBND"),
)
PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson(
        login="moitruong",
        name="Cán bộ môi trường (mô phỏng)",
        org="SNNMT",
        role="environment-officer",
        over="UBND",
        sector="environment",
    ),
    DemoPerson("banquanly", "Ban quản lý (mô phỏng)", "BQL", "zone-authority", "BQL"),
    DemoPerson("nhamaya", "Nhà máy A (mô phỏng)", "MP-NM-A", "enterprise", "MP-NM-A"),
    *(
        DemoPerson(
            f"mang.{letter.lower()}",
            f"Cán bộ nhà mạng {letter} (mô phỏng)",
            f"MP-MANG-{letter}",
            "operator-planner",
            f"MP-MANG-{letter}",
        )
        for letter in "ABC"
    ),
)
_ENTERPRISES = ("MP-NM-A", "MP-NM-B", "MP-NM-C")
_SECTORS: dict[str, tuple[int, tuple[str, ...], str]] = {
    "environment": (60, _ENTERPRISES, "Trạm quan trắc"),
    "agriculture": (45, ("MP-HTX-D",), "Điểm đo đồng ruộng"),
    "traffic": (30, ("MP-DV-E",), "Nút giao thông"),
    "energy": (35, _ENTERPRISES, "Công tơ"),
    "safety": (30, _ENTERPRISES, "Đầu dò an toàn"),
}
"""By sector: how many devices, whose, and what their names begin with."""
_SILENT_SHARE = 0.04
_FAULTY_SHARE = 0.02


def devices(profiles: Sequence[Profile], zones: Sequence[Zone]) -> Iterator[DemoDevice]:
    """Yield the devices in a fixed order, spread over the zones that have a position."""
    rng = random.Random(_SEED)  # noqa: S311  # a simulation, not a secret
    placed = sorted((z for z in zones if z.lon is not None), key=lambda zone: zone.code)
    for sector, (count, owners, name) in _SECTORS.items():
        models = sorted((p for p in profiles if p.sector == sector), key=lambda p: p.key)
        for number in range(1, count + 1):
            profile = models[(number - 1) % len(models)]
            zone = rng.choice(placed)
            lon, lat = _near(rng, zone)
            outside = sector in ("agriculture", "traffic")
            yield DemoDevice(
                code=f"MP-{sector[:3].upper()}-{number:03}",
                name=f"{name} {number:03}, {profile.name_vi} (mô phỏng)",
                org=owners[(number - 1) % len(owners)],
                profile=profile,
                zone=None if outside else zone,
                lon=lon,
                lat=lat,
                part=_part(rng, first=number == 1 and sector == "environment"),
            )


def _part(rng: random.Random, *, first: bool) -> DeviceScript:
    draw = rng.random()  # the seeded generator
    if first:
        return DeviceScript.SPARE
    if draw < _SILENT_SHARE:
        return DeviceScript.FALLS_SILENT
    return DeviceScript.FAULTY if draw < _SILENT_SHARE + _FAULTY_SHARE else DeviceScript.SENDS


def _near(rng: random.Random, zone: Zone) -> tuple[float, float]:
    """Return a place at most some kilometres from the zone's typed-in point (degrees)."""
    lon, lat = zone.lon or 0.0, zone.lat or 0.0
    north_km, east_km = rng.gauss(0, _SPREAD_KM / 2), rng.gauss(0, _SPREAD_KM / 2)
    lat += north_km / _KM_PER_DEGREE
    lon += east_km / (_KM_PER_DEGREE * math.cos(math.radians(lat)))
    return round(lon, 5), round(lat, 5)
