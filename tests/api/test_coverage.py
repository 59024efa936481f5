"""Layers of coverage by reach: an operator sees its own, the department all."""

from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from tests.api.province import Client, Province, log_in
from tram.api.session import API
from tram.rollout.coverage.results import Budget, Layer, Run

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


def layer(operator: str, stem: str) -> Layer:
    return Layer(
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
def run(tmp_path: Path) -> Run:
    """A finished run with a layer of either party's operator."""
    made = Run(
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
    operator: Client, run: Run, tmp_path: Path
) -> None:
    older = msgspec.to_builtins(run) | {"format": 1, "layers": [{"operator": "MP-LEAK-A"}]}
    (tmp_path / "runs" / "0000000000002-abcdef").mkdir()
    file = tmp_path / "runs" / "0000000000002-abcdef" / "run.json"
    file.write_bytes(msgspec.json.encode(older))

    assert (await operator.get(f"{API}/coverage")).json()["code"] == "coverage.format"
