"""Borders imported, stations placed by them, zones and communes against operators."""

import json
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from tests.registry.world import World, refused, viewer_of
from tests.rollout.conftest import Cast
from tests.rollout.inventory.test_stations import a_station
from tram.rollout.inventory.areas.areas import ZoneFacts
from tram.rollout.inventory.areas.layers import Population
from tram.rollout.inventory.areas.presence import PresenceRule
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.views import Life, StationFilter

TODAY = date(2026, 11, 1)


def square(lon: float, lat: float, half: float) -> list[list[list[float]]]:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    return [[[lon + x, lat + y] for x, y in corners]]


def borders(*items: tuple[str, str, list]) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": rings},
            "properties": {"code": code, "name": name},
        }
        for code, name, rings in items
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


COMMUNES = borders(
    ("21172", "Xã Thọ Phong", square(108.8, 15.2, 0.05)),
    ("21025", "Phường Cẩm Thành", square(108.9, 15.2, 0.05)),
)


async def test_borders_place_the_stations(
    inventory: Inventory,
    cast: Cast,
    operators: dict[str, int],
) -> None:
    await inventory.keeping.put(
        cast.officer,
        [
            a_station(operators["VNPT"], "A", lat=15.2),
            a_station(operators["VNPT"], "B", lon=108.9, lat=15.2),
            a_station(operators["VNPT"], "C", lon=108.9, lat=15.21, commune="21172"),
            a_station(operators["VNPT"], "D", lon=107.5, lat=14.2),
        ],
    )

    done = await inventory.areas.import_layer(cast.officer, "commune", COMMUNES, source="Thử")

    assert (done.features, done.outside) == (2, 1)
    assert done.area_km2 == pytest.approx(2 * 118.9, rel=0.01)
    found = {
        item.code: item.commune for item in (await inventory.stations.page(cast.officer)).items
    }
    assert found == {"A": "21172", "B": "21025", "C": "21172", "D": ""}
    later = a_station(operators["VNPT"], "E", lon=108.91, lat=15.2)
    await inventory.keeping.put(cast.officer, [later])
    wanted = StationFilter(commune="21025")
    assert len(await inventory.stations.points(cast.officer, wanted)) == 2
    rows = {
        row.code: row.counts for row in await inventory.areas.commune_matrix(cast.officer, TODAY)
    }
    assert len(rows) == 97
    assert rows["21172"] == {(operators["VNPT"], "5G"): 2}
    assert rows[""] == {(operators["VNPT"], "5G"): 1}


async def test_matrix_counts_by_the_stated_rule(
    inventory: Inventory,
    cast: Cast,
    operators: dict[str, int],
) -> None:
    border = borders(("KCN-TP", "KCN Tịnh Phong", square(108.785, 15.205, 0.01)))
    await inventory.areas.import_layer(cast.officer, "zone", border, source="Thử")
    await inventory.keeping.put(
        cast.officer,
        [
            a_station(operators["VNPT"], "IN", lon=108.785, lat=15.205),
            # 540 metres east of the border.
            a_station(operators["VIETTEL"], "BESIDE", lon=108.80, lat=15.205, technology="4G"),
            a_station(operators["VNPT"], "PLANNED", lon=108.786, lat=15.205,
                      life=(Life(date(2025, 1, 1), "planned"),)),
        ],
    )  # fmt: skip

    async def counts(rule: PresenceRule, day: date = TODAY) -> dict:
        rows = await inventory.areas.zone_matrix(cast.officer, day, rule)
        return next((row.shape, row.counts) for row in rows if row.code == "KCN-TP")

    inside = {(operators["VNPT"], "5G"): 1}
    beside = inside | {(operators["VIETTEL"], "4G"): 1}
    assert await counts(PresenceRule()) == ("border", inside)
    assert await counts(PresenceRule("within", 500)) == ("border", inside)
    assert await counts(PresenceRule("within", 1_000)) == ("border", beside)
    assert await counts(PresenceRule(), date(2024, 4, 30)) == ("border", {})
    rows = await inventory.areas.zone_matrix(cast.officer, TODAY, PresenceRule())
    assert {row.shape for row in rows} == {"border", "circle", "point", ""}


async def test_zone_authority_sees_its_zones_stations_and_keeps_its_needs(
    inventory: Inventory,
    cast: Cast,
    operators: dict[str, int],
    world: World,
) -> None:
    listed = await world.registry.zones.list(world.system)
    park = next(zone for zone in listed if zone.code == "KCN-TP")
    await inventory.keeping.put(
        cast.officer, [a_station(operators["VNPT"], "IN", lon=park.lon, lat=park.lat)]
    )
    keeper = viewer_of(world.blue.org, permissions={"inventory.read", "zone.read"})
    assert await inventory.stations.points(keeper) == []

    facts = ZoneFacts(authority=world.blue.org, needs="5G riêng cho kho lạnh")
    await inventory.areas.change_facts(cast.officer, park.id, facts)

    assert [item.code for item in (await inventory.stations.page(keeper)).items] == ["IN"]
    rows = await inventory.areas.zone_matrix(keeper, TODAY, PresenceRule())
    assert next(row for row in rows if row.code == "KCN-TP").facts == facts
    with refused("access.denied"):
        await inventory.areas.change_facts(keeper, park.id, facts)
    with refused("zone.unknown"):
        await inventory.areas.change_facts(cast.officer, 999, facts)


@pytest.mark.parametrize(
    ("layer", "data", "code"),
    [
        ("moon", COMMUNES, "geo.layer_unknown"),
        ("road", COMMUNES, "geo.wrong"),
        ("zone", COMMUNES, "geo.wrong"),
        ("commune", b"code,name\n1,x\n", "geo.unreadable"),
        ("fibre", b"code,wkt\n1,LINE(1 2)\n", "geo.wrong"),
        ("population", b"code,dan_so\n1,many\n", "geo.wrong"),
        ("commune", b'{"type": "FeatureCollection", "features": []', "geo.unreadable"),
        ("population", b"code,name\n1,x\n", "geo.wrong"),
    ],
)
async def test_file_that_does_not_fit_the_layer_is_refused(
    inventory: Inventory, cast: Cast, layer: str, data: bytes, code: str
) -> None:
    with refused(code):
        await inventory.areas.import_layer(cast.officer, layer, data, source="Thử")


async def test_lines_and_people_come_in(inventory: Inventory, cast: Cast) -> None:
    line = {"type": "LineString", "coordinates": [[108.8, 15.0], [108.8, 15.1]]}
    feature = {"type": "Feature", "geometry": line, "properties": {"ref": "QL1"}}
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()

    road = await inventory.areas.import_layer(cast.officer, "road", data, source="Thử")
    people = await inventory.areas.import_layer(
        cast.officer, "population", b"ma,ten,dan_so\n1,A,7310\n2,B,6419\n", source="Thử"
    )

    assert road.length_km == pytest.approx(11.06, abs=0.01)
    assert people.population == 13_729
    (shape,) = await inventory.areas.shapes(cast.officer, "road")
    assert (shape.name, shape.length_km) == ("QL1", road.length_km)


# One way of each file that a department may be sent; degrees, or the system that the file names.
ROUTES = (
    ("F1", "Tuyến Dung Quất", "48FO", [(108.7, 15.1), (108.8, 15.2)]),
    ("F1", "Tuyến Dung Quất", "48FO", [(108.8, 15.2), (108.9, 15.2)]),
    ("F2", "Tuyến Ba Tơ", "24FO", [(108.6, 14.7), (108.7, 14.8)]),
)


def geopackage(folder: Path) -> bytes:
    file = folder / "fibre.gpkg"
    turn = Transformer.from_crs("EPSG:4326", "EPSG:3406", always_xy=True)
    shapes = [shapely.LineString([turn.transform(*point) for point in r[3]]) for r in ROUTES]
    columns = [np.array([route[at] for route in ROUTES], dtype=object) for at in range(3)]
    pyogrio.raw.write(
        file,
        shapely.to_wkb(np.array(shapes)),
        columns,
        ["ma_tuyen", "ten_tuyen", "loai_cap"],
        geometry_type="LineString",
        crs="EPSG:3406",
        driver="GPKG",
    )
    return file.read_bytes()


def geojson() -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": points},
            "properties": {"code": code, "name": name, "kind": kind},
        }
        for code, name, kind, points in ROUTES
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def table() -> bytes:
    lines = ["Mã tuyến;Tên tuyến;Loại cáp;WKT"]
    for code, name, kind, points in ROUTES:
        lines.append(f"{code};{name};{kind};{shapely.LineString(points).wkt}")
    return "\n".join(lines).encode()


@pytest.mark.parametrize("form", ["GeoPackage in VN-2000", "GeoJSON", "CSV"])
async def test_fibre_routes_come_in_whole_from_every_form(
    form: str, inventory: Inventory, cast: Cast, world: World, tmp_path: Path
) -> None:
    data = {"GeoJSON": geojson, "CSV": table}.get(form, partial(geopackage, tmp_path))()

    done = await inventory.areas.import_layer(
        cast.officer, "fibre", data, source="Thử", synthetic=True
    )

    one, other = await inventory.areas.shapes(cast.officer, "fibre")
    assert (done.features, one.code, one.name, one.kind) == (2, "F1", "Tuyến Dung Quất", "48FO")
    assert one.length_km == pytest.approx(26.2, abs=0.1)
    assert done.length_km == pytest.approx(one.length_km + other.length_km)
    assert json.loads(one.geometry)["coordinates"][1] == pytest.approx([108.8, 15.2], abs=1e-4)
    (layer,) = await inventory.areas.layers(cast.officer)
    assert (layer.layer, layer.features, layer.synthetic) == ("fibre", 2, True)
    operator = viewer_of(world.red.org, permissions={"inventory.read", "zone.read"})
    assert await inventory.areas.shapes(operator, "fibre") == []
    assert await inventory.areas.layers(operator) == []


async def test_people_of_a_vietnamese_list_stand_at_their_communes(
    inventory: Inventory, cast: Cast
) -> None:
    data = "Mã xã;Tên xã;Dân số\n21172;Xã Thọ Phong;12.345\n21025;Cẩm Thành;\n"

    done = await inventory.areas.import_layer(
        cast.officer, "population", data.encode(), source="Thử"
    )

    assert done.population == 12_345
    rows = await inventory.areas.commune_matrix(cast.officer, TODAY)
    people = {row.code: row.population for row in rows if row.population}
    assert people == {"21172": Population(12_345, synthetic=False)}
