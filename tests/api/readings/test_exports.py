"""Files of readings that a job makes: whole, for who asked, as far as that person may look then."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.api.answers import faults, listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.services import Services
from tram.api.http.session import API
from tram.api.readings import exports
from tram.fleet.exports import export_job
from tram.fleet.exports.export_job import EXPORT, ExportWork
from tram.jobs.kinds import JobHandler
from tram.jobs.pruning import JobLocks
from tram.jobs.runner import JobRunner
from tram.registry.kernel.views import PersonRow

SPAN = {"start_ms": 0, "end_ms": 4_000_000_000_000}
WEEK_S = timedelta(days=7).total_seconds()


async def work(services: Services, folder: Path) -> int:
    """Do what waits, as the role work does; return how many jobs there were."""
    sessions = services.registry.sessions
    handler = JobHandler(EXPORT, ExportWork(sessions, services.store, services.exports))
    locks = JobLocks(folder / "locks")
    return await JobRunner(services.registry.jobs, services.clock, [handler], locks).drain()


async def ask(client: Client, **more: object) -> int:
    answer = await client.post(f"{API}/exports", json={"kind": "csv", **SPAN, **more})
    assert answer.status_code == 202, answer.text
    return int(answer.json()["id"])


async def person_of(province: Province, login: str) -> PersonRow:
    found = await province.registry.people.page(province.root, search=login)
    return next(person for person in found.items if person.login == login)


async def made(client: Client, job: int) -> dict:
    items = (await client.get(f"{API}/exports")).json()["items"]
    return next(item for item in items if item["job"]["id"] == job)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
async def test_a_file_that_a_job_made_holds_what_a_download_holds(
    client: Client, province: Province, services: Services, tmp_path: Path, kind: str
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    job = await ask(client, kind=kind)
    file = f"{API}/exports/files/{job}"
    assert refusal(await client.get(file)) == (404, "export.unknown")

    assert await work(services, tmp_path) == 1

    item = await made(client, job)
    assert (item["job"]["state"], item["made"]["rows"]) == ("done", 6)
    answer = await client.get(file)
    at_once = await client.get(f"{API}/exports/{kind}", params=SPAN)
    assert answer.headers["content-type"] == at_once.headers["content-type"]
    assert answer.headers["content-disposition"].startswith("attachment")
    assert item["made"]["name"] in answer.headers["content-disposition"]
    assert len(answer.content) == item["made"]["bytes"]
    if kind == "csv":
        assert answer.content == at_once.content


async def test_a_file_is_for_who_asked_and_nobody_else(
    client: Client, province: Province, services: Services, tmp_path: Path
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    job = await ask(client)
    await work(services, tmp_path)

    for role, org in (("enterprise", province.b.org), ("system-admin", province.root.org)):
        await log_in(client, await province.person(role, org))
        assert (await client.get(f"{API}/exports")).json()["items"] == []
        assert refusal(await client.get(f"{API}/exports/files/{job}")) == (404, "export.unknown")


async def test_a_file_holds_what_the_person_may_see_when_it_is_made(
    client: Client, province: Province, services: Services, tmp_path: Path
) -> None:
    login = await province.person("enterprise", province.a.org)
    await log_in(client, login)
    job = await ask(client)
    people = services.registry.people
    own = await person_of(province, login)
    for given in await people.assignments(province.root, own.id):
        await people.unassign(province.root, given.id)

    await work(services, tmp_path)

    assert (await made(client, job))["made"]["rows"] == 0


async def test_nothing_is_made_for_a_person_who_was_shut_out(
    client: Client, province: Province, services: Services, tmp_path: Path
) -> None:
    login = await province.person("enterprise", province.a.org)
    await log_in(client, login)
    job = await ask(client)
    people = services.registry.people
    own = await person_of(province, login)
    await people.disable(province.root, own.id)

    await work(services, tmp_path)

    row = await services.registry.jobs.one(province.root, job)
    assert (row.state, row.code) == ("failed", "person.unknown")
    assert list(services.exports.path("").glob("*")) == []


async def test_what_cannot_be_made_is_refused_when_it_is_asked_for(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    async def refused(**more: object) -> tuple[int, str]:
        return refusal(await client.post(f"{API}/exports", json={"kind": "csv", **SPAN, **more}))

    assert await refused(kind="docx") == (400, "export.format")
    assert await refused(devices=[int(province.b.devices[0].id)]) == (404, "device.unknown")
    wrong = await client.post(f"{API}/exports", json={"kind": "csv", "start_ms": 5, "end_ms": 5})
    assert faults(wrong) == {"end_ms": "end.too_early"}


async def test_a_file_too_large_and_a_cancelled_one_leave_nothing_behind(
    client: Client,
    province: Province,
    services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    large = await ask(client)
    monkeypatch.setattr(export_job, "FILE_BYTES_MAX", 10)
    await work(services, tmp_path)
    cancelled = await ask(client)
    assert (await client.post(f"{API}/jobs/{cancelled}/cancel")).is_success
    await work(services, tmp_path)

    ends = [(await made(client, job))["job"] for job in (large, cancelled)]
    assert [(end["state"], end["code"]) for end in ends] == [
        ("failed", "export.too_large"),
        ("cancelled", ""),
    ]
    assert list(services.exports.path("").glob("*")) == []


async def test_files_leave_the_disk_its_room_and_one_person_a_bounded_part(
    client: Client,
    province: Province,
    services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    with monkeypatch.context() as full:
        full.setattr(export_job, "FREE_BYTES_MIN", 2**62)
        job = await ask(client)
        await work(services, tmp_path)
    assert (await made(client, job))["job"]["code"] == "export.no_room"
    assert list(services.exports.path("").glob("*")) == []

    job = await ask(client)
    await work(services, tmp_path)
    monkeypatch.setattr(exports, "KEPT_BYTES_MAX", 10)
    wanted = {"kind": "csv", **SPAN}
    assert refusal(await client.post(f"{API}/exports", json=wanted)) == (
        400,
        "export.too_many_kept",
    )
    assert (await client.delete(f"{API}/exports/files/{job}")).status_code == 204
    assert list(services.exports.path("").glob("*")) == []
    assert refusal(await client.delete(f"{API}/exports/files/{job}")) == (404, "export.unknown")
    assert (await client.post(f"{API}/exports", json=wanted)).status_code == 202


async def test_a_file_goes_after_a_week(
    client: Client, province: Province, services: Services, tmp_path: Path
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    job = await ask(client)
    await work(services, tmp_path)
    (path,) = services.exports.path("").glob("*")
    now_ms = services.clock.now_ms()
    os.utime(path, (now_ms / 1000 - WEEK_S + 60,) * 2)
    assert services.exports.prune(now_ms) == 0
    assert (await made(client, job))["made"] is not None

    os.utime(path, (now_ms / 1000 - WEEK_S - 60,) * 2)

    assert (await made(client, job))["made"] is None
    assert refusal(await client.get(f"{API}/exports/files/{job}")) == (404, "export.unknown")
    assert services.exports.prune(now_ms) == 1
    assert listed(await client.get(f"{API}/exports"), "made") == [None]
