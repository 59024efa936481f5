"""Targets as data, and how each stands on a day: before, at and after the deadline."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from tests.registry.world import World, refused
from tests.rollout.conftest import LETTER_DAY, Cast, a_count, by_key
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.views import NewTarget, Source, Target, TargetEdit, TargetProgress

RATIO = "5g-4g-2025"
DEADLINE = date(2025, 12, 31)
WANTED = NewTarget(
    key="t",
    name_vi="Chỉ tiêu",
    name_en="Target",
    indicator="ratio_5g_4g",
    value=Decimal("12.5"),
    base_rule="moving",
    deadline=DEADLINE,
    source=Source("Kế hoạch"),
)


async def standing(
    inventory: Inventory, cast: Cast, day: date, key: str = RATIO, **given: int
) -> TargetProgress:
    target = await by_key(inventory.targets, cast.reader, key)
    return await inventory.targets.progress(cast.reader, target.id, day, **given)


@pytest.fixture
async def viettel(inventory: Inventory, cast: Cast) -> int:
    operators = await inventory.operators.list(cast.reader)
    return next(operator.id for operator in operators if operator.code == "VIETTEL")


def edit_of(target: Target, **given: object) -> TargetEdit:
    kept = {name: getattr(target, name) for name in TargetEdit.__struct_fields__}
    return TargetEdit(**{**kept, **given})


async def test_letters_target_stands_as_the_letter_should_have_said(
    inventory: Inventory, cast: Cast
) -> None:
    now = await standing(inventory, cast, LETTER_DAY)

    assert (now.base, now.there, now.needed, now.gap) == (2_635, 115, 1_318, 1_203)
    assert (str(now.ratio_percent), now.days_left, now.days_over) == ("4.36", 154, 0)
    pace = now.needed_pace
    assert (str(pace.per_day), pace.per_month, pace.months) == ("7.8", 241, 5)
    assert [(row.name, row.needed, row.gap) for row in now.operators] == [
        ("MobiFone", 407, 403), ("VNPT", 413, 394), ("Viettel", 498, 406)
    ]  # fmt: skip
    assert [(share.rule, share.more_rows_sum, share.more_total) for share in now.allocations] == [
        ("equal-ratio", 1_203, 1_203), ("proportional-4g", 1_203, 1_203)
    ]  # fmt: skip
    # One count is no pace: nobody can say from it whether the year will do.
    assert (now.verdict, now.pace_so_far, now.forecast) == ("undecided", None, None)


async def test_target_names_its_source_and_what_it_leaves_open(
    inventory: Inventory, cast: Cast
) -> None:
    target = await by_key(inventory.targets, cast.reader, RATIO)

    assert (target.source.document, target.source.mark) == ("QD912", "S")
    assert (target.value, target.deadline, target.counting_rule) == (Decimal(50), DEADLINE, "")
    assert (target.base_rule, target.base_stated) == ("moving", False)
    assert "tối thiểu 50%" in target.quote


async def test_after_the_deadline_it_is_missed_by_days_and_has_no_pace(
    inventory: Inventory, cast: Cast
) -> None:
    later = await standing(inventory, cast, date(2026, 1, 31))

    assert (later.verdict, later.days_over, later.days_left) == ("missed", 31, 0)
    assert (later.needed_pace, later.gap, later.counted_on) == (None, 1_203, LETTER_DAY)


async def test_second_count_gives_pace_forecast_and_verdict(
    inventory: Inventory, cast: Cast, viettel: int
) -> None:
    august = date(2025, 8, 29)
    await inventory.counts.enter(cast.officer, a_count(viettel, "5G", 152, august))

    now = await standing(inventory, cast, august)

    assert (now.there, str(now.pace_so_far), now.pace_since) == (175, "2.0", LETTER_DAY)
    assert (now.forecast, str(now.forecast_percent)) == (423, "16.05")
    assert now.verdict == "behind"
    await inventory.counts.enter(cast.officer, a_count(viettel, "5G", 900, date(2025, 9, 30)))
    assert (await standing(inventory, cast, date(2025, 9, 30))).verdict == "on-way"


async def test_count_after_the_deadline_reaches_it_late(
    inventory: Inventory, cast: Cast, viettel: int
) -> None:
    late = date(2026, 2, 1)
    await inventory.counts.enter(cast.officer, a_count(viettel, "5G", 1_500, late))

    now = await standing(inventory, cast, date(2026, 3, 1))

    assert (now.verdict, now.reached_on, now.gap) == ("reached-late", late, 0)
    assert (await standing(inventory, cast, date(2026, 1, 31))).verdict == "missed"


async def test_fixed_base_stays_while_4g_grows(
    inventory: Inventory, cast: Cast, viettel: int
) -> None:
    target = await by_key(inventory.targets, cast.reader, RATIO)
    await inventory.counts.enter(cast.officer, a_count(viettel, "4G", 1_996, date(2025, 10, 1)))
    day = date(2025, 10, 2)
    assert (await standing(inventory, cast, day)).needed == 1_818

    await inventory.targets.change(
        cast.officer, target.id, edit_of(target, base_rule="fixed", base_date=LETTER_DAY)
    )

    now = await standing(inventory, cast, day)
    assert (now.base, now.base_on, now.needed) == (2_635, LETTER_DAY, 1_318)
    assert [row.needed for row in now.operators] == [407, 413, 498]
    await inventory.targets.change(
        cast.officer, target.id, edit_of(target, base_rule="given", base_value=3_000)
    )
    given = await standing(inventory, cast, day)
    assert (given.base, given.needed, given.allocations) == (3_000, 1_500, [])


async def test_base_of_a_day_without_counts_leaves_it_unmeasured(
    inventory: Inventory, cast: Cast
) -> None:
    new = msgspec.structs.replace(WANTED, base_rule="fixed", base_date=date(2024, 1, 1))
    await inventory.targets.create(cast.officer, new)

    now = await standing(inventory, cast, LETTER_DAY, "t")

    assert (now.verdict, now.base, now.needed, now.allocations) == ("unmeasured", None, None, [])


async def test_connections_per_inhabitant_are_measured_by_what_is_handed_in(
    inventory: Inventory, cast: Cast
) -> None:
    key = "iot-per-inhabitant-2025"

    unknown = await standing(inventory, cast, LETTER_DAY, key)
    known = await standing(inventory, cast, LETTER_DAY, key, measured=200)

    assert (unknown.verdict, unknown.needed, unknown.gap) == ("unmeasured", 2_161_755, None)
    assert (known.gap, str(known.ratio_percent), known.verdict) == (
        2_161_555, "0.01", "undecided"
    )  # fmt: skip
    late = await standing(inventory, cast, date(2026, 11, 1), key)
    assert (late.verdict, late.days_over) == ("unmeasured", 305)


async def test_zones_are_a_target_that_nothing_measures_yet(
    inventory: Inventory, cast: Cast
) -> None:
    now = await standing(inventory, cast, LETTER_DAY, "zones-5g-2025")

    assert (now.target.value, now.target.source.document) == (Decimal(100), "D2")
    assert (now.verdict, now.base, now.operators) == ("unmeasured", None, [])


async def test_targets_are_made_changed_and_retired_with_their_traces(
    inventory: Inventory, cast: Cast, world: World
) -> None:
    made = await inventory.targets.create(cast.officer, WANTED)
    assert made == await inventory.targets.one(cast.reader, made.id)
    assert made.value == Decimal("12.5")
    await inventory.targets.change(cast.officer, made.id, edit_of(made, value=Decimal(29)))
    retired = await inventory.targets.retire(cast.officer, made.id)
    assert await inventory.targets.retire(cast.officer, made.id) == retired

    assert "t" not in {target.key for target in await inventory.targets.list(cast.reader)}
    kept = await inventory.targets.list(cast.reader, retired=True)
    assert "t" in {target.key for target in kept}
    rows = (await world.registry.audit.page(cast.officer, noun="target", noun_id=made.id)).items
    assert [row.action for row in rows] == ["target.retire", "target.change", "target.create"]
    assert (rows[1].before["value"], rows[1].after["value"]) == ("12.5", "29")


async def test_faults_of_a_target_are_all_named(inventory: Inventory, cast: Cast) -> None:
    wrong = msgspec.structs.replace(
        WANTED, key="", indicator="x", unit="x", base_rule="fixed", value=Decimal(0),
        source=Source(""), counting_rule="x", base_value=0,
    )  # fmt: skip

    with refused("target.wrong") as caught:
        await inventory.targets.create(cast.officer, wrong)

    assert {fault.field for fault in caught.value.faults} == {
        "key", "indicator", "unit", "base_rule", "base_date", "value", "source.text",
        "counting_rule", "base_value",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "10001", "0.00001"])
async def test_value_that_no_document_could_state_is_refused(
    inventory: Inventory, cast: Cast, value: str
) -> None:
    with refused("target.wrong"):
        await inventory.targets.create(
            cast.officer, msgspec.structs.replace(WANTED, value=Decimal(value))
        )


async def test_key_is_unique_and_unknown_targets_are_named(
    inventory: Inventory, cast: Cast
) -> None:
    with refused("target.taken"):
        await inventory.targets.create(cast.officer, msgspec.structs.replace(WANTED, key=RATIO))
    with refused("target.unknown"):
        await inventory.targets.one(cast.reader, 999)


async def test_only_the_keeper_writes_targets(
    inventory: Inventory, cast: Cast, world: World, viettel: int
) -> None:
    await inventory.operators.link(cast.officer, viettel, world.red.org)
    target = await by_key(inventory.targets, cast.reader, RATIO)

    for viewer in (cast.planner, cast.reader, world.red.viewer):
        with refused("access.denied"):
            await inventory.targets.create(viewer, WANTED)
        with refused("access.denied"):
            await inventory.targets.retire(viewer, target.id)
