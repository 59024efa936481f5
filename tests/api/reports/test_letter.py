"""The letter over the interface: texts by day, who may write them, and forms that do not exist."""

from tests.api.answers import faults, listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API

DAY = {"as_of": "2025-07-30"}
TEXT = f"{API}/letter/texts/stations.area"


async def test_a_text_holds_from_its_day_on_and_not_before(
    desk: Client, province: Province
) -> None:
    await log_in(desk, await province.person("ict-officer", province.root.org))
    shipped = {
        row["key"]: row
        for row in (await desk.get(f"{API}/letter/texts", params=DAY)).json()["items"]
    }
    words = "Mạng 5G đã phủ các đô thị."

    written = await desk.put(TEXT, json={"text": f" {words}\u200a", "as_of": "2025-09-01"})
    assert written.status_code == 200, written.text

    async def read(day: str) -> dict:
        rows = (await desk.get(f"{API}/letter/texts", params={"as_of": day})).json()["items"]
        return next(row for row in rows if row["key"] == "stations.area")

    assert (await read("2025-08-31"))["text"] == shipped["stations.area"]["text"]
    assert ((await read("2025-09-01"))["text"], (await read("2025-12-31"))["edited"]) == (
        words, True
    )  # fmt: skip


async def test_what_cannot_be_written_is_refused_and_changes_nothing(
    desk: Client, province: Province
) -> None:
    await log_in(desk, await province.person("ict-officer", province.root.org))

    for form in ({"text": "a\u202eb"}, {"text": "x", "as_of": "hôm qua"}, {}):
        assert faults(await desk.put(TEXT, json=form)), form
    nothing = await desk.put(f"{API}/letter/texts/no.such", json={"text": "x"})
    assert refusal(nothing) == (404, "block.unknown")
    for path in ("no.such/history",):
        assert refusal(await desk.get(f"{API}/letter/texts/{path}")) == (404, "block.unknown")
    assert (await desk.get(f"{TEXT}/history")).json()["items"] == []
    backwards = await desk.get(f"{API}/letter/draft", params=DAY | {"since": "2025-08-01"})
    assert backwards.json()["code"] == "letter.period_wrong"


async def test_versions_that_are_not_there_and_forms_that_are_none(
    desk: Client, province: Province
) -> None:
    await log_in(desk, await province.person("ict-officer", province.root.org))

    assert refusal(await desk.get(f"{API}/letter/versions/999")) == (404, "letter.unknown")
    assert refusal(await desk.get(f"{API}/letter/versions/999/pdf")) == (404, "letter.unknown")
    assert refusal(await desk.get(f"{API}/letter/draft/odt", params=DAY)) == (
        404, "letter.form_unknown"
    )  # fmt: skip
    made = await desk.post(f"{API}/letter/versions", json=DAY | {"since": "2025-08-01"})
    assert made.json()["code"] == "letter.period_wrong"
    assert listed(await desk.get(f"{API}/letter/versions")) == []


async def test_the_letter_is_read_and_written_by_who_may(desk: Client, province: Province) -> None:
    for role, reads in (("department-leader", True), ("auditor", False), ("enterprise", False)):
        org = province.a.org if role == "enterprise" else province.root.org
        await log_in(desk, await province.person(role, org))
        for path in ("letter/texts", "letter/versions"):
            answer = await desk.get(f"{API}/{path}")
            assert answer.status_code == (200 if reads else 403), (role, path)
        for path in ("findings", "letter/draft"):  # they need the store, which is away
            answer = await desk.get(f"{API}/{path}")
            assert answer.status_code == (503 if reads else 403), (role, path)
        for answer in (
            await desk.put(TEXT, json={"text": "x"}),
            await desk.delete(TEXT),
            await desk.post(f"{API}/letter/versions", json=DAY),
        ):
            assert refusal(answer) == (403, "access.denied"), role
