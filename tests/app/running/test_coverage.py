"""A prediction asked for by the API is made by the role ``work``, with the imported antennas."""

from pathlib import Path

from tests.product import Product, wait_until

STATIONS = """operator,technology,code,name,lon,lat,state,band,sector,azimuth_deg,antenna
viettel,5G,CV001,Trạm đo được (mô phỏng),108.80,15.12,on-air,n78,1,0,Round  all ROUND
vnpt,5G,CV002,Trạm giả định (mô phỏng),108.80,15.12,on-air,n78,1,0,chưa biết
"""
MINUTE_S = 120  # the kernels may be compiled first


def test_coverage_asked_by_the_api_is_made_by_work_with_the_named_antenna(
    product: Product, tmp_path: Path
) -> None:
    listed, pattern = tmp_path / "stations.csv", tmp_path / "round.msi"
    listed.write_text(STATIONS, encoding="utf-8")
    zeros = [f"{angle} 0" for angle in range(360)]
    lines = ["NAME Round all round", "HORIZONTAL 360", *zeros, "VERTICAL 360", *zeros]
    pattern.write_text("\n".join(lines))
    product.tram("terrain", "demo", "--area", "108.74,15.07,108.86,15.17", "--cell-m", "90")
    assert "Round all round" in product.tram("import", "antennas", str(pattern))
    product.tram("import", "stations", str(listed), "--synthetic")

    said = product.tram("coverage", "--operator", "VIETEL", code=2)
    assert "VIETTEL n78" in said, "a mistyped code is answered by those that there are"
    assert "between 1 and 30 km" in product.tram("coverage", "--radius-km", "31", code=2)

    with product.log_in() as person:
        answer = person.post("/coverage/runs", json={"radius_km": 3})
        assert answer.status_code == 202, answer.text
        job = answer.json()
        assert (job["kind"], job["state"]) == ("coverage", "waiting")

        def found() -> list[dict[str, object]]:
            layers: list[dict[str, object]] = person.get("/coverage").json()["layers"]
            return layers

        wait_until(found, "work has made the run", MINUTE_S)
        layers = {str(layer["operator"]): layer for layer in found()}
        to_the_south = {"a": "15.12,108.80", "b": "15.105,108.80"}
        servers = person.get("/coverage/path", params=to_the_south).json()["servers"]

    assert {"VIETTEL", "VNPT"} <= set(layers)
    measured, assumed = (layers[name]["likely"][0] for name in ("VIETTEL", "VNPT"))  # type: ignore[index]
    assert measured > assumed, "the named antenna looks behind itself, the assumed one does not"
    level = {server["operator"]: server["rsrp_dbm"] for server in servers}
    assert level["VIETTEL"] > level["VNPT"] + 15
    assert "job failed" not in product.log("work")
