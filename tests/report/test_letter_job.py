"""A letter kept by a job: in the name of who asked, and once, however often the job begins."""

import pytest

from tests.registry.world import World, refused
from tests.rollout.conftest import LETTER_DAY
from tram.domain.ids import PersonId
from tram.jobs.kinds import CancelToken
from tram.registry.kernel.views import NewAssignment
from tram.report.letter_job import LetterOrder, LetterWork
from tram.report.reports import LetterService


async def _progress(_done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture
async def writer(world: World) -> PersonId:
    """Somebody who may write the province's letter."""
    people = world.registry.people
    person = (await people.page(world.system, search="nguoi do")).items[0]
    role = NewAssignment(person=person.id, role="system-admin", org=world.root)
    await people.assign(world.system, role)
    return person.id


async def test_a_job_that_begins_again_keeps_one_version(
    world: World, reports: LetterService, writer: PersonId
) -> None:
    work = LetterWork(world.registry.sessions, reports)
    order = LetterOrder(
        as_of=LETTER_DAY, since=None, person=int(writer), asked_ms=world.clock.now_ms()
    )

    first = await work.run(order, _progress, CancelToken())
    again = await work.run(order, _progress, CancelToken())

    (kept,) = await reports.versions(world.system)
    assert first.version == again.version == kept.id
    assert kept.person_name == "Người Đỏ"
    world.clock.advance(1_000)
    later = LetterOrder(
        as_of=LETTER_DAY, since=None, person=int(writer), asked_ms=world.clock.now_ms()
    )
    assert (await work.run(later, _progress, CancelToken())).version != kept.id


async def test_a_letter_of_another_period_is_another_letter(
    world: World, reports: LetterService, writer: PersonId
) -> None:
    work = LetterWork(world.registry.sessions, reports)
    asked = {"as_of": LETTER_DAY, "person": int(writer), "asked_ms": world.clock.now_ms()}
    month, quarter = (
        LetterOrder(**asked, since=since) for since in (None, LETTER_DAY.replace(month=5, day=1))
    )

    first = await work.run(month, _progress, CancelToken())
    second = await work.run(quarter, _progress, CancelToken())

    assert first.version != second.version
    kept = {version.id: version.since.month for version in await reports.versions(world.system)}
    assert kept == {first.version: 7, second.version: 5}


async def test_a_letter_is_kept_by_nobody_who_was_shut_out(
    world: World, reports: LetterService, writer: PersonId
) -> None:
    await world.registry.people.disable(world.system, writer)
    order = LetterOrder(as_of=LETTER_DAY, since=None, person=int(writer), asked_ms=0)

    with refused("person.unknown"):
        await LetterWork(world.registry.sessions, reports).run(order, _progress, CancelToken())
    assert await reports.versions(world.system) == []
