"""Free texts with their history, kept letters with their files; on both databases."""

from datetime import date
from pathlib import Path

import pytest

from tests.registry.world import World, refused
from tests.report.july import LETTER_DAY, gatherer_of, reports_of
from tests.rollout.conftest import Cast
from tram.report.letter.content import letter_text
from tram.report.reports import LetterService
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.views import NewCount, Source

AUGUST = date(2025, 8, 31)
JUNE = date(2025, 6, 30)
AREA = "các xã, phường ven biển"


async def area(reports: LetterService, cast: Cast, day: date) -> str:
    blocks = {block.key: block for block in await reports.blocks(cast.officer, day)}
    return blocks["stations.area"].text


async def test_text_is_taken_over_by_later_letters_and_never_by_earlier(
    reports: LetterService, cast: Cast
) -> None:
    shipped = await area(reports, cast, LETTER_DAY)

    await reports.write_block(cast.officer, LETTER_DAY, "stations.area", AREA)

    assert await area(reports, cast, LETTER_DAY) == AREA
    assert await area(reports, cast, AUGUST) == AREA
    assert await area(reports, cast, JUNE) == shipped


async def test_written_text_stands_in_the_letter(reports: LetterService, cast: Cast) -> None:
    await reports.write_block(cast.officer, LETTER_DAY, "stations.area", AREA)

    draft = await reports.draft(cast.officer, LETTER_DAY)

    assert f"phủ sóng tại {AREA};" in "\n".join(letter_text(draft.letter))


async def test_history_tells_who_when_before_and_after(
    reports: LetterService, cast: Cast, world: World
) -> None:
    shipped = await area(reports, cast, LETTER_DAY)
    await reports.write_block(cast.officer, LETTER_DAY, "stations.area", AREA)
    world.clock.advance(1000)
    await reports.reset_block(cast.officer, LETTER_DAY, "stations.area")

    newest, oldest = await reports.block_history(cast.officer, "stations.area")

    assert (oldest.before, oldest.after, oldest.letter) == (shipped, AREA, LETTER_DAY)
    assert (newest.before, newest.after) == (AREA, shipped)
    assert newest.person_name == "someone"
    assert newest.at_ms == oldest.at_ms + 1000


async def test_a_text_left_empty_leaves_its_paragraph_out(
    reports: LetterService, cast: Cast
) -> None:
    await reports.write_block(cast.officer, LETTER_DAY, "closing.contact", "")

    texts = letter_text((await reports.draft(cast.officer, LETTER_DAY)).letter)

    assert not any(text.startswith("Đầu mối") for text in texts)
    assert "" not in texts


async def test_kept_letter_gives_its_files_back_after_the_figures_changed(
    reports: LetterService, cast: Cast, inventory: Inventory
) -> None:
    kept = await reports.keep(cast.officer, LETTER_DAY)
    before = await reports.file(cast.officer, kept.id, "pdf")
    counts = inventory.counts
    viettel = next(o.id for o in await counts.operators(cast.officer) if o.code == "VIETTEL")
    entry = next(e for e in await counts.entries(cast.officer, operator=viettel, technology="5G"))
    await counts.correct(cast.officer, entry.id, _count(viettel, 95))

    again = await reports.keep(cast.officer, LETTER_DAY)

    assert (await reports.file(cast.officer, kept.id, "pdf")).content == before.content
    assert (await reports.file(cast.officer, again.id, "pdf")).content != before.content
    listed = await reports.versions(cast.officer)
    assert [version.id for version in listed] == [again.id, kept.id]
    assert listed[1].as_of == LETTER_DAY
    assert listed[1].letter == kept.letter
    assert len(listed[1].findings) == 37
    assert before.name == "cong-van-5g-iot-2025-07-30.pdf"
    assert before.media_type == "application/pdf"


async def test_same_data_gives_the_same_bytes(
    reports: LetterService, cast: Cast, world: World
) -> None:
    first = await reports.render(cast.officer, LETTER_DAY)
    world.clock.advance(86_400_000)

    assert await reports.render(cast.officer, LETTER_DAY) == first


async def test_letter_does_not_depend_on_who_drafts_it(reports: LetterService, cast: Cast) -> None:
    assert (await reports.draft(cast.officer, LETTER_DAY)).letter == (
        await reports.draft(_leader(cast), LETTER_DAY)
    ).letter


async def test_damaged_file_is_never_given_out(world: World, cast: Cast, tmp_path: Path) -> None:
    reports = reports_of(world.registry, world.clock, tmp_path)
    kept = await reports.keep(cast.officer, LETTER_DAY)
    (tmp_path / kept.files[0].sha256).write_bytes(b"something else")

    with refused("letter.damaged"):
        await reports.file(cast.officer, kept.id, "docx")


async def test_only_who_may_reads_and_writes(reports: LetterService, cast: Cast) -> None:
    for asked in (reports.draft, reports.render, reports.keep):
        with refused("access.denied"):
            await asked(cast.outsider, LETTER_DAY)
    with refused("access.denied"):
        await reports.keep(_leader(cast), LETTER_DAY)
    with refused("access.denied"):
        await reports.write_block(_leader(cast), LETTER_DAY, "stations.area", AREA)
    with refused("access.denied"):
        await reports.versions(cast.outsider)
    assert await reports.versions(_leader(cast)) == []


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        ("no.such", "x", "block.unknown"),
        ("stations.area", "a" * 4001, "block.wrong"),
        ("stations.area", "a\x00b", "block.wrong"),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    reports: LetterService, cast: Cast, key: str, text: str, code: str
) -> None:
    with refused(code):
        await reports.write_block(cast.officer, LETTER_DAY, key, text)


async def test_unknown_letters_forms_and_periods_are_refused(
    reports: LetterService, cast: Cast
) -> None:
    kept = await reports.keep(cast.officer, LETTER_DAY)

    with refused("letter.unknown"):
        await reports.file(cast.officer, kept.id + 99, "pdf")
    with refused("letter.form_unknown"):
        await reports.file(cast.officer, kept.id, "odt")
    with refused("letter.period_wrong"):
        await reports.draft(cast.officer, LETTER_DAY, AUGUST)


async def test_every_write_is_in_the_audit(
    reports: LetterService, cast: Cast, world: World
) -> None:
    await reports.write_block(cast.officer, LETTER_DAY, "stations.area", AREA)
    kept = await reports.keep(cast.officer, LETTER_DAY)

    rows = (await world.registry.audit.page(world.system, noun="report")).items

    assert [row.action for row in rows] == ["report.keep", "report.write"]
    assert rows[0].noun_id == kept.id
    assert rows[1].after["text"] == AREA


async def test_real_devices_count_and_simulated_ones_do_not(world: World) -> None:
    day = date(2026, 12, 1)

    figures = (
        await gatherer_of(world.registry, world.clock).gather(world.system, day, day, {})
    ).devices

    assert figures.devices == len(world.red.devices) + len(world.blue.devices)
    assert figures.synthetic == 0
    assert all(sector.active_percent is None for sector in figures.sectors)


def _leader(cast: Cast):
    from tests.registry.world import viewer_of

    return viewer_of(cast.department, permissions={"report.read"})


def _count(operator: int, count: int) -> NewCount:
    return NewCount(
        operator=operator,
        technology="5G",
        count=count,
        as_of=LETTER_DAY,
        as_of_mark="as reported on",
        source=Source("Đính chính của doanh nghiệp"),
    )
