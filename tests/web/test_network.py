"""The network's pages over a real registry: empty, with stations, an import step by step."""

import asyncio
import re

import pytest
from msgspec.structs import replace

from tests.api.network.test_presence import predicted  # noqa: F401  # a run of coverage
from tests.api.province import Client, Province, log_in, open_client
from tests.provinces import QUANG_NGAI
from tests.rollout.exchange.lists import HEADERS, csv_of, good_row
from tests.rollout.exchange.test_limits import ENDLESS, geopackage
from tram.api.http.services import Services
from tram.jobs.pruning import JobLocks
from tram.jobs.runner import JobRunner
from tram.rollout.coverage.prediction import COVERAGE, CoverageOrder
from tram.rollout.inventory.imports.work import ImportWork
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.clock import ManualClock


class Doer:
    """Does the jobs of imports as the role work does."""

    def __init__(self, services: Services) -> None:
        work = ImportWork(services.registry.database, services.clock, services.imports, QUANG_NGAI)
        self.runner = JobRunner(
            services.registry.jobs,
            services.clock,
            work.handlers(),
            JobLocks(services.imports.file("locks")),
        )


@pytest.fixture
async def officer(guest: Client, province: Province) -> Client:
    """An officer of the department that keeps the province's data."""
    tree = await province.registry.organisations.tree(province.root)
    department = next(org.id for org in tree if org.code == "SKHCN")
    await log_in(guest, await province.person("ict-officer", department))
    guest.follow_redirects = True
    return guest


async def test_officer_sees_all_stations_and_an_operator_its_own(
    officer: Client, province: Province
) -> None:
    everything = (await officer.get("/network")).text
    assert "LEAK-A Trạm phát" in everything
    assert "LEAK-B Trạm phát" in everything

    await log_in(officer, await province.person("operator-planner", province.a.org))
    own = (await officer.get("/network")).text

    assert "LEAK-A Trạm phát" in own
    assert "LEAK-B" not in own


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "path", ["/network", "/network/zones", "/network/communes", "/network/import"]
)
async def test_every_page_opens_in_both_languages(
    officer: Client, path: str, language: str
) -> None:
    await officer.post(
        "/language", data={"language": language, "csrf": officer.headers["X-CSRF-Token"]}
    )

    answer = await officer.get(path)

    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.text


async def test_a_prediction_is_cancelled_from_its_page(
    officer: Client, app, province: Province
) -> None:
    jobs = app.state.services.registry.jobs
    number = (await COVERAGE.ask(jobs, province.root, CoverageOrder(band="n78"))).id
    await log_in(officer, await province.person("system-admin", province.root.org))
    address = f"/coverage/order/{number}/cancel"
    assert f'action="{address}"' in (await officer.get("/coverage/order")).text

    await officer.post(address, data={"csrf": officer.headers["X-CSRF-Token"]})

    assert "Đang hủy lần dự báo." in (await officer.get("/coverage/order")).text
    for job in await jobs.withdrawn([COVERAGE.name]):
        await jobs.cancelled(job.id)
    assert "Lần dự báo gần nhất đã bị hủy." in (await officer.get("/coverage/order")).text


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg"])
async def test_list_is_given_as_a_file(officer: Client, form: str) -> None:
    answer = await officer.get(
        f"/api/platform/v1/stations/export/{form}", params={"technology": "5G"}
    )

    assert answer.status_code == 200
    assert f"stations.{form}" in answer.headers["content-disposition"]
    assert len(answer.content) > 200


async def test_import_goes_step_by_step(officer: Client, app, province: Province) -> None:
    services = app.state.services
    doer = Doer(services)
    csrf = {"csrf": officer.headers["X-CSRF-Token"]}
    rows = [list(good_row(number)) for number in range(12)]
    rows[2][6] = "sai"

    page = await officer.post(
        "/network/import", files={"file": ("tram.csv", csv_of(rows))}, data=csrf
    )
    address = page.url.path
    assert 'name="column-lon"' in page.text
    item = await services.imports.one(province.root, int(address.rpartition("/")[2]))
    form = {f"column-{key}": header for key, header in item.plan.columns.items()}
    lacking = await officer.post(f"{address}/plan", data={**form, **csrf})
    assert lacking.status_code == 422
    page = await officer.post(f"{address}/plan", data={**form, **csrf, "system": "wgs84"})
    assert "hx-get" in page.text
    assert f'action="{address}/cancel"' in page.text
    await officer.post(f"{address}/cancel", data=csrf)
    await doer.runner.drain()
    page = await officer.get(address)
    assert "hx-get" not in page.text
    assert 'name="column-lon"' in page.text
    await officer.post(f"{address}/plan", data={**form, **csrf, "system": "wgs84"})
    await doer.runner.drain()
    page = await officer.get(address)
    assert "Không phải là số." in page.text
    failed = await officer.get(f"{address}/failed?form=csv")
    assert failed.text.count("\r\n") == 2

    await officer.post(f"{address}/plan", data={"part": "fixes", "fix-4-6": "108.51", **csrf})
    await doer.runner.drain()
    page = await officer.post(f"{address}/write", data=csrf)
    await doer.runner.drain()
    assert "QNI00002" in (await officer.get("/network?search=qni00002")).text
    await officer.post(f"{address}/undo", data=csrf)
    await doer.runner.drain()
    assert "QNI00002" not in (await officer.get("/network?search=qni00002")).text.replace(
        'value="qni00002"', ""
    )


async def test_the_form_of_an_import_shows_the_operator_that_its_plan_has(
    officer: Client, province: Province
) -> None:
    await log_in(officer, await province.person("operator-planner", province.a.org))
    data = {"csrf": officer.headers["X-CSRF-Token"]}
    files = {"file": ("tram.csv", csv_of([good_row(1)]))}

    page = (await officer.post("/network/import", files=files, data=data)).text

    assert re.search(r'<option value="\d+"\s+selected>LEAK-A', page)


async def test_file_that_cannot_be_read_says_why(officer: Client) -> None:
    data = {"csrf": officer.headers["X-CSRF-Token"]}

    answer = await officer.post("/network/import", files={"file": ("x.csv", b"  ")}, data=data)

    assert answer.status_code == 422
    assert "Tệp trống." in answer.text


async def test_endless_files_of_one_leave_log_in_and_import_to_others(
    officer: Client, app, province: Province
) -> None:
    data = {"csrf": officer.headers["X-CSRF-Token"]}
    endless = {"file": ("x.gpkg", geopackage("v", rows=ENDLESS))}
    sent = [
        asyncio.ensure_future(officer.post("/network/import", files=endless, data=data))
        for _ in range(8)
    ]

    async with open_client(app) as other:
        await log_in(other, await province.person("operator-planner", province.a.org))
        proof = {"csrf": other.headers["X-CSRF-Token"]}
        files = {"file": ("tram.csv", csv_of([good_row(1)]))}
        read = await other.post("/network/import", files=files, data=proof)

    answers = await asyncio.gather(*sent)
    assert (read.status_code, "QNI00001" in read.text) == (200, True)
    assert {answer.status_code for answer in answers} <= {422, 503}
    refused = [answer.text for answer in answers if answer.status_code == 422]
    assert refused
    assert all("chỉ đọc được bảng thường" in text for text in refused)
    assert all("retry-after" in a.headers for a in answers if a.status_code == 503)


async def test_the_button_of_a_round_says_how_many_it_reminded(
    officer: Client, province: Province
) -> None:
    asked = {"name": "Rà soát", "as_of": "1/11/2025", "due_on": "9/11/2025"}
    proof = {"csrf": officer.headers["X-CSRF-Token"]}
    zone = {f"zone-{province.zone}": "yes"}
    page = await officer.post("/network/surveys", data={**asked, **zone, **proof})
    where = f"{page.url}/decisions"

    first = (await officer.post(where, data={"step": "remind", **proof})).text
    again = (await officer.post(where, data={"step": "remind", **proof})).text

    assert "Đã nhắc 1 nơi." in first
    assert "đã nhắc: <span" in first  # and that nobody there has an address
    assert "Hôm nay không còn nơi nào để nhắc" in again


@pytest.mark.usefixtures("predicted")
async def test_matrix_and_zone_show_presence_by_coverage_and_what_it_rests_on(
    officer: Client, province: Province
) -> None:
    asked = {"rule": "covered", "share_percent": "95"}

    matrix = (await officer.get("/network/zones", params=asked)).text
    communes = (await officer.get("/network/communes", params={"rule": "covered"})).text
    park = next(z for z in await province.registry.zones.list(province.root) if z.code == "KCN-TP")
    zone = (await officer.get(f"/network/zones/{park.id}")).text

    assert "5G 91,3\xa0%" in matrix
    assert "ít nhất 95 % diện tích có tín hiệu dự báo" in matrix
    assert "chưa dự báo" in matrix  # 4G, of which the run has no layer
    assert "5G 85,0\xa0%" in communes
    for page in (matrix, communes, zone):
        assert "bằng a model trên a terrain" in page
    assert zone.count("91,3\xa0%") == 1
    assert "80 % ≥ -105 dBm" in zone


async def test_an_encoding_that_nothing_tells_is_asked_for(officer: Client) -> None:
    """German letters: no Vietnamese encoding explains them, so a person has to say which it is."""
    row = good_row(1)
    row[3], row[4], row[8] = "Straße Ürün Ångström", "on air", ""
    ascii_only = [header.encode("ascii", "ignore").decode().strip() for header in HEADERS]
    data = csv_of([row], ascii_only).decode().encode("cp1252")
    proof = {"csrf": officer.headers["X-CSRF-Token"]}

    page = await officer.post("/network/import", files={"file": ("x.csv", data)}, data=proof)
    assert "Tệp không cho biết chắc bảng mã" in page.text
    where = str(page.url)
    form = {**proof, "system": "wgs84", **mapped(ascii_only)}
    refused = await officer.post(f"{where}/plan", data={**form, "encoding": ""})
    assert (refused.status_code, "Hãy chọn bảng mã" in refused.text) == (422, True)
    wrong = await officer.post(f"{where}/plan", data={**form, "encoding": "utf-8"})
    assert (wrong.status_code, "không theo bảng mã utf-8" in wrong.text) == (422, True)

    read = await officer.post(f"{where}/plan", data={**form, "encoding": "latin-1"})

    assert "Straße Ürün" in read.text
    tried = await officer.post(f"{where}/plan", data={**form, "encoding": "latin-1"})
    assert "Đang kiểm tra" in tried.text


def mapped(headers: list[str]) -> dict[str, str]:
    """What the form of a list's columns sends."""
    keys = ["code", "operator", "technology", "name", "state", "on_air_on", "lon", "lat"]
    return {f"column-{key}": header for key, header in zip(keys, headers, strict=False)}


async def test_a_station_says_what_each_change_did(
    officer: Client, province: Province, clock: ManualClock
) -> None:
    inventory = Inventory(province.registry.database, clock, QUANG_NGAI)
    (station, *_) = await inventory.stations.with_sectors(province.root)
    changes = await inventory.stations.history(province.root, station.id)
    assert changes[0].after
    later = replace(changes[0].after, band="n28", indoor=True, mast_height_m=42.5)
    await inventory.keeping.put(province.root, [later])

    page = (await officer.get(f"/network/stations/{station.id}")).text

    assert "Băng tần: – → n28; Trong nhà: – → ✓; Chiều cao cột (m): – → 42,5" in page


async def test_officer_keeps_needs_area_state_and_authority_of_a_zone(
    officer: Client, province: Province
) -> None:
    tree = await province.registry.organisations.tree(province.root)
    board = next(org for org in tree if org.code == "BQL")
    where, proof = f"/network/zones/{province.zone}", {"csrf": officer.headers["X-CSRF-Token"]}
    typed = {"authority": str(board.id), "needs": "5G cho kho lạnh", "state": "đang hoạt động"}
    area = {"area_ha": "118,5", "area_source": "Quyết định số 1"}
    page = (await officer.get(where)).text
    assert 'name="needs"' in page

    page = (await officer.post(where, data={**typed, **area, **proof})).text

    for said in ("5G cho kho lạnh", "đang hoạt động", board.name, "Quyết định số 1"):
        assert f"{said}" in page
    assert "Nhu cầu: 5G cho kho lạnh" in (await officer.get("/network/zones")).text
    wrong = await officer.post(where, data={"area_ha": "lớn", **proof})
    assert (wrong.status_code, "Hãy ghi một số." in wrong.text) == (422, True)
    await log_in(officer, await province.person("zone-authority", board.id))
    page = (await officer.get(where)).text
    assert "5G cho kho lạnh" in page
    assert 'name="needs"' not in page


async def test_overview_counts_zones_without_5g_and_opens_their_list(
    officer: Client, province: Province
) -> None:
    page = (await officer.get("/")).text

    link = re.search(
        r'href="/network/zones\?without_5g=(\d+)"><bdi>[^<]+</bdi>: (\d+) trên (\d+)<', page
    )
    assert link is not None
    listed = (await officer.get(f"/network/zones?without_5g={link[1]}")).text
    assert f"{link[2]} khu không có trạm 5G" in listed
    assert listed.count('<th scope="row">') == int(link[2])
    await log_in(officer, await province.person("operator-planner", province.a.org))
    own = (await officer.get("/")).text
    assert own.count("without_5g=") == 1
    assert "LEAK-B" not in own
    tree = await province.registry.organisations.tree(province.root)
    board = next(org.id for org in tree if org.code == "BQL")
    await log_in(officer, await province.person("zone-authority", board))
    assert "without_5g=" not in (await officer.get("/")).text  # it sees its own zones only
