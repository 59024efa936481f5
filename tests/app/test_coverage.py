"""A prediction asked for by the API, made by the role ``work``, and devices that measure against it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.product import Product, wait_until

STATIONS = """operator,technology,code,name,lon,lat,state,band,sector,azimuth_deg,antenna
viettel,5G,CV001,Trạm đo được (mô phỏng),108.80,15.12,on-air,n78,1,0,Round  all ROUND
vnpt,5G,CV002,Trạm giả định (mô phỏng),108.80,15.12,on-air,n78,1,0,chưa biết
"""
MINUTE_S = 120  # the kernels may be compiled first


@pytest.fixture(scope="module")
def predicted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running product with terrain and stations, whose role ``work`` has made a prediction."""
    folder = tmp_path_factory.mktemp("predicted")
    with Product(folder / "data") as product:
        prepare(product, folder)
        with product.log_in() as person:
            answer = person.post("/coverage/runs", json={"radius_km": 3})
            assert answer.status_code == 202, answer.text
            job = answer.json()
            assert (job["kind"], job["state"]) == ("coverage", "waiting")
            wait_until(lambda: layers_of(person), "work has made the run", MINUTE_S)
        yield product


def prepare(product: Product, folder: Path) -> None:
    listed, pattern = folder / "stations.csv", folder / "round.msi"
    listed.write_text(STATIONS, encoding="utf-8")
    zeros = [f"{angle} 0" for angle in range(360)]
    lines = ["NAME Round all round", "HORIZONTAL 360", *zeros, "VERTICAL 360", *zeros]
    pattern.write_text("\n".join(lines))
    product.tram("terrain", "demo", "--area", "108.74,15.07,108.86,15.17", "--cell-m", "90")
    assert "Round all round" in product.tram("import", "antennas", str(pattern))
    product.tram("import", "stations", str(listed), "--synthetic")


def layers_of(person: httpx.Client) -> dict[str, dict[str, object]]:
    layers = person.get("/coverage").json()["layers"]
    return {str(layer["operator"]): layer for layer in layers}


def test_coverage_asked_by_the_api_is_made_by_work_with_the_named_antenna(
    predicted: Product,
) -> None:
    with predicted.log_in() as person:
        layers = layers_of(person)
        to_the_south = {"a": "15.12,108.80", "b": "15.105,108.80"}
        servers = person.get("/coverage/path", params=to_the_south).json()["servers"]

    assert {"VIETTEL", "VNPT"} <= set(layers)
    measured, assumed = (layers[name]["likely"][0] for name in ("VIETTEL", "VNPT"))  # type: ignore[index]
    assert measured > assumed, "the named antenna looks behind itself, the assumed one does not"
    by_operator = {server["operator"]: server for server in servers}
    level = {name: server["rsrp_dbm"] for name, server in by_operator.items()}
    assert level["VIETTEL"] > level["VNPT"] + 15
    assert "antenna" in by_operator["VNPT"]["assumed"]
    assert "antenna" not in by_operator["VIETTEL"]["assumed"]
    assert layers["VNPT"]["assumed"]["eirp"] == 1  # type: ignore[index]
    assert "job failed" not in predicted.log("work")


def add_device(person: httpx.Client, number: int, lon: float, lat: float) -> tuple[int, str]:
    form = {
        "name": f"Thiết bị đo {number} (mô phỏng)",
        "org": person.get("/organisations").json()["items"][0]["id"],
        "sector": "environment",
        "profile": person.get("/profiles").json()["items"][0]["id"],
        "lon": lon,
        "lat": lat,
    }
    made = person.post("/devices", json=form)
    assert made.status_code == 201, made.text
    return made.json()["device"]["id"], made.json()["token"]


def signal_at(person: httpx.Client, place: str) -> float:
    """SS-RSRP of VIETTEL as the path's page has it."""
    servers = person.get("/coverage/path", params={"a": "15.12,108.80", "b": place}).json()
    return next(s["rsrp_dbm"] for s in servers["servers"] if s["operator"] == "VIETTEL")


def test_devices_that_measure_stand_against_the_prediction(predicted: Product) -> None:
    word = {"operator": "viettel", "band": "n78", "indoor": False, "position_accuracy_m": 8}
    odd = [
        {"indoor": True},
        {"position_accuracy_m": 900},
        {"technology": "LTE"},
        {"band": "n41"},
        {"operator": "mobifone"},
    ]
    with predicted.log_in() as person:
        expected = {}
        for number in range(31 + len(odd)):
            lon, lat = 108.796 + 0.0015 * (number % 6), 15.128 + 0.0015 * (number // 6)
            device, token = add_device(person, number, lon, lat)
            level = signal_at(person, f"{lat},{lon}")
            more = odd[number - 31] if number >= 31 else {}
            said = -125.0 if number == 30 else level - 6 + (number % 5 - 2)
            values = {**word, "technology": "5G", "rsrp_dbm": said, **more}
            url = f"{predicted.http_url}/api/v1/{token}/telemetry"
            assert httpx.post(url, json=values).status_code == 200
            expected[device] = said

        def found() -> dict[str, object]:
            answer: dict[str, object] = person.get("/coverage/drive-test").json()
            return answer if answer["points"] == 31 else {}

        wait_until(found, "all that can be compared is compared", 30)
        told = found()
    groups = told["groups"]
    assert {(g["operator"], g["band"]) for g in groups} == {("VIETTEL", "n78")}  # type: ignore[union-attr, attr-defined]
    assert told["left_out"] == {
        "indoor": 1,
        "position_unknown": 1,
        "technology_differs": 1,
        "not_predicted": 2,
    }
    (surprise,) = told["surprises"]  # type: ignore[misc]
    assert surprise["measured_dbm"] == -125
    for group in groups:  # type: ignore[attr-defined]
        assert group["bias_db"] == pytest.approx(-6, abs=3)
        enough = group["points"] >= 30
        assert (group["correction_db"] is not None) == enough
        assert (group["confidence_db"] is not None) == enough
