"""Official counts: the letter's table as of its day, later counts, corrections that erase nothing."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.registry.world import World, refused, viewer_of
from tests.rollout.conftest import LETTER_DAY, Cast, a_count
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.views import NewOperator, Source

AUGUST = date(2025, 8, 29)


async def codes(inventory: Inventory, cast: Cast) -> dict[str, int]:
    return {item.code: item.id for item in await inventory.counts.operators(cast.reader)}


async def test_letters_table_stands_as_of_its_day(inventory: Inventory, cast: Cast) -> None:
    table = await inventory.counts.as_of(cast.reader, LETTER_DAY)

    assert [
        (row.name, row.stations_4g, row.stations_5g, str(row.ratio_percent)) for row in table.rows
    ] == [("MobiFone", 813, 4, "0.49"), ("VNPT", 826, 19, "2.30"), ("Viettel", 996, 92, "9.24")]
    assert (table.total_4g, table.total_5g, table.total_ratio_percent) == (
        2_635, 115, Decimal("4.36")
    )  # fmt: skip
    assert [str(row.share_4g_percent) for row in table.rows] == ["30.85", "31.35", "37.80"]
    assert [str(row.share_5g_percent) for row in table.rows] == ["3.48", "16.52", "80.00"]
    assert (table.dates, table.marks, table.missing) == ([LETTER_DAY], ["as reported on"], [])
    assert [(source.mark, source.document) for source in table.sources] == [("S", "L1")]


async def test_nothing_is_known_before_the_first_count(inventory: Inventory, cast: Cast) -> None:
    table = await inventory.counts.as_of(cast.reader, LETTER_DAY - timedelta(1))

    assert (table.total_4g, table.total_ratio_percent, table.dates) == (None, None, [])
    assert len(table.missing) == 6
    assert await inventory.counts.series(cast.reader, until=table.as_of) == []


async def test_later_counts_extend_the_series(inventory: Inventory, cast: Cast) -> None:
    viettel = (await codes(inventory, cast))["VIETTEL"]

    await inventory.counts.enter(cast.officer, a_count(viettel, "5G", 200, AUGUST))

    series = await inventory.counts.series(cast.reader)
    assert [(point.as_of, point.stations_5g) for point in series] == [
        (LETTER_DAY, 115), (AUGUST, 223)
    ]  # fmt: skip
    assert (await inventory.counts.as_of(cast.reader, LETTER_DAY)).total_5g == 115
    row = (await inventory.counts.as_of(cast.reader, AUGUST)).rows[2]
    assert (row.stations_5g, row.as_of, row.as_of_4g, row.as_of_5g) == (
        200, LETTER_DAY, LETTER_DAY, AUGUST
    )  # fmt: skip
    own = await inventory.counts.series(cast.reader, operator=viettel)
    assert [(point.stations_4g, point.stations_5g) for point in own] == [(996, 92), (996, 200)]


async def test_correction_takes_the_place_and_keeps_what_was(
    inventory: Inventory, cast: Cast
) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    old = (await inventory.counts.entries(cast.reader, operator=vnpt, technology="5G"))[0]

    new = await inventory.counts.correct(
        cast.officer, old.id, a_count(vnpt, "5G", 21, LETTER_DAY, note="Sai số liệu")
    )

    assert (await inventory.counts.as_of(cast.reader, LETTER_DAY)).total_5g == 117
    entries = await inventory.counts.entries(cast.reader, operator=vnpt, technology="5G")
    assert [(item.count, item.corrects, item.corrected_by) for item in entries] == [
        (21, old.id, None), (19, None, new.id)
    ]  # fmt: skip
    with refused("correction.taken"):
        await inventory.counts.correct(cast.officer, old.id, a_count(vnpt, "5G", 1, LETTER_DAY))
    again = await inventory.counts.correct(
        cast.officer, new.id, a_count(vnpt, "5G", 20, LETTER_DAY)
    )
    assert again.corrects == new.id
    assert (await inventory.counts.as_of(cast.reader, LETTER_DAY)).total_5g == 116


async def test_withdrawn_count_leaves_a_gap_that_is_named(
    inventory: Inventory, cast: Cast
) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    old = (await inventory.counts.entries(cast.reader, operator=vnpt, technology="5G"))[0]

    gone = await inventory.counts.withdraw(cast.officer, old.id, "Nhầm doanh nghiệp")

    table = await inventory.counts.as_of(cast.reader, LETTER_DAY)
    assert (table.missing, table.total_5g, table.total_ratio_percent) == (["VNPT 5G"], 96, None)
    assert (gone.count, gone.note, gone.corrects) == (None, "Nhầm doanh nghiệp", old.id)
    # The series is of those whose two counts are known.
    assert [p.stations_4g for p in await inventory.counts.series(cast.reader)] == [1_809]
    await inventory.counts.enter(cast.officer, a_count(vnpt, "5G", 18, LETTER_DAY))
    assert (await inventory.counts.as_of(cast.reader, LETTER_DAY)).total_5g == 114


async def test_second_count_of_a_day_must_be_a_correction(
    inventory: Inventory, cast: Cast
) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    august = await inventory.counts.enter(cast.officer, a_count(vnpt, "5G", 30, AUGUST))

    with refused("count.taken"):
        await inventory.counts.enter(cast.officer, a_count(vnpt, "5G", 31, AUGUST))
    with refused("count.taken"):
        await inventory.counts.correct(
            cast.officer, august.id, a_count(vnpt, "5G", 31, LETTER_DAY)
        )
    moved = await inventory.counts.correct(
        cast.officer, august.id, a_count(vnpt, "5G", 30, AUGUST + timedelta(1))
    )
    assert moved.as_of == AUGUST + timedelta(1)


async def test_of_two_corrections_at_once_one_is_refused(inventory: Inventory, cast: Cast) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    old = (await inventory.counts.entries(cast.reader, operator=vnpt, technology="5G"))[0]

    done = await asyncio.gather(
        *(
            inventory.counts.correct(cast.officer, old.id, a_count(vnpt, "5G", n, LETTER_DAY))
            for n in (20, 21)
        ),
        return_exceptions=True,
    )

    assert sorted(getattr(item, "code", "done") for item in done) == [
        "correction.taken", "done"
    ]  # fmt: skip


async def test_faults_of_a_count_are_all_named(inventory: Inventory, cast: Cast) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    today = date(2026, 11, 18)
    new = a_count(vnpt, "6G", -1, today + timedelta(2), note="x" * 501)
    new = type(new)(
        **{name: getattr(new, name) for name in new.__struct_fields__}
        | {"source": Source("", "?"), "as_of_mark": "?"}
    )

    with refused("count.wrong") as caught:
        await inventory.counts.enter(cast.officer, new)

    assert {fault.field for fault in caught.value.faults} == {
        "technology", "as_of_mark", "count", "as_of", "source.mark", "source.text", "note"
    }  # fmt: skip
    entry = (await inventory.counts.entries(cast.reader, operator=vnpt, technology="5G"))[0]
    other = a_count((await codes(inventory, cast))["VIETTEL"], "4G", 1, LETTER_DAY)
    with refused("count.wrong") as caught:
        await inventory.counts.correct(cast.officer, entry.id, other)
    assert [fault.field for fault in caught.value.faults] == ["operator", "technology"]


async def test_unknown_things_are_named_as_such(inventory: Inventory, cast: Cast) -> None:
    with refused("operator.unknown"):
        await inventory.counts.enter(cast.officer, a_count(999, "5G", 1, AUGUST))
    with refused("count.unknown"):
        await inventory.counts.withdraw(cast.officer, 999, "vì sao")
    with refused("count.wrong"):
        await inventory.counts.withdraw(cast.officer, 1, "")


async def test_operators_people_write_their_own_row_only(
    inventory: Inventory, cast: Cast, world: World
) -> None:
    numbers = await codes(inventory, cast)
    own, other = numbers["MOBIFONE"], numbers["VNPT"]
    with refused("access.denied"):
        await inventory.counts.enter(cast.planner, a_count(own, "5G", 9, AUGUST))
    await inventory.operators.link(cast.officer, own, world.red.org)

    entry = await inventory.counts.enter(cast.planner, a_count(own, "5G", 9, AUGUST))

    assert entry.entered_by == cast.planner.name
    assert [o.id for o in await inventory.counts.operators(cast.planner, writable=True)] == [own]
    assert len(await inventory.counts.operators(cast.officer, writable=True)) == 3
    # Reading is for all: the letter shows every operator.
    assert len((await inventory.counts.as_of(cast.planner, AUGUST)).rows) == 3
    with refused("access.denied"):
        await inventory.counts.enter(cast.planner, a_count(other, "5G", 9, AUGUST))
    foreign = (await inventory.counts.entries(cast.planner, operator=other))[0]
    with refused("access.denied"):
        await inventory.counts.withdraw(cast.planner, foreign.id, "không phải của mình")
    with refused("access.denied"):
        await inventory.operators.link(cast.planner, other, world.red.org)
    await inventory.operators.link(cast.officer, own, None)
    with refused("access.denied"):
        await inventory.counts.withdraw(cast.planner, entry.id, "hết quyền")


async def test_scope_of_one_sector_reaches_no_provincial_data(
    inventory: Inventory, cast: Cast
) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    narrow = viewer_of(cast.department, sector="energy")

    with refused("access.denied"):
        await inventory.counts.enter(narrow, a_count(vnpt, "5G", 9, AUGUST))
    assert await inventory.counts.operators(narrow, writable=True) == []


async def test_reading_needs_the_permission(inventory: Inventory, cast: Cast) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    for ask in (
        inventory.counts.operators(cast.outsider),
        inventory.counts.as_of(cast.outsider, AUGUST),
        inventory.counts.series(cast.outsider),
        inventory.counts.entries(cast.outsider),
        inventory.rules.list(cast.outsider),
        inventory.rules.one(cast.outsider, "plain"),
        inventory.targets.list(cast.outsider),
        inventory.targets.one(cast.outsider, 1),
        inventory.targets.progress(cast.outsider, 1, AUGUST),
    ):
        with refused("access.denied"):
            await ask
    with refused("access.denied"):
        await inventory.counts.enter(cast.reader, a_count(vnpt, "5G", 9, AUGUST))


async def test_every_entry_is_in_the_audit(inventory: Inventory, cast: Cast, world: World) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    entry = await inventory.counts.enter(cast.officer, a_count(vnpt, "5G", 9, AUGUST))
    new = await inventory.counts.correct(cast.officer, entry.id, a_count(vnpt, "5G", 8, AUGUST))
    await inventory.counts.withdraw(cast.officer, new.id, "nhầm")

    rows = (await world.registry.audit.page(cast.officer, noun="count", limit=3)).items

    assert [row.action for row in rows] == ["count.withdraw", "count.correct", "count.enter"]
    assert [(r.before and r.before["count"], r.after["count"]) for r in rows] == [
        (8, None), (9, 8), (None, 9)
    ]  # fmt: skip
    assert {row.org for row in rows} == {cast.department}


async def test_new_operator_joins_at_the_end(
    inventory: Inventory, cast: Cast, world: World
) -> None:
    made = await inventory.operators.create(
        cast.officer, NewOperator(code="VNM", name="Nhà mạng X", org=world.red.org)
    )

    assert [o.code for o in await inventory.operators.list(cast.reader)][-1] == "VNM"
    table = await inventory.counts.as_of(cast.reader, LETTER_DAY)
    assert table.missing == ["Nhà mạng X 4G", "Nhà mạng X 5G"]
    # One of whom nothing is known blanks nobody else's ratio.
    assert str(table.total_ratio_percent) == "4.36"
    with refused("operator.taken"):
        await inventory.operators.create(cast.officer, NewOperator(code="VNM", name="Y"))
    with refused("operator.wrong") as caught:
        await inventory.operators.create(cast.officer, NewOperator(code="", name="", org=999))
    assert [fault.field for fault in caught.value.faults] == ["code", "name", "org"]
    with refused("operator.wrong"):
        await inventory.operators.link(cast.officer, made.id, 999)


async def test_seeding_again_changes_nothing(
    inventory: Inventory, cast: Cast, world: World
) -> None:
    vnpt = (await codes(inventory, cast))["VNPT"]
    old = (await inventory.counts.entries(cast.reader, operator=vnpt, technology="5G"))[0]
    await inventory.counts.correct(cast.officer, old.id, a_count(vnpt, "5G", 21, AUGUST))
    before = (await world.registry.audit.page(world.system)).total

    await inventory.seed(world.system)

    assert (await world.registry.audit.page(world.system)).total == before
    assert (await inventory.counts.as_of(cast.reader, LETTER_DAY)).missing == ["VNPT 5G"]


async def test_counting_rules_carry_their_source(inventory: Inventory, cast: Cast) -> None:
    rules = {rule.key: rule for rule in await inventory.rules.list(cast.reader)}

    assert set(rules) == {"plain", "decree-88-2025"}
    decree = await inventory.rules.one(cast.reader, "decree-88-2025")
    assert decree == rules["decree-88-2025"]
    assert (decree.source.mark, decree.source.document) == ("S", "ND88")
    assert "một doanh nghiệp" in decree.text_vi
    with refused("rule.unknown"):
        await inventory.rules.one(cast.reader, "x")


@pytest.mark.parametrize("noise", ["  VNPT  ", "VNPT"])
async def test_names_are_kept_in_normal_form(inventory: Inventory, cast: Cast, noise: str) -> None:
    made = await inventory.operators.create(cast.officer, NewOperator(code="N1", name=noise))

    assert made.name == "VNPT"
