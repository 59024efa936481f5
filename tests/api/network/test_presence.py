"""Presence by rule over the interface: what each viewer can know, and never a false zero."""

import csv
import io
from pathlib import Path

import msgspec
import pytest

from tests.api.coverage.test_coverage import RUN, layer
from tests.api.province import Client, Province, log_in
from tests.registry.world import refused
from tram.api.http.services import Services
from tram.api.http.session import API
from tram.api.network.operator_presence import presence_rule
from tram.rollout.coverage.results import LADDER_DBM, CoverageRun, RegionShare
from tram.rollout.inventory.areas.areas import ZoneFacts
from tram.rollout.inventory.stations.views import StationImage

ZONES, COMMUNES = f"{API}/presence/zones", f"{API}/presence/communes"
COVERED = {"rule": "covered", "share_percent": 80, "level_dbm": -105}


def region(kind: str, key: str, at_105: float) -> RegionShare:
    """An area with a share at -105 dBm, everything weaker than that, nothing stronger."""
    ladder = [1.0 if level < -105 else at_105 if level == -105 else 0.0 for level in LADDER_DBM]
    nothing = [0.0, 0.0, 0.0]
    return RegionShare(
        kind=kind, key=key, name=key, amount=1.0, unknown=0.0, shares=nothing, likely=nothing,
        uplink_share=1.0, both_ways=nothing, ladder=ladder, likely_ladder=ladder,
    )  # fmt: skip


@pytest.fixture
def predicted(tmp_path: Path) -> None:
    """A run: one party covers a zone and a commune with 5G on its second band, the other not."""
    areas = {"zone": ("KCN-TP", (0.4, 0.913, 0.6)), "commune": ("21172", (0.1, 0.85, 0.2))}
    shares = (("MP-LEAK-A", "n28", 0), ("MP-LEAK-A", "n78", 1), ("MP-LEAK-B", "n78", 2))
    layers = [
        msgspec.structs.replace(
            layer(operator, f"{operator}-{band}".lower()),
            band=band,
            regions=[region(kind, key, parts[at]) for kind, (key, parts) in areas.items()],
        )
        for operator, band, at in shares
    ]
    made = CoverageRun(
        id=RUN, made_ms=1_760_000_000_000, model="a model", terrain="a terrain",
        terrain_synthetic=True, thresholds=[-95.0, -105.0, -110.0], radius_km=10.0, cell_m=30.0,
        layers=layers,
    )  # fmt: skip
    folder = tmp_path / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(msgspec.json.encode(made))


async def as_officer(client: Client, province: Province) -> None:
    await log_in(client, await province.person("ict-officer", province.root.org))


async def row_of(client: Client, where: str, code: str, **asked: object) -> dict:
    """The cells of an area by operator."""
    matrix = (await client.get(where, params=asked)).json()
    names = {item["id"]: item["code"] for item in matrix["operators"]}
    item = next(item for item in matrix["items"] if item["code"] == code)
    return {names[cell["operator"]]: cell for cell in item["cells"]}


@pytest.mark.usefixtures("predicted")
@pytest.mark.parametrize(
    ("where", "code", "share"), [(ZONES, "KCN-TP", 91.3), (COMMUNES, "21172", 85.0)]
)
async def test_covered_takes_the_best_band_and_the_asked_share(
    client: Client, province: Province, where: str, code: str, share: float
) -> None:
    await as_officer(client, province)

    cells = await row_of(client, where, code, **COVERED)
    strict = await row_of(client, where, code, **{**COVERED, "share_percent": 95})
    weak = await row_of(client, where, code, **{**COVERED, "level_dbm": -110})

    own, other = cells["MP-LEAK-A"], cells["MP-LEAK-B"]
    assert (own["share_5g"], own["present_5g"]) == (share, True)
    assert other["present_5g"] is False
    assert (own["share_4g"], own["present_4g"]) == (None, None)  # nobody predicted it
    assert strict["MP-LEAK-A"]["present_5g"] is False
    assert weak["MP-LEAK-B"]["share_5g"] == 100.0
    matrix = (await client.get(where, params=COVERED)).json()
    assert (matrix["coverage"]["run"], matrix["coverage"]["layers"]) == (RUN, 3)
    assert matrix["with_5g"] == 1


@pytest.mark.usefixtures("predicted")
async def test_an_operator_learns_nothing_of_another_by_coverage(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("operator-planner", province.a.org))

    matrix = (await client.get(ZONES, params=COVERED)).json()

    assert [item["code"] for item in matrix["operators"]] == ["MP-LEAK-A"]
    assert [item["code"] for item in matrix["items"]] == ["KCN-TP"]
    assert "LEAK-B" not in (await client.get(f"{ZONES}.csv", params=COVERED)).text


async def test_before_the_first_prediction_nothing_is_known(
    client: Client, province: Province
) -> None:
    await as_officer(client, province)

    matrix = (await client.get(ZONES, params=COVERED)).json()

    assert matrix["coverage"]["run"] == ""
    assert {cell["present_5g"] for item in matrix["items"] for cell in item["cells"]} == {None}
    assert matrix["with_5g"] == 0


async def test_the_authority_of_a_zone_reads_no_false_zero(
    client: Client, province: Province, services: Services
) -> None:
    park = next(z for z in await services.registry.zones.list(province.root) if z.lon)
    operators = await services.inventory.operators.list(province.root, simulated=True)
    own = next(item.id for item in operators if item.code == "MP-LEAK-A")
    station = (await services.inventory.stations.page(province.root)).items[0]
    there = StationImage(
        operator=own, technology="5G", code="IN", lon=park.lon, lat=park.lat,
        life=((await services.inventory.stations.one(province.root, station.id)).life[0],),
    )  # fmt: skip
    await services.inventory.keeping.put(province.root, [there])
    facts = ZoneFacts(authority=province.b.child)
    await services.inventory.areas.change_facts(province.root, park.id, facts)
    await log_in(client, await province.person("zone-authority", province.b.child))

    matrix = (await client.get(ZONES)).json()
    near = (await client.get(ZONES, params={"rule": "within"})).json()
    communes = (await client.get(COMMUNES)).json()

    assert [item["code"] for item in matrix["items"]] == [park.code]
    assert [cell["stations_5g"] for cell in matrix["items"][0]["cells"]] == [1]
    assert matrix["limited"]
    assert near["items"] == communes["items"] == []  # what stands outside it does not see
    await as_officer(client, province)
    whole = (await client.get(ZONES)).json()
    assert not whole["limited"]
    assert len(whole["items"]) == 28
    unplaced = [item for item in whole["items"] if not item["shape"]]
    assert {cell["stations_5g"] for item in unplaced for cell in item["cells"]} == {None}


async def test_every_line_of_the_table_names_rule_day_and_mark(
    client: Client, province: Province
) -> None:
    await as_officer(client, province)
    asked = {"rule": "within", "distance_m": 2_000, "as_of": "2025-06-30"}

    table = (await client.get(f"{ZONES}.csv", params=asked)).text
    lines = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))

    assert {(line["rule"], line["as_of"]) for line in lines} == {("within 2000 m", "2025-06-30")}
    assert {line["simulated"] for line in lines if "LEAK" in line["operator"]} == {"True"}


@pytest.mark.parametrize(("day", "there"), [("2025-02-28", 0), ("2025-03-01", 2)])
async def test_every_figure_of_a_day_has_what_was_on_air_then(
    client: Client, province: Province, day: str, there: int
) -> None:
    """Two stations are on air since 1 March 2025: list, map, file and matrix say the same."""
    await as_officer(client, province)
    asked = {"as_of": day, "state": "on-air"}

    listed = (await client.get(f"{API}/stations", params=asked)).json()
    drawn = (await client.get(f"{API}/map/stations", params=asked)).json()
    file = await client.get(f"{API}/stations/export/csv", params=asked)
    matrix = (await client.get(COMMUNES, params={"as_of": day})).json()

    assert (listed["total"], len(drawn["features"])) == (there, there)
    assert file.text.count("LEAK-A-T1") + file.text.count("LEAK-B-T1") == there
    assert f"stations-{day}.csv" in file.headers["Content-Disposition"]
    counted = [cell["stations_5g"] for item in matrix["items"] for cell in item["cells"]]
    assert sum(counted) == there


def test_a_rule_that_is_none_is_refused_with_every_field() -> None:
    with refused("request.invalid") as caught:
        presence_rule("near", 0, 101, -104)

    fields = [fault.field for fault in caught.value.faults]
    assert fields == ["rule", "distance_m", "share_percent", "level_dbm"]
