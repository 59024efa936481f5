"""The pages as answers: log-in, headers, languages, faults, and a store that is away."""

import json
import re

import pytest

from tests.api.province import PASSWORD, Client, Province, log_in
from tests.provinces import QUANG_NGAI
from tests.web.conftest import OPS_KEY
from tram.web.assets import load_assets
from tram.web.base_map import base_map_files
from tram.web.security import CONTENT_SECURITY_POLICY

FORM = {
    "name": "Trạm mới",
    "profile": "1",
    "sector": "environment",
    "zone": "",
    "code": "M-1",
    "lon": "108,79",
    "lat": "15,36",
}


async def test_a_guest_is_led_to_the_door_and_on_to_the_wanted_page(
    guest: Client, province: Province
) -> None:
    asked = await guest.get("/devices?sector=energy")
    login = await province.person("enterprise", province.a.org)
    form = {"login": login, "password": PASSWORD, "next": "/devices?sector=energy"}

    entered = await guest.post("/login", data=form)

    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Fdevices%3Fsector%3Denergy"
    assert entered.status_code == 303
    assert entered.headers["location"] == "/devices?sector=energy"
    assert "HttpOnly" in entered.headers["set-cookie"]


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere", "javascript:1"]
)
async def test_the_door_leads_nowhere_outside(
    guest: Client, province: Province, target: str
) -> None:
    login = await province.person("enterprise", province.a.org)

    entered = await guest.post(
        "/login", data={"login": login, "password": PASSWORD, "next": target}
    )

    assert entered.headers["location"] == "/"


async def test_a_wrong_password_is_said_in_the_reader_s_language(guest: Client) -> None:
    form = {"login": "ai đó", "password": "sai mật khẩu"}

    vietnamese = await guest.post("/login", data=form)
    guest.cookies["tram_language"] = "en"
    english = await guest.post("/login", data=form)

    assert vietnamese.status_code == english.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in vietnamese.text
    assert "User name or password is wrong." in english.text
    assert 'value="ai đó"' in vietnamese.text


async def test_every_answer_carries_the_policy(person: Client) -> None:
    own = load_assets(base_map_files(QUANG_NGAI)).own("js/app.js")

    for path in ("/", "/login", "/devices", "/health", "/nowhere", own, "/api/platform/v1/me"):
        headers = (await person.get(path)).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY, path
        assert headers["x-content-type-options"] == "nosniff", path
    assert "unsafe" not in CONTENT_SECURITY_POLICY


async def test_pages_are_kept_by_nobody_and_files_forever(person: Client) -> None:
    page = await person.get("/devices")
    file = await person.get(
        load_assets(base_map_files(QUANG_NGAI)).vendor("maplibre-gl", "maplibre-gl.mjs"),
        headers={"accept-encoding": "gzip"},
    )

    assert page.headers["cache-control"] == "no-store"
    assert "immutable" in file.headers["cache-control"]
    assert file.headers["content-encoding"] == "gzip"
    assert file.headers["content-type"].startswith("text/javascript")
    assert len(file.content) > 1_000_000


@pytest.mark.parametrize("path", ["x/../app.py", "vendor/../../app.py", "x//etc/passwd", "x/"])
async def test_nothing_but_static_files_comes_from_there(guest: Client, path: str) -> None:
    assert (await guest.get(f"/static/{path}")).status_code == 404


async def test_a_body_over_a_mebibyte_is_not_read(person: Client) -> None:
    form = {"csrf": person.headers["X-CSRF-Token"], "name": "x" * 1_048_576}

    page = await person.post("/devices/new", data=form)
    api = await person.post("/api/platform/v1/devices", json=form)

    assert page.status_code == api.status_code == 413
    assert api.json()["code"] == "request.too_large"


async def test_health_is_open_and_metrics_need_the_key(guest: Client) -> None:
    with_key = {"authorization": f"Bearer {OPS_KEY}"}

    assert (await guest.get("/health")).text == "ok\n"
    assert (await guest.get("/metrics")).status_code == 401
    assert "python_info" in (await guest.get("/metrics", headers=with_key)).text


async def test_an_address_that_is_not_there_is_a_page_to_people_and_a_problem_to_programs(
    person: Client,
) -> None:
    page = await person.get("/khong-co")
    problem = await person.get("/api/platform/v1/khong-co")

    assert page.status_code == problem.status_code == 404
    assert "Không có gì ở địa chỉ này." in page.text
    assert problem.json()["code"] == "page.unknown"


async def test_pages_stand_while_the_store_is_away(person: Client, province: Province) -> None:
    device = province.a.devices[0].id
    paths = ["/", "/devices", "/map", "/map?view=table"]
    paths += [
        f"/devices/{device}{tab}" for tab in ("", "/chart", "/messages", "/downlinks", "/access")
    ]

    for path in paths:
        answer = await person.get(path)
        assert answer.status_code == 200, path
        if path != "/map":
            assert "kho dữ liệu không trả lời" in answer.text.lower(), path


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("vi", ["Môi trường", "Nông nghiệp", "Giao thông", "Năng lượng", "An toàn lao động"]),
        ("en", ["Environment", "Agriculture", "Traffic", "Energy", "Labour safety"]),
    ],
)
async def test_sectors_are_named_alike_by_the_page_and_its_scripts(
    person: Client, language: str, names: list[str]
) -> None:
    csrf = person.headers["X-CSRF-Token"]
    await person.post("/language", data={"language": language, "csrf": csrf})

    page = (await person.get("/map")).text
    told = json.loads(re.search(r'id="texts">(.*?)</script>', page).group(1))["sectors"]
    boxes = re.findall(r'name="sector" value="(\w+)"\s+checked><span>([^<]*)<', page)

    assert [name for _, name in boxes] == names
    assert told == dict(boxes)


async def test_a_device_of_others_is_not_there(person: Client, province: Province) -> None:
    theirs = province.b.devices[0].id

    for tab in ("", "/chart", "/messages", "/downlinks", "/access"):
        answer = await person.get(f"/devices/{theirs}{tab}")
        assert answer.status_code == 404
        assert province.b.mark not in answer.text


async def test_a_language_is_chosen_once_for_the_person(person: Client) -> None:
    csrf = person.headers["X-CSRF-Token"]

    chosen = await person.post(
        "/language", data={"language": "en", "next": "/devices", "csrf": csrf}
    )
    page = await person.get("/devices")

    assert chosen.headers["location"] == "/devices"
    assert '<html lang="en"' in page.text
    assert "Add a device" in page.text


async def test_a_change_without_proof_is_refused_with_a_page(person: Client) -> None:
    del person.headers["X-CSRF-Token"]

    answer = await person.post("/language", data={"language": "en"})

    assert answer.status_code == 403
    assert "Trang mở quá lâu" in answer.text


async def test_a_new_device_gets_its_token_and_lines_with_the_real_addresses(
    person: Client, province: Province
) -> None:
    made = await person.post("/devices/new", data={**FORM, "org": str(province.a.org)})
    token = re.search(r'id="token">(tr_\w{32})<', made.text)

    assert made.status_code == 201
    assert token
    assert f"mosquitto_pub -h iot.example -p 18830 -q 1 -u {token[1]}" in made.text
    assert f"http://iot.example:18081/api/v1/{token[1]}/telemetry" in made.text
    listed = await person.get("/devices?search=tram+moi")
    assert "Trạm mới" in listed.text
    assert token[1] not in listed.text


async def test_wrong_fields_come_back_with_what_was_typed(
    person: Client, province: Province
) -> None:
    wrong = {**FORM, "org": str(province.a.org), "name": "", "lat": "95"}

    answer = await person.post("/devices/new", data=wrong)

    assert answer.status_code == 422
    assert 'id="name-fault"' in answer.text
    assert 'id="lat-fault"' in answer.text
    assert "Phải nằm trong khoảng -90 đến 90 độ." in answer.text
    assert 'value="M-1"' in answer.text


async def test_a_code_that_is_taken_is_said_at_its_field(
    person: Client, province: Province
) -> None:
    taken = {**FORM, "org": str(province.a.org), "code": province.a.devices[0].code}

    answer = await person.post("/devices/new", data=taken)

    assert answer.status_code == 422
    assert 'id="code-fault"' in answer.text


async def test_a_role_that_only_reads_is_offered_nothing_to_change(
    guest: Client, province: Province
) -> None:
    await log_in(guest, await province.person("auditor", province.a.org))
    device = province.a.devices[0].id

    listed = await guest.get("/devices")
    access = await guest.get(f"/devices/{device}/access")

    assert "/devices/new" not in listed.text
    assert "/tokens" not in access.text
    assert (await guest.get("/devices/new")).status_code == 403


async def test_a_search_that_finds_nothing_shows_the_way_back(person: Client) -> None:
    answer = await person.get("/devices?search=khongcogi")

    assert "Không có thiết bị phù hợp" in answer.text
    assert 'href="/devices"' in answer.text


async def test_text_of_people_is_never_markup(person: Client, province: Province) -> None:
    name = "<script>alert(1)</script>"

    made = await person.post(
        "/devices/new", data={**FORM, "name": name, "org": str(province.a.org)}
    )

    assert name not in made.text
    assert "&lt;script&gt;" in made.text
