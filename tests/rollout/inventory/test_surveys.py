"""A survey round by three organisations: asked, answered, corrected, approved into official counts."""

import asyncio
from datetime import UTC, date, datetime
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from tests.registry.world import World, refused, viewer_of
from tests.rollout.conftest import Cast
from tests.rollout.inventory.test_stations import a_station
from tests.web.test_letters import Box
from tram.domain.ids import OrgId
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewAssignment, NewPerson
from tram.registry.people.mail_sending import send_letters
from tram.registry.people.settings import MailSettings
from tram.registry.people.tables import mails
from tram.rollout.inventory.areas.areas import ZoneFacts
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.surveys.views import Answers, NewRound, Round
from tram.runtime.processes.process import free_port

AS_OF = date(2026, 10, 31)
NEW = {"name": "Rà soát quý IV/2026", "as_of": AS_OF, "due_on": date(2026, 11, 10)}


@pytest.fixture
async def planner(cast: Cast, operators: dict[str, int], world: World) -> Viewer:
    """Speaks for Viettel."""
    return world.red.viewer


@pytest.fixture
async def keeper(inventory: Inventory, cast: Cast, world: World) -> Viewer:
    """The authority of the first zone; it may not write lists of stations."""
    facts = ZoneFacts(authority=world.blue.org)
    await inventory.areas.change_facts(cast.officer, world.zones[0], facts)
    return viewer_of(world.blue.org, permissions={"inventory.read", "zone.read"})


@pytest.fixture
async def opened(
    inventory: Inventory, cast: Cast, operators: dict[str, int], keeper: Viewer, world: World
) -> Round:
    asked = NewRound(**NEW, operators=sorted(operators.values()), zones=world.zones[:2])
    return await inventory.surveys.open(cast.officer, asked)


def reply_of(found: Round, who: int | None = None, zone: int | None = None) -> int:
    return next(r.id for r in found.replies if (r.operator, r.zone) == (who, zone))


async def test_round_goes_from_question_to_official_count(  # noqa: PLR0917  # fixtures
    inventory: Inventory, cast: Cast, operators: dict[str, int], planner: Viewer, keeper: Viewer,
    opened: Round, world: World,
) -> None:  # fmt: skip
    surveys, viettel = inventory.surveys, operators["VIETTEL"]
    await inventory.keeping.put(
        cast.officer, [a_station(viettel, "A"), a_station(operators["VNPT"])]
    )
    assert await surveys.remind(cast.officer, opened.summary.id) == 5

    own = await surveys.one(planner, opened.summary.id)
    assert [(r.who, r.listed_5g, r.can_answer) for r in own.replies] == [("Viettel", 1, True)]
    wrong = await surveys.submit(
        planner, own.replies[0].id, Answers(stations_4g=1001, stations_5g=9)
    )
    await surveys.send_back(cast.officer, wrong.id, "Số 5G thấp hơn kỳ trước")
    await surveys.submit(planner, wrong.id, Answers(stations_4g=1001, stations_5g=190))
    approved = await surveys.approve(cast.officer, wrong.id)

    assert [e.action for e in approved.events] == [
        "ask",
        "remind",
        "submit",
        "return",
        "submit",
        "approve",
    ]
    table = await inventory.counts.as_of(cast.officer, AS_OF)
    row = next(row for row in table.rows if row.operator == viettel)
    assert (row.stations_4g, row.stations_5g, row.as_of) == (1001, 190, AS_OF)
    assert any(
        f"Đợt rà soát số {opened.summary.id} “Rà soát quý IV/2026”" in source.text
        for source in table.sources
    )
    with refused("survey.step_wrong"):
        await surveys.submit(planner, wrong.id, Answers(stations_4g=1, stations_5g=1))

    (zone,) = (await surveys.one(keeper, opened.summary.id)).replies
    answers = Answers(
        devices=42, sectors="môi trường, năng lượng", fibre="2 tuyến", power="110 kV"
    )
    assert (await surveys.submit(keeper, zone.id, answers)).answers == answers
    assert (await surveys.approve(cast.officer, zone.id)).state == "approved"
    (listed,) = await surveys.list(cast.officer)
    assert (listed.asked, listed.approved) == (5, 2)


async def test_nobody_answers_or_decides_for_another(  # noqa: PLR0917  # fixtures
    inventory: Inventory, cast: Cast, operators: dict[str, int], planner: Viewer, keeper: Viewer,
    opened: Round, world: World,
) -> None:  # fmt: skip
    vnpt = reply_of(opened, operators["VNPT"])
    own = reply_of(opened, operators["VIETTEL"])
    answers = Answers(stations_4g=1, stations_5g=1)

    for viewer, reply in (
        (planner, vnpt),
        (keeper, own),
        (keeper, reply_of(opened, zone=world.zones[1])),
    ):
        with refused("access.denied"):
            await inventory.surveys.submit(viewer, reply, answers)
    await inventory.surveys.submit(planner, own, answers)
    with refused("access.denied"):
        await inventory.surveys.approve(planner, own)
    with refused("access.denied"):
        await inventory.surveys.open(planner, NewRound(**NEW, operators=[1]))
    with refused("access.denied"):
        await inventory.surveys.close(keeper, opened.summary.id)


async def test_answers_and_rounds_are_checked(
    inventory: Inventory, cast: Cast, operators: dict[str, int], planner: Viewer, opened: Round
) -> None:
    own = reply_of(opened, operators["VIETTEL"])

    with refused("survey.wrong") as caught:
        await inventory.surveys.submit(planner, own, Answers(stations_4g=-1))
    assert [fault.field for fault in caught.value.faults] == ["stations_4g", "stations_5g"]
    with refused("survey.wrong"):
        await inventory.surveys.open(cast.officer, NewRound(name="", as_of=AS_OF, due_on=AS_OF))
    with refused("survey.step_wrong"):
        await inventory.surveys.approve(cast.officer, own)
    with refused("survey.unknown"):
        await inventory.surveys.one(cast.officer, 99)
    await inventory.surveys.close(cast.officer, opened.summary.id)
    with refused("survey.step_wrong"):
        await inventory.surveys.submit(planner, own, Answers(stations_4g=1, stations_5g=1))


async def told(world: World, org: OrgId, role: str, locale: str = "vi") -> str:
    """Register somebody with a role and a mail address; return the address."""
    email = f"{role}-{org}@x.example"
    new = NewPerson(
        org=org, login=f"{role}{org}", name="Lê Văn Trả Lời", password="một câu đủ dài để nhớ",
        locale=locale, email=email,
    )  # fmt: skip
    person = await world.registry.people.create(world.system, new)
    given = NewAssignment(person=person.id, role=role, org=org)
    await world.registry.people.assign(world.system, given)
    return email


async def queued(world: World) -> list[tuple[str, str]]:
    async with world.registry.database.read() as connection:
        found = await connection.execute(select(mails).order_by(mails.c.id))
        return [(row.to, row.subject) for row in found if "x.example" in row.to]


def set_clock(world: World, day: int, hour: int) -> None:
    """Go on to a moment of November 2026 in Viet Nam."""
    moment = datetime(2026, 11, day, hour - 7, tzinfo=UTC).timestamp() * 1000
    assert moment >= world.clock.now_ms()
    world.clock.advance(round(moment) - world.clock.now_ms())


async def test_each_step_of_a_round_is_written_once(
    inventory: Inventory, cast: Cast, operators: dict[str, int], keeper: Viewer, world: World
) -> None:
    """Whoever is asked has a letter for each step, and never two, from however many processes."""
    own = await told(world, world.red.org, "operator-planner", "en")
    board = await told(world, world.blue.org, "zone-authority")
    await told(world, cast.department, "ict-officer")  # keeps the data: is not written to
    surveys, viettel = inventory.surveys, operators["VIETTEL"]
    due = date(2026, 11, 28)
    new = NewRound(
        **{**NEW, "due_on": due}, operators=[viettel, operators["VNPT"]], zones=world.zones[:1]
    )

    async def step(day: int, hour: int) -> list[tuple[str, str]]:
        set_clock(world, day, hour)
        before = len(await queued(world))
        await asyncio.gather(*(surveys.remind_due(world.system) for _ in range(3)))
        return (await queued(world))[before:]

    opened = await surveys.open(cast.officer, new)
    subjects = dict(await queued(world))
    assert set(subjects) == {own, board}
    assert (
        subjects[own]
        == "Survey round “Rà soát quý IV/2026”: Viettel is asked to answer by 28/11/2026"
    )
    assert await step(24, 12) == []
    assert await step(25, 7) == []
    assert {to for to, _ in await step(25, 9)} == {own, board}
    assert await step(26, 9) == []
    assert await surveys.remind(cast.officer, opened.summary.id) == 3
    assert await surveys.remind(cast.officer, opened.summary.id) == 0
    assert len(await queued(world)) == 6
    reply = reply_of(opened, zone=world.zones[0])
    await surveys.submit(keeper, reply, Answers(devices=1))
    late = await step(29, 9)
    assert [(to, "Overdue" in subject) for to, subject in late] == [(own, True)]
    assert await step(30, 9) == []
    found = await surveys.one(cast.officer, opened.summary.id)
    told_of = {r.operator: [(e.action, e.note) for e in r.events] for r in found.replies}
    steps = ["ask", "remind-soon", "remind", "remind-late"]
    assert told_of[viettel] == [(action, "1") for action in steps]
    assert told_of[operators["VNPT"]] == [
        (action, "0") for action in steps
    ]  # nobody speaks for it
    await surveys.close(cast.officer, opened.summary.id)
    with refused("survey.step_wrong"):
        await surveys.remind(cast.officer, opened.summary.id)


async def test_letters_of_a_round_arrive_by_mail(
    inventory: Inventory, cast: Cast, operators: dict[str, int], keeper: Viewer, world: World
) -> None:
    board = await told(world, world.blue.org, "zone-authority")
    box, port = Box(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings = MailSettings(host="127.0.0.1", port=port, security="none", sender="tram@x.example")
    sending = asyncio.create_task(
        send_letters(world.registry.mails, world.registry.set_aside, settings)
    )
    try:
        opened = await inventory.surveys.open(cast.officer, NewRound(**NEW, zones=world.zones[:1]))
        (reply,) = opened.replies
        await inventory.surveys.submit(keeper, reply.id, Answers(devices=1))
        await inventory.surveys.send_back(cast.officer, reply.id, "Thiếu nhà máy mới")
        async with asyncio.timeout(60):
            while sum(board.encode() in mail for mail in box.mails) < 2:
                await asyncio.sleep(0.05)
    finally:
        sending.cancel()
        await asyncio.to_thread(server.stop)
    letters = [message_from_bytes(mail, policy=policy.default) for mail in box.mails]
    asked, returned = (letter for letter in letters if letter["To"] == board)
    assert "mời" in asked["Subject"]
    assert f"/network/surveys/{opened.summary.id}" in asked.get_content()
    assert "Thiếu nhà máy mới" in returned.get_content()
