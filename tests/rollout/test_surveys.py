"""A survey round by three organisations: asked, answered, corrected, approved into official counts."""

from datetime import date

import pytest

from tests.registry.world import World, refused, viewer_of
from tests.rollout.conftest import Cast
from tests.rollout.test_stations import a_station
from tram.registry.viewer import Viewer
from tram.rollout.inventory.areas.areas import ZoneFacts
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.surveys.views import Answers, NewRound, Round

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
