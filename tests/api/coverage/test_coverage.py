"""Layers of coverage by reach: an operator sees its own, the department all."""

from pathlib import Path

import msgspec
import numpy as np
import pyogrio
import pytest
import pytest_asyncio
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_bounds
from rasterio.warp import transform_bounds
from sqlalchemy import insert

from tests.api.province import Client, Province, log_in
from tram.api.http.session import API
from tram.rollout.coverage.files import (
    SYNTHETIC,
    write_holes,
    write_overlay,
    write_raster,
    write_servers,
)
from tram.rollout.coverage.regions import CoverageRaster
from tram.rollout.coverage.results import (
    LADDER_DBM,
    Budget,
    CoverageLayer,
    CoverageRun,
    Hole,
    RegionShare,
    Serving,
)
from tram.rollout.inventory.geography.tables import features

RUN = "0000000000001-abcdef"
OWN, OTHER = "mp_leak_a-n78", "mp_leak_b-n78"


BUDGET = Budget(
    eirp_re_dbm=37.8,
    downlink_db=147.8,
    uplink_db=141.7,
    weaker="uplink",
    phone_dbm=23.0,
    body_db=3.0,
    gain_dbi=24.0,
    line_db=0.0,
    noise_figure_db=5.0,
    interference_db=2.0,
    sinr_db=-3.3,
    rate_mbps=1.0,
    bandwidth_mhz=18.0,
    share_of_time=0.25,
)


def layer(operator: str, stem: str) -> CoverageLayer:
    return CoverageLayer(
        operator=operator,
        band="n78",
        frequency_ghz=3.75,
        sectors=3,
        synthetic=True,
        raster=f"{stem}.tif",
        overlay=f"{stem}.png",
        servers=f"{stem}-servers.tif",
        package=f"{stem}-holes.gpkg",
        corners=(108.0, 15.2, 108.2, 15.0),
        location_sigma_db=1.6,
        shares=[0.1, 0.5, 0.7],
        likely=[0.12, 0.5, 0.69],
        uplink_share=0.6,
        both_ways=[0.1, 0.5, 0.6],
        budget=BUDGET,
        assumed={"tilt": 3},
        serving=[],
        regions=[],
        holes=[],
    )


@pytest.fixture(autouse=True)
def run(tmp_path: Path) -> CoverageRun:
    """A finished run with a layer of either party's operator."""
    made = CoverageRun(
        id=RUN,
        made_ms=1,
        model="a model",
        terrain="a terrain",
        terrain_synthetic=True,
        thresholds=[-95.0, -105.0, -110.0],
        radius_km=10.0,
        cell_m=30.0,
        layers=[layer("MP-LEAK-A", OWN), layer("MP-LEAK-B", OTHER)],
    )
    folder = tmp_path / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(msgspec.json.encode(made))
    for stem in (OWN, OTHER):
        (folder / f"{stem}.png").write_bytes(b"picture")
    return made


@pytest_asyncio.fixture
async def operator(client: Client, province: Province) -> Client:
    """Somebody of the first party."""
    await log_in(client, await province.person("operator-planner", province.a.org))
    return client


async def test_an_operator_sees_its_own_layers_alone(operator: Client) -> None:
    found = (await operator.get(f"{API}/coverage")).json()

    assert [item["operator"] for item in found["layers"]] == ["MP-LEAK-A"]
    assert found["layers"][0]["sure_margin_db"] == pytest.approx(1.645 * 1.6, abs=0.001)
    assert (await operator.get(f"{API}/coverage/{RUN}/{OWN}/files/overlay")).content == b"picture"


@pytest.mark.parametrize("rest", ["", "/regions.csv", "/holes.csv", "/files/overlay"])
async def test_the_layer_of_another_is_not_there(operator: Client, rest: str) -> None:
    answer = await operator.get(f"{API}/coverage/{RUN}/{OTHER}{rest}")

    assert (answer.status_code, answer.json()["code"]) == (404, "coverage.unknown")


async def test_the_department_sees_every_layer(client: Client, province: Province) -> None:
    await log_in(client, await province.person("ict-officer", province.root.org))
    found = (await client.get(f"{API}/coverage")).json()

    assert [item["operator"] for item in found["layers"]] == ["MP-LEAK-A", "MP-LEAK-B"]


async def test_a_run_of_an_older_program_is_refused(
    operator: Client, run: CoverageRun, tmp_path: Path
) -> None:
    older = msgspec.to_builtins(run) | {"format": 1, "layers": [{"operator": "MP-LEAK-A"}]}
    (tmp_path / "runs" / "0000000000002-abcdef").mkdir()
    file = tmp_path / "runs" / "0000000000002-abcdef" / "run.json"
    file.write_bytes(msgspec.json.encode(older))

    assert (await operator.get(f"{API}/coverage")).json()["code"] == "coverage.format"


def share(kind: str, key: str, level: float) -> RegionShare:
    ladder = [level] * len(LADDER_DBM)
    return RegionShare(
        kind=kind,
        key=key,
        name=f"{kind} {key}",
        amount=4.0,
        unknown=0.0,
        shares=[level] * 3,
        likely=[level] * 3,
        uplink_share=level,
        both_ways=[level] * 3,
        ladder=ladder,
        likely_ladder=ladder,
    )


def serving(number: int, lon: float, lat: float) -> Serving:
    return Serving(
        number=number,
        station=f"S{number}",
        sector="1",
        lon=lon,
        lat=lat,
        height_m=35.0,
        azimuth_deg=0.0,
        tilt_deg=4.0,
        eirp_dbm=73.0,
        carrier_ghz=3.75,
        antenna="",
        assumed=["tilt"] if number else [],
    )


@pytest_asyncio.fixture
async def zone_run(province: Province, tmp_path: Path) -> tuple[str, shapely.Geometry]:
    """A newer run with real files around one zone; return the zone's code and shape."""
    zones = await province.registry.zones.list(province.root)
    code = next(zone.code for zone in zones if zone.id == province.zone)
    shape = shapely.box(108.79, 15.39, 108.82, 15.41)
    west, south, east, north = shape.bounds
    border = {"layer": "zone", "code": code, "name": code, "kind": "", "properties": {}}
    border |= {
        "geometry": shapely.to_geojson(shape),
        "synthetic": True,
        "source": "",
        "imported_ms": 1,
    }
    border |= {"west": west, "south": south, "east": east, "north": north}
    async with province.registry.database.write() as connection:
        await connection.execute(insert(features).values(**border))
    middle = shape.centroid
    west, south, east, north = middle.buffer(0.2).bounds
    crs = "EPSG:32649"
    bounds = transform_bounds("EPSG:4326", crs, west, south, east, north)
    level = np.full((300, 300), -80, np.float32)
    known = np.ones(level.shape, bool)
    corner = from_bounds(*bounds, 300, 300)
    sheet = CoverageRaster(level, np.full_like(level, 5), known, known, corner, crs)
    folder = tmp_path / "runs" / "0000000000003-abcdef"
    folder.mkdir(parents=True)
    holes = [
        (Hole(number=n, area_km2=1.0, lon=lon, lat=middle.y, commune=""), spot.buffer(0.002))
        for n, lon in ((1, middle.x), (2, middle.x + 0.15))
        for spot in [shapely.Point(lon, middle.y)]
    ]
    corners = write_overlay(folder / f"{OTHER}.png", sheet, SYNTHETIC)
    write_raster(folder / f"{OTHER}.tif", sheet, sheet.uplink, SYNTHETIC)
    servers = np.zeros(level.shape, np.int32)
    write_servers(folder / f"{OTHER}-servers.tif", sheet, servers, SYNTHETIC)
    write_holes(folder / f"{OTHER}-holes.gpkg", holes, {"operator": "B"})
    made = msgspec.json.decode(
        (tmp_path / "runs" / RUN / "run.json").read_bytes(), type=CoverageRun
    )
    whole = msgspec.structs.replace(
        layer("MP-LEAK-B", OTHER),
        corners=corners,
        regions=[share("zone", code, 0.25), share("zone", "far", 1.0), share("commune", "c", 1.0)],
        holes=[hole for hole, _ in holes],
        serving=[serving(0, middle.x, middle.y), serving(1, middle.x + 0.1, middle.y)],
    )
    run = msgspec.structs.replace(made, id=folder.name, layers=[whole])
    (folder / "run.json").write_bytes(msgspec.json.encode(run))
    return code, shape


async def test_who_has_a_zone_sees_every_operator_in_it_and_nothing_beyond(
    client: Client,
    province: Province,
    zone_run: tuple[str, shapely.Geometry],
    tmp_path: Path,
) -> None:
    code, shape = zone_run
    await log_in(
        client, await province.person("zone-authority", province.root.org, zone=province.zone)
    )
    (seen,) = (await client.get(f"{API}/coverage")).json()["layers"]
    assert (seen["operator"], seen["shares"], seen["sectors"], seen["holes"]) == (
        "MP-LEAK-B",
        [0.25] * 3,
        1,
        1,
    )
    address = f"{API}/coverage/0000000000003-abcdef/{OTHER}"
    detail = (await client.get(address)).json()
    assert [region["key"] for region in detail["regions"]] == [code]
    assert [item["station"] for item in detail["serving"]] == ["S0"]
    near = shape.buffer(0.02)
    for kind in ("overlay", "raster", "servers", "package"):
        answer = await client.get(f"{address}/files/{kind}")
        assert answer.status_code == 200
        (tmp_path / kind).write_bytes(answer.content)
    with rasterio.open(tmp_path / "raster") as cut:
        assert cut.descriptions == ("SS-RSRP best server", "Margin of the weaker link")
        west, south, east, north = transform_bounds(cut.crs, "EPSG:4326", *cut.bounds)
        assert shapely.box(west, south, east, north).within(near.envelope)
        assert cut.read(1).max() == -80
        assert cut.tags().items() >= SYNTHETIC.items()
    with rasterio.open(tmp_path / "servers") as cut:
        assert set(np.unique(cut.read(1))) == {-1, 0}
    with pytest.warns(NotGeoreferencedWarning):
        picture = rasterio.open(tmp_path / "overlay")
    assert picture.tags().items() >= SYNTHETIC.items()
    grey = picture.read(1)
    assert 0 < (grey > 0).mean() < 0.3
    info = pyogrio.read_info(tmp_path / "package")
    assert info["features"] == 1
