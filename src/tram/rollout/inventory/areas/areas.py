"""Borders imported and read, zones and communes against operators, what is known of zones."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import IO

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, ZoneId
from tram.domain.permissions import Permission
from tram.domain.province import Province
from tram.registry.kernel.access import must_keep_province_data
from tram.registry.kernel.audit import province_change
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import Database, as_view
from tram.registry.kernel.tables import organisations, zones
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Zone
from tram.registry.organisations.organisations import PUBLIC_KINDS
from tram.registry.organisations.zones import Zones
from tram.rollout.inventory.areas.layers import (
    FIBRE,
    MapLayer,
    MapShape,
    Population,
    layers_of,
    may_see_fibre,
    people_of,
    shapes_of,
)
from tram.rollout.inventory.areas.presence import WITHIN, Counts, PresenceRule, presence
from tram.rollout.inventory.areas.reading import GeoFeature, RequestedLayer, features_in
from tram.rollout.inventory.exchange.reader_process import READER
from tram.rollout.inventory.geography.borders import locators, zone_regions
from tram.rollout.inventory.geography.locator import Locator
from tram.rollout.inventory.geography.tables import features, zone_facts
from tram.rollout.inventory.stations.stations import Stations
from tram.rollout.inventory.stations.tables import station_zones, stations
from tram.rollout.inventory.stations.views import StationCount, StationFilter
from tram.rollout.inventory.stations.visibility import WRITE, Sight, sight_of
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.processes.thread_pools import DOCUMENTS, FILES

__all__ = ("AreaRow", "Areas", "LayerSummary", "ZoneArea", "ZoneFacts")

_BATCH = 1_000
_HECTARES_MAX = 1_500_000
_STATED = "S"
"""The mark of a figure that its source states."""
# Who speaks for zones of a kind until somebody says otherwise (a proposal, not a rule).
_AUTHORITIES = {"KKT": "BQL", "KCN": "BQL", "CCN": "SCT"}


class ZoneFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a zone beyond the shipped list; authority is an organisation."""

    authority: OrgId | None = None
    needs: str = ""
    state: str = ""
    note: str = ""


class ZoneArea(msgspec.Struct, frozen=True):
    """How large a zone is by a stated source; a border that is imported says it better."""

    hectares: float
    source: str


class AreaRow(msgspec.Struct, frozen=True, kw_only=True):
    """A zone or commune with its stations by operator and technology.

    ``shape`` tells what stands for it: border, circle, point or nothing.
    """

    key: str
    code: str
    name: str
    kind: str
    area_ha: float | None
    shape: str
    counts: Counts
    population: Population | None = None
    facts: ZoneFacts = ZoneFacts()


class LayerSummary(msgspec.Struct, frozen=True):
    """What an import of borders brought."""

    layer: str
    features: int
    area_km2: float
    length_km: float
    population: int
    outside: int


class Areas:
    """Shapes and what stands in them, as far as the viewer may see it."""

    def __init__(
        self, database: Database, clock: Clock, listed: Stations, province: Province
    ) -> None:
        self._database = database
        self._clock = clock
        self._stations = listed
        self._province = province
        self._zones = Zones(database, clock)

    async def seed(self) -> None:
        """Let each zone have an authority where nobody said who that is."""
        async with self._database.write() as connection:
            there = set((await connection.execute(select(zone_facts.c.zone_id))).scalars())
            found = await connection.execute(select(organisations.c.code, organisations.c.id))
            codes = {row.code: row.id for row in found}
            blank = {
                "needs": "",
                "state": "",
                "note": "",
                "changed_ms": self._clock.now_ms(),
                "person_name": "system",
            }
            rows = [
                {
                    **blank,
                    "zone_id": zone.id,
                    "authority_id": codes.get(_AUTHORITIES.get(_plain_kind(zone.kind), "")),
                }
                for zone in await connection.execute(select(zones.c.id, zones.c.kind))
                if zone.id not in there
            ]
            if rows:
                await connection.execute(insert(zone_facts), rows)

    async def import_layer(
        self, viewer: Viewer, layer: str, data: bytes, *, source: str, synthetic: bool = False
    ) -> LayerSummary:
        """Put the features of a file in the place of a layer, and find the stations' areas anew.

        Zones are matched by their code; a border of an unknown zone is refused. The file is read in
        a process of its own.
        """
        viewer.needs(WRITE)
        with tempfile.NamedTemporaryFile() as file:
            await FILES.run(_put, file, data)
            found = await READER.call(viewer.org, features_in, RequestedLayer(file.name, layer))
        if layer == "population":
            raise_on_no_people(found)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            connection = change.connection
            gone = features.c.layer == layer
            if layer == "zone":
                known = set((await connection.execute(select(zones.c.code))).scalars())
                unknown = [item.code for item in found if item.code not in known]
                if unknown:
                    raise Refused(
                        "geo.wrong",
                        f"There is no zone {unknown[0]!r} (and {len(unknown) - 1} more).",
                        "Give each border the code of its zone.",
                    )
                gone &= features.c.code.in_([item.code for item in found])
            await connection.execute(delete(features).where(gone))
            rows = [_row(item, layer, source, synthetic, change.at_ms) for item in found]
            for start in range(0, len(rows), _BATCH):
                await connection.execute(insert(features), rows[start : start + _BATCH])
            summary = LayerSummary(
                layer,
                len(found),
                sum(item.area_km2 or 0 for item in found),
                sum(item.length_km or 0 for item in found),
                sum(item.population or 0 for item in found),
                0,
            )
            await change.note("geo.import", 0, after={"layer": layer, "features": len(found)})
        if layer in {"commune", "zone"}:
            summary = msgspec.structs.replace(summary, outside=await self.locate_again())
        return summary

    async def locate_again(self) -> int:
        """Find commune and zones of every station anew; return how many lie in no commune."""
        columns = (stations.c.id, stations.c.lon, stations.c.lat, stations.c.commune_given)
        async with self._database.read() as connection:
            communes, areas = await locators(connection)
            found = (await connection.execute(select(*columns))).all()
        lons, lats = [row.lon for row in found], [row.lat for row in found]
        codes, within = communes.keys_of(lons, lats), areas.keys_of(lons, lats)
        outside = sum(
            1 for row, code in zip(found, codes, strict=True) if not (code or row.commune_given)
        )
        update_commune = (
            update(stations)
            .where(stations.c.id == bindparam("at_station"))
            .values(commune=bindparam("now_in"))
        )
        for start in range(0, len(found), _BATCH):
            some = range(start, min(start + _BATCH, len(found)))
            numbers = [found[at].id for at in some]
            async with self._database.write() as connection:
                await connection.execute(
                    update_commune,
                    [
                        {
                            "at_station": found[at].id,
                            "now_in": found[at].commune_given or next(iter(codes[at]), ""),
                        }
                        for at in some
                    ],
                )
                await connection.execute(
                    delete(station_zones).where(station_zones.c.station_id.in_(numbers))
                )
                rows = [
                    {"station_id": found[at].id, "zone_id": int(zone)}
                    for at in some
                    for zone in within[at]
                ]
                if rows:
                    await connection.execute(insert(station_zones), rows)
        return outside

    async def sight(self, viewer: Viewer) -> Sight:
        """Return of which operators and in which zones the viewer sees every station."""
        viewer.needs(Permission.INVENTORY_READ)
        async with self._database.read() as connection:
            return await sight_of(connection, viewer)

    async def zone_matrix(self, viewer: Viewer, day: date, rule: PresenceRule) -> list[AreaRow]:
        """Return the viewer's zones with stations on air by operator and technology.

        By every rule but ``within`` the stations inside are counted.
        """
        seen = await self._zones.list(viewer)
        async with self._database.read() as connection:
            facts = {
                row.zone_id: as_view(ZoneFacts, row, authority=row.authority_id)
                for row in await connection.execute(select(zone_facts))
            }
            measured = select(features.c.code, features.c.area_km2).where(
                features.c.layer == "zone"
            )
            borders = {row.code: row.area_km2 for row in await connection.execute(measured)}
        if rule.kind == WITHIN:
            found = await self._near(viewer, day, rule)
        else:
            found = _by_area(await self._stations.count_by(viewer, day, by="zone"))
        return [
            AreaRow(
                key=str(zone.id),
                code=zone.code,
                name=zone.name,
                kind=zone.kind,
                area_ha=borders[zone.code] * 100 if zone.code in borders else zone.area_ha,
                shape="border" if zone.code in borders else _stand_in(zone),
                counts=found.get(str(zone.id), {}),
                facts=facts.get(zone.id, ZoneFacts()),
            )
            for zone in sorted(seen, key=_by_weight)
        ]

    async def _near(self, viewer: Viewer, day: date, rule: PresenceRule) -> Mapping[str, Counts]:
        wanted = StationFilter(state="on-air", as_of=day)
        points = await self._stations.points(viewer, wanted)
        async with self._database.read() as connection:
            regions = await zone_regions(connection)
        middle_lat = self._province.bounds.middle_lat
        return await DOCUMENTS.run_for(viewer.org, presence, regions, points, rule, middle_lat)

    async def commune_matrix(self, viewer: Viewer, day: date) -> list[AreaRow]:
        """Return the communes with stations on air, by the commune that each station is kept in."""
        counts = _by_area(await self._stations.count_by(viewer, day, by="commune"))
        async with self._database.read() as connection:
            known = select(features.c.code).where(features.c.layer == "commune")
            borders = set((await connection.execute(known)).scalars())
            people = await people_of(connection)
        rows = [
            AreaRow(
                key=commune.code,
                code=commune.code,
                name=commune.name,
                kind=commune.kind,
                area_ha=commune.area_km2 * 100,
                shape="border" if commune.code in borders else "",
                counts=counts.pop(commune.code, {}),
                population=people.get(commune.code),
            )
            for commune in self._province.communes
        ]
        left = [
            AreaRow(key=code, code=code, name=code, kind="", area_ha=None, shape="", counts=cell)
            for code, cell in counts.items()
        ]
        return rows + left

    async def facts(self, viewer: Viewer, zone: int) -> tuple[ZoneFacts, str]:
        """Return what is known of a zone, and its authority's name."""
        seen = await self._zones.one(viewer, ZoneId(zone))
        statement = (
            select(zone_facts, organisations.c.name.label("authority_name"))
            .outerjoin(organisations, organisations.c.id == zone_facts.c.authority_id)
            .where(zone_facts.c.zone_id == seen.id)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return ZoneFacts(), ""
        return as_view(ZoneFacts, row, authority=row.authority_id), row.authority_name or ""

    async def authorities(self, viewer: Viewer) -> list[tuple[int, str]]:
        """Return number and name of the public bodies that may speak for a zone."""
        statement = select(organisations.c.id, organisations.c.name)
        public = statement.where(organisations.c.kind.in_(PUBLIC_KINDS))
        async with self._database.read() as connection:
            await must_keep_province_data(connection, viewer, WRITE)
            found = await connection.execute(public.order_by(organisations.c.name))
            return [(row.id, row.name) for row in found]

    async def change_facts(
        self, viewer: Viewer, zone: int, facts: ZoneFacts, area: ZoneArea | None = None
    ) -> None:
        """Keep what is known of a zone: its authority, investors' needs, state, a new area."""
        checked = Checked()
        size = _checked_area(checked, area) if area else {}
        values = {
            "needs": checked.lines("needs", facts.needs, 2_000, shortest=0),
            "state": checked.text("state", facts.state, 200, shortest=0),
            "note": checked.lines("note", facts.note, 500, shortest=0),
            "authority_id": facts.authority,
            "changed_ms": self._clock.now_ms(),
            "person_name": viewer.name,
        }
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            connection = change.connection
            there = select(organisations.c.id).where(organisations.c.id == facts.authority)
            checked.unless(
                facts.authority is None or (await connection.execute(there)).first(),
                "authority",
                "organisation.not_found",
            )
            checked.done(Refused("zone.wrong", "The zone cannot be kept like this."))
            changed = await connection.execute(
                update(zone_facts).where(zone_facts.c.zone_id == zone).values(values)
            )
            if not changed.rowcount:
                raise Refused(
                    "zone.unknown", "There is no such zone.", "Look at the list of zones."
                )
            if size:
                await connection.execute(update(zones).where(zones.c.id == zone).values(size))
                await _fill_zone(connection, zone)
            await change.note("zone.facts", zone, after={"facts": facts, "area": area})

    async def layers(self, viewer: Viewer) -> list[MapLayer]:
        """Return what was imported, as far as the viewer may see it, in the order of kinds."""
        viewer.needs(Permission.ZONE_READ)
        async with self._database.read() as connection:
            return await layers_of(connection, await may_see_fibre(connection, viewer))

    async def shapes(self, viewer: Viewer, layer: str) -> list[MapShape]:
        """Return a layer's features, simplified for the map."""
        viewer.needs(Permission.ZONE_READ)
        async with self._database.read() as connection:
            if layer == FIBRE and not await may_see_fibre(connection, viewer):
                return []
            return await shapes_of(connection, layer)


async def _fill_zone(connection: AsyncConnection, zone: int) -> None:
    """Find anew which stations stand in one zone: the circle that stands for it changed."""
    region = next((r for r in await zone_regions(connection) if r.key == str(zone)), None)
    await connection.execute(delete(station_zones).where(station_zones.c.zone_id == zone))
    if region is None:
        return
    west, south, east, north = region.shape.bounds
    near = select(stations.c.id, stations.c.lon, stations.c.lat).where(
        stations.c.lon.between(west, east), stations.c.lat.between(south, north)
    )
    found = (await connection.execute(near)).all()
    inside = Locator([region]).keys_of([row.lon for row in found], [row.lat for row in found])
    rows = [
        {"station_id": row.id, "zone_id": zone}
        for row, keys in zip(found, inside, strict=True)
        if keys
    ]
    if rows:
        await connection.execute(insert(station_zones), rows)


def _put(file: IO[bytes], data: bytes) -> None:
    file.write(data)
    file.flush()


def raise_on_no_people(found: Sequence[GeoFeature]) -> None:
    """Refuse a list of people in which nobody is counted."""
    if not any(item.population for item in found):
        raise Refused(
            "geo.wrong", "No column counts people.", "Name it population, dan_so or total."
        )


def _checked_area(checked: Checked, area: ZoneArea) -> dict[str, object]:
    checked.unless(
        0 < area.hectares <= _HECTARES_MAX, "area_ha", "number.range", least=0, most=_HECTARES_MAX
    )
    source = checked.prose("area_source", area.source, 500)
    return {"area_ha": area.hectares, "area_mark": _STATED, "area_source": source}


def _by_weight(zone: Zone) -> int:
    """Return where a zone stands in lists: economic zones, parks, clusters, each by name."""
    kinds, kind = tuple(_AUTHORITIES), _plain_kind(zone.kind)
    return kinds.index(kind) if kind in kinds else len(kinds)


def _plain_kind(kind: str) -> str:
    """Return the first word of a kind: an economic zone at a border gate is an economic zone."""
    return kind.partition(" ")[0]


def _stand_in(zone: Zone) -> str:
    """Return what stands for a zone without a border."""
    if zone.lon is None:
        return ""
    return "circle" if zone.area_ha else "point"


def _by_area(tallies: Sequence[StationCount]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for tally in tallies:
        found.setdefault(tally.key, {})[tally.operator, tally.technology] = tally.count
    return found


def _row(
    item: GeoFeature,
    layer: str,
    source: str,
    synthetic: bool,  # noqa: FBT001  # private
    now_ms: int,
) -> dict[str, object]:
    columns = msgspec.structs.asdict(item)
    return {
        **dict(zip(("west", "south", "east", "north"), columns.pop("box"), strict=True)),
        **columns,
        "layer": layer,
        "source": source[:500],
        "synthetic": synthetic,
        "imported_ms": now_ms,
    }
