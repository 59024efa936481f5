"""What the list of stations is given and gives back: plain frozen structs, metres and degrees."""

from datetime import date

import msgspec

__all__ = (
    "STATES",
    "TECHNOLOGIES",
    "Box",
    "Life",
    "Sector",
    "SharedSite",
    "Station",
    "StationChange",
    "StationCount",
    "StationFilter",
    "StationImage",
    "StationPage",
    "StationPoint",
)

TECHNOLOGIES = ("2G", "3G", "4G", "5G")
STATES = ("planned", "building", "on-air", "off")


class Box(msgspec.Struct, frozen=True):
    """A rectangle in degrees WGS 84; edges belong to it."""

    west: float
    south: float
    east: float
    north: float


class Life(msgspec.Struct, frozen=True, order=True):
    """A state that begins on a day."""

    since: date
    state: str


class Sector(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of a station: degrees from north and below the horizon, metres, dBm, MHz.

    None means that the operator did not say.
    """

    code: str
    azimuth_deg: float | None = None
    tilt_deg: float | None = None
    height_m: float | None = None
    eirp_dbm: float | None = None
    antenna: str = ""
    carrier_mhz: float | None = None
    bandwidth_mhz: float | None = None


class SharedSite(msgspec.Struct, frozen=True, kw_only=True):
    """A mast or roof that stations share; an empty code means found by distance."""

    id: int
    code: str
    name: str
    owner: str
    kind: str
    height_m: float | None
    lon: float
    lat: float
    synthetic: bool


class StationImage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is kept of a station, as one value: what a change saves and an undo puts back.

    Its key is operator, technology and code. ``life`` is in the order of days, at least one entry.
    """

    operator: int
    technology: str
    code: str
    lon: float
    lat: float
    life: tuple[Life, ...]
    name: str = ""
    band: str = ""
    indoor: bool = False
    antennas: str = ""
    accepted_on: date | None = None
    commune: str = ""
    address: str = ""
    address_before: str = ""
    note: str = ""
    synthetic: bool = False
    mast_code: str = ""
    mast_name: str = ""
    mast_owner: str = ""
    mast_kind: str = ""
    mast_height_m: float | None = None
    sectors: tuple[Sector, ...] = ()

    @property
    def key(self) -> tuple[int, str, str]:
        """What makes it the same station in every list."""
        return self.operator, self.technology, self.code


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A station with its operator, place and, where asked for, sectors."""

    id: int
    operator: int
    operator_code: str
    operator_name: str
    technology: str
    code: str
    name: str
    state: str
    state_since: date
    band: str
    indoor: bool
    antennas: str
    accepted_on: date | None
    lon: float
    lat: float
    commune: str
    address: str
    address_before: str
    mast_code: str
    mast_name: str
    mast_owner: str
    mast_kind: str
    mast_height_m: float | None
    note: str
    synthetic: bool
    place: SharedSite
    zones: list[int] = []
    life: list[Life] = []
    sectors: list[Sector] = []


class StationPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A station as a dot: what maps, presence and coverage look through by the ten thousand."""

    id: int
    operator: int
    technology: str
    state: str
    lon: float
    lat: float
    place: int
    commune: str
    synthetic: bool


class StationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which stations: None leaves a question open; ``as_of`` takes the states of that day.

    ``shared`` leaves those whose place has another station that the viewer may see. Stations that were not known in any state on the day are not there.
    """

    box: Box | None = None
    operator: int | None = None
    technology: str | None = None
    state: str | None = None
    zone: int | None = None
    commune: str | None = None
    place: int | None = None
    search: str = ""
    as_of: date | None = None
    synthetic: bool | None = None
    shared: bool = False


class StationPage(msgspec.Struct, frozen=True):
    """One page of stations, how many there are in all, and the mark of the next page."""

    items: list[Station]
    total: int
    next_after: str | None


class StationCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many stations of one operator and technology count; ``key`` is zone, commune or empty."""

    operator: int
    technology: str
    key: str
    count: int


class StationChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a station: before None made it, after None took it away."""

    id: int
    at_ms: int
    by: str
    import_id: int | None
    before: StationImage | None
    after: StationImage | None
