"""Asking for readings as a file: what is wrong stands beside its field, what was asked for in the list."""

from tests.api.province import Client, Province, log_in

ADDRESS = "/devices/exports"


async def test_what_cannot_be_read_is_said_beside_its_field(person: Client) -> None:
    csrf = person.headers["X-CSRF-Token"]
    wrong = {"csrf": csrf, "from": "31/2/2025", "to": "", "kind": "csv", "metrics": "pH, Temp"}

    page = await person.post(ADDRESS, data=wrong)

    assert page.status_code == 422
    assert 'id="from-fault"' in page.text
    assert 'id="to-fault"' in page.text
    assert 'value="31/2/2025"' in page.text  # what was typed is not lost
    assert 'value="pH, Temp"' in page.text

    turned = {"csrf": csrf, "from": "2/9/2025", "to": "1/9/2025", "kind": "csv"}
    assert 'id="end_ms-fault"' in (await person.post(ADDRESS, data=turned)).text


async def test_what_was_asked_for_waits_in_ones_own_list_and_can_be_cancelled(
    person: Client, province: Province
) -> None:
    csrf = person.headers["X-CSRF-Token"]
    assert "Bạn chưa yêu cầu tệp nào." in (await person.get(ADDRESS)).text
    asked = {
        "csrf": csrf,
        "from": "1/9/2025",
        "to": "1/9/2025",
        "kind": "xlsx",
        "sector": "energy",
    }

    done = await person.post(ADDRESS, data=asked)

    assert (done.status_code, done.headers["location"]) == (303, f"{ADDRESS}#files")
    page = (await person.get(ADDRESS)).text
    assert "Chờ đến lượt" in page
    assert 'hx-get="/devices/exports/list"' in page
    (job,) = await province.registry.jobs.asked_by(
        await _viewer(person, province), "readings.export"
    )
    assert job[1]["end_ms"] - job[1]["start_ms"] == 86_400_000
    assert (job[1]["sector"], job[1]["devices"]) == ("energy", [])
    await person.post(f"{ADDRESS}/{job[0].id}/cancel", data={"csrf": csrf})
    assert "Đang hủy" in (await person.get(f"{ADDRESS}/list")).text


async def _viewer(client: Client, province: Province) -> object:
    session = await province.registry.sessions.viewer(client.cookies["tram_session"])
    assert session is not None
    return session.viewer


async def test_who_may_only_look_is_told_so_and_offered_no_form(
    guest: Client, province: Province
) -> None:
    await log_in(guest, await province.person("department-leader", province.root.org))

    page = (await guest.get(ADDRESS)).text

    assert "không cho yêu cầu tệp" in page
    assert f'action="{ADDRESS}"' not in page
