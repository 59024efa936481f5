"""Jobs over the interface: whose they are, how far they are, and the end of one that nobody needs."""

from tests.api.answers import listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API
from tram.registry.registry import Registry


async def test_a_job_is_listed_shown_and_ended_by_whom_it_belongs_to(
    desk: Client, province: Province, registry: Registry
) -> None:
    number = province.a.things["job"]
    one = f"{API}/jobs/{number}"

    await log_in(desk, await province.person("enterprise", province.b.org))
    assert number not in listed(await desk.get(f"{API}/jobs"))
    assert refusal(await desk.get(one)) == (404, "job.unknown")
    assert refusal(await desk.post(f"{one}/cancel")) == (404, "job.unknown")

    await log_in(desk, await province.person("enterprise", province.a.org))
    assert number in listed(await desk.get(f"{API}/jobs"))
    shown = (await desk.get(one)).json()
    assert (shown["kind"], shown["state"], shown["done"]) == ("walk", "waiting", 0)
    ended = await desk.post(f"{one}/cancel")
    assert ended.json()["state"] == "cancelling"
    (left,) = await registry.jobs.withdrawn(["walk"])
    assert left.id == number
    await registry.jobs.cancelled(number)
    assert (await desk.get(one)).json()["state"] == "cancelled"
    assert (await desk.post(f"{one}/cancel")).json()["state"] == "cancelled"


async def test_who_may_see_jobs_but_not_ask_for_them_ends_none(
    desk: Client, province: Province
) -> None:
    one = f"{API}/jobs/{province.a.things['job']}"
    await log_in(desk, await province.person("department-leader", province.root.org))

    assert (await desk.get(one)).is_success
    assert refusal(await desk.post(f"{one}/cancel")) == (403, "access.denied")
    await log_in(desk, await province.person("auditor", province.root.org))
    assert refusal(await desk.get(one)) == (403, "access.denied")


async def test_jobs_are_a_table_for_a_spreadsheet(desk: Client, province: Province) -> None:
    await log_in(desk, await province.person("enterprise", province.a.org))

    lines = (await desk.get(f"{API}/jobs.csv")).text.splitlines()

    assert lines[0].startswith("\ufeffid,org,person,kind,state,done,total")
    assert f"{province.a.things['job']}," in "\n".join(lines)
