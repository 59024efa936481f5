"""The pages about one's data, in both languages, and the list for who answers requests."""

import re

import pytest

from tests.api.province import Client, Province, log_in
from tram.registry.kernel.personal_data import places
from tram.registry.privacy.privacy import WORDINGS
from tram.web.words.privacy import COLUMNS, CONSENTS, PLACES, TABLES


def proof(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_every_declared_word_has_its_translation() -> None:
    declared = {
        word for _, place in places() for word in (place.purpose, place.ground, place.kept)
    }

    assert declared == set(PLACES)
    assert {table.name for table, _ in places()} == set(TABLES)
    assert {name for _, place in places() for name in place.data} == set(COLUMNS)
    assert set(WORDINGS.items()) <= set(CONSENTS)


@pytest.mark.parametrize(
    ("language", "title", "mark", "place"),
    [
        ("vi", "Dữ liệu của tôi", "chưa kiểm chứng", "nơi tôi đang đăng nhập"),
        ("en", "My data", "unverified", "where I am logged in"),
    ],
)
async def test_my_data_says_what_is_kept_and_takes_requests(
    person: Client, language: str, title: str, mark: str, place: str
) -> None:
    await person.put("/api/platform/v1/me/preferences", json={"locale": language})
    empty = await person.get("/account/data")
    asked = {"csrf": proof(empty.text), "kind": "access", "note": "Tất cả"}

    nothing = await person.post("/account/data/requests", data={**asked, "kind": ""})
    sent = await person.post("/account/data/requests", data=asked)
    page = await person.get("/account/data")

    taken = (await person.get("/api/platform/v1/me/data")).json()
    assert {one["table"] for one in taken["places"]} >= {"sessions", "mails", "notices"}
    assert title in empty.text
    assert place in empty.text
    assert mark not in empty.text
    assert (nothing.status_code, sent.status_code) == (422, 303)
    assert "Tất cả" in nothing.text
    assert "Tất cả" in page.text
    assert mark in page.text


async def test_a_mail_address_for_alarms_is_a_consent_that_can_be_taken_back(
    person: Client,
) -> None:
    api = "/api/platform/v1"
    contact = {"email": "a@b.example", "least_severity": "warning"}
    kept = (await person.put(f"{api}/alarms/contact", json=contact)).json()
    given = (await person.get(f"{api}/me/consents")).json()["items"]
    page = await person.get("/account/data")

    taken = await person.post(
        "/account/consents/alarm-mail/withdraw", data={"csrf": proof(page.text)}
    )

    assert kept["email"] == "a@b.example"
    assert [row["purpose"] for row in given] == ["alarm-mail"]
    assert taken.status_code == 303
    after = (await person.get(f"{api}/me/consents")).json()["items"]
    assert after[0]["withdrawn_ms"] is not None
    setup = (await person.get(f"{api}/alarms/setup")).json()
    assert setup["contact"]["email"] == ""


async def test_who_looks_after_people_enters_and_answers_requests(
    guest: Client, province: Province
) -> None:
    await log_in(guest, await province.person("system-admin", province.a.org))
    number = province.a.things["person"]
    empty = await guest.get("/people/requests")
    csrf = {"csrf": proof((await guest.get(f"/people/{number}")).text)}

    entered = await guest.post(f"/people/{number}/requests", data={**csrf, "kind": "erasure"})
    listed = await guest.get("/people/requests")
    found = re.search(r"/people/requests/(\d+)/answer", listed.text)
    assert found is not None
    silent = await guest.post(found.group(0), data={**csrf, "answer": " "})
    answered = await guest.post(found.group(0), data={**csrf, "answer": "Đã xoá"})

    assert "/answer" not in empty.text
    assert (entered.status_code, silent.status_code, answered.status_code) == (303, 422, 303)
    assert "Đã xoá" in (await guest.get("/people/requests")).text
