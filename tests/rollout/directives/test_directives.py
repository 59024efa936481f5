"""Documents, tasks, recommendations and firms: the letter's own, as of any day, with their traces."""

from datetime import date, timedelta

import msgspec
import pytest

from tests.provinces import QUANG_NGAI
from tests.registry.world import World, refused
from tests.rollout.conftest import LETTER_DAY, Cast, by_key
from tram.rollout.directives.directives import Directives
from tram.rollout.directives.tasks import verdict_of
from tram.rollout.directives.views import (
    DocumentEdit,
    NewDocument,
    NewProvider,
    NewRecommendation,
    NewTask,
    Offer,
    RecommendationEdit,
    Task,
    TaskEdit,
)

PLAN = NewDocument(
    key="P1",
    role="directive",
    kind="Kế hoạch",
    number="400/KH-UBND",
    issued_on=date(2025, 9, 5),
    issuer="UBND tỉnh Quảng Ngãi",
    subject="về triển khai hạ tầng 5G và IoT tại các khu công nghiệp",
)
FIRM = NewProvider(
    name="Công ty Giải pháp Mẫu",
    offers=[Offer("agriculture", "Tưới tự động"), Offer("energy", "Giám sát điện")],
    references=["Hợp tác xã mẫu"],
    contact="văn phòng",
)


async def task_of(directives: Directives, cast: Cast, key: str, day: date) -> Task:
    tasks = await directives.tasks.list(cast.reader, day=day)
    return next(task for task in tasks if task.key == key)


async def test_letters_documents_stand_in_its_order(directives: Directives, cast: Cast) -> None:
    listed = await directives.documents.list(cast.reader, role="directive")

    assert [(doc.key, doc.number, doc.issued_on) for doc in listed] == [
        ("D1", "359-KH/TU", date(2025, 4, 29)),
        ("D2", "252/KH-UBND", date(2024, 12, 31)),
        ("D3", "327/KH-UBND", date(2025, 5, 26)),
        ("D4", "2763/UBND-KGVX", date(2025, 5, 12)),
        ("D5", "167/TB-UBND", date(2025, 4, 3)),
    ]
    assert [doc.key for doc in listed if not doc.issuer_stated] == ["D4", "D5"]
    bases = await directives.documents.list(cast.reader, role="basis")
    assert [(doc.key, doc.number) for doc in bases] == [
        ("R1", "57-NQ/TW"), ("R2", "71/NQ-CP")
    ]  # fmt: skip
    request = await by_key(directives.documents, cast.reader, "R3")
    assert (request.issuer, request.asks) == ("Cục Viễn thông", ["build", "issue", "carry-out"])


async def test_documents_are_linked_to_what_they_rest_on(
    directives: Directives, cast: Cast
) -> None:
    plan = await by_key(directives.documents, cast.reader, "D3")
    letter = await by_key(directives.documents, cast.reader, "L1")

    assert [(link.relation, link.key) for link in plan.links] == [
        ("implements", "R2"), ("implements", "D1"), ("rests-on", "R1")
    ]  # fmt: skip
    assert ("answers", "R3") in [(link.relation, link.key) for link in letter.links]
    assert letter.number == ""


async def test_documents_are_found_without_accents_and_until_a_day(
    directives: Directives, cast: Cast
) -> None:
    for words, keys in (("chien luoc ha tang", {"QD1132"}), ("71/nq-cp", {"D3", "R2"})):
        found = await directives.documents.list(cast.reader, search=words)
        assert {doc.key for doc in found} == keys

    old = await directives.documents.list(cast.reader, role="directive", until=date(2025, 4, 3))
    assert [doc.key for doc in old] == ["D2", "D5"]


async def test_document_is_made_changed_and_linked_with_its_traces(
    directives: Directives, cast: Cast, world: World
) -> None:
    made = await directives.documents.create(cast.officer, PLAN)
    base = await by_key(directives.documents, cast.reader, "R3")
    linked = await directives.documents.link(cast.officer, made.id, "answers", base.id)
    assert await directives.documents.link(cast.officer, made.id, "answers", base.id) == linked
    edit = DocumentEdit(
        **{name: getattr(made, name) for name in DocumentEdit.__struct_fields__}
        | {"note": "đã ký"}
    )
    changed = await directives.documents.change(cast.officer, made.id, edit)
    assert (changed.note, changed.links) == ("đã ký", linked.links)
    bare = await directives.documents.unlink(cast.officer, made.id, "answers", base.id)
    assert await directives.documents.unlink(cast.officer, made.id, "answers", base.id) == bare

    page = await world.registry.audit.page(cast.officer, noun="document", noun_id=made.id)
    assert [row.action for row in page.items] == [
        "document.unlink", "document.change", "document.link", "document.create"
    ]  # fmt: skip
    assert (page.items[1].before["note"], page.items[1].after["note"]) == ("", "đã ký")
    assert page.items[2].after["links"][0]["key"] == "R3"
    assert {row.org for row in page.items} == {cast.department}


async def test_faults_of_a_document_are_all_named(directives: Directives, cast: Cast) -> None:
    wrong = msgspec.structs.replace(
        PLAN, role="x", kind="", number="359 -KH/TU", mark="x", asks=["fly", "fly"], place=-1
    )

    with refused("document.wrong") as caught:
        await directives.documents.create(cast.officer, wrong)

    assert {fault.field for fault in caught.value.faults} == {
        "role", "kind", "number", "mark", "asks", "place"
    }  # fmt: skip
    with refused("document.taken"):
        await directives.documents.create(cast.officer, msgspec.structs.replace(PLAN, key="D1"))
    with refused("document.unknown"):
        await directives.documents.one(cast.reader, 999)
    first = await by_key(directives.documents, cast.reader, "D1")
    for relation, to in (("x", 999), ("cites", first.id)):
        with refused("document.wrong"):
            await directives.documents.link(cast.officer, first.id, relation, to)


async def test_plan_of_august_is_missed_by_days(directives: Directives, cast: Cast) -> None:
    then = await task_of(directives, cast, "R3-3", LETTER_DAY)
    later = await task_of(directives, cast, "R3-3", date(2025, 9, 3))

    assert (then.state, then.deadline, then.verdict, then.days_over) == (
        "planned", date(2025, 8, 31), "open", 0
    )  # fmt: skip
    assert (later.verdict, later.days_over) == ("missed", 3)
    assert later.deadline_text.startswith("dự kiến trong tháng 8/2025")
    overdue = await directives.tasks.list(cast.reader, day=later.day, overdue=True)
    assert [task.key for task in overdue] == ["R3-3"]
    # Today is in November 2026 here.
    assert (await directives.tasks.one(cast.reader, later.id)).days_over == 444


@pytest.mark.parametrize(
    ("state", "on", "deadline", "verdict"),
    [
        ("planned", 0, 10, ("open", 0)),
        ("planned", 0, 4, ("missed", 1)),
        ("in-progress", 0, 5, ("open", 0)),
        ("in-progress", 0, None, ("no-deadline", 0)),
        ("done", 3, 4, ("done", 0)),
        ("done", 5, 2, ("done-late", 3)),
        ("done", 3, None, ("done", 0)),
        ("cancelled", 0, 1, ("cancelled", 0)),
    ],
)
def test_verdict_of_a_task_after_five_days(
    state: str, on: int, deadline: int | None, verdict: tuple[str, int]
) -> None:
    due = None if deadline is None else LETTER_DAY + timedelta(deadline)

    given = verdict_of(state, LETTER_DAY + timedelta(on), due, LETTER_DAY + timedelta(5))

    assert given == verdict


async def test_old_day_shows_the_state_of_that_day(directives: Directives, cast: Cast) -> None:
    task = await task_of(directives, cast, "R3-2", LETTER_DAY)

    await directives.tasks.move(
        cast.officer, task.id, state="done", on=date(2025, 9, 10), note="Đã trình"
    )

    assert (await task_of(directives, cast, "R3-2", LETTER_DAY)).state == "in-progress"
    now = await task_of(directives, cast, "R3-2", date(2025, 9, 10))
    assert (now.state, now.state_on, now.state_note) == ("done", date(2025, 9, 10), "Đã trình")
    assert [(event.state, event.entered_by) for event in now.history] == [
        ("in-progress", "system"), ("done", "someone")
    ]  # fmt: skip
    done = await directives.tasks.list(cast.reader, state="done")
    assert [item.key for item in done] == ["R3-2"]
    # Of two entries of one day the later one holds; the earlier stays in the history.
    await directives.tasks.move(
        cast.officer, task.id, state="in-progress", on=date(2025, 9, 10), note="Nhầm"
    )
    again = await task_of(directives, cast, "R3-2", date(2025, 9, 11))
    assert (again.state, len(again.history)) == ("in-progress", 3)


async def test_task_is_not_listed_before_it_was_given(directives: Directives, cast: Cast) -> None:
    before = await directives.tasks.list(cast.reader, day=date(2025, 4, 2))
    given = await directives.tasks.list(cast.reader, day=date(2025, 4, 3))

    assert (before, [task.key for task in given]) == ([], ["D5-1"])
    assert given[0].verdict == "no-deadline"
    with refused("task.unknown"):
        await directives.tasks.one(cast.reader, given[0].id, day=date(2025, 4, 2))


async def test_task_is_made_changed_and_moved_with_its_traces(
    directives: Directives, cast: Cast, world: World
) -> None:
    document = await by_key(directives.documents, cast.reader, "D2")
    made = await directives.tasks.create(
        cast.officer,
        NewTask(
            key="D2-1", document=document.id, text="Lập danh sách", responsible="Sở Công Thương",
            on=LETTER_DAY,
        ),
    )  # fmt: skip
    edit = TaskEdit(
        text=made.text, responsible=made.responsible, step="review", deadline=date(2025, 10, 1)
    )
    await directives.tasks.change(cast.officer, made.id, edit)
    await directives.tasks.move(cast.officer, made.id, state="cancelled", on=date(2025, 9, 1))

    mine = await directives.tasks.list(cast.reader, document=document.id)
    assert [(task.key, task.document_number, task.verdict) for task in mine] == [
        ("D2-1", "252/KH-UBND", "cancelled")
    ]
    rows = (await world.registry.audit.page(cast.officer, noun="task", noun_id=made.id)).items
    assert [row.action for row in rows] == ["task.move", "task.change", "task.create"]
    assert (rows[0].before["state"], rows[0].after["state"]) == ("assigned", "cancelled")
    assert (rows[1].before["deadline"], rows[1].after["deadline"]) == (None, "2025-10-01")


async def test_faults_of_a_task_are_named(directives: Directives, cast: Cast) -> None:
    task = await task_of(directives, cast, "R3-3", LETTER_DAY)
    wrong = NewTask(
        key="", document=999, text="", responsible="", step="x", state="x", on=date(2027, 1, 1)
    )

    with refused("task.wrong") as caught:
        await directives.tasks.create(cast.officer, wrong)
    assert {fault.field for fault in caught.value.faults} == {
        "key", "text", "responsible", "step", "state", "on"
    }  # fmt: skip
    good = {"text": "x", "responsible": "y", "on": LETTER_DAY}
    with refused("task.wrong"):
        await directives.tasks.create(cast.officer, NewTask(key="n", document=999, **good))
    with refused("task.taken"):
        await directives.tasks.create(
            cast.officer, NewTask(key="R3-3", document=task.document, **good)
        )
    with refused("task.wrong"):
        await directives.tasks.move(cast.officer, task.id, state="x", on=LETTER_DAY)
    with refused("task.unknown"):
        await directives.tasks.move(cast.officer, 999, state="done", on=LETTER_DAY)


async def test_recommendations_of_the_letter_know_the_rules_in_force(
    directives: Directives, cast: Cast
) -> None:
    listed = await directives.recommendations.list(cast.reader, day=LETTER_DAY)

    assert [(item.code, item.kinds, item.state) for item in listed] == [
        ("K1", ["rule"], "sent"), ("K2", ["rule", "money"], "sent"),
        ("K3", ["referral"], "sent"), ("K4", ["training"], "sent"),
    ]  # fmt: skip
    assert listed[0].existing == [f"QCVN {n}:2021/BTTTT" for n in (126, 127, 128, 129)]
    assert listed[1].existing[0].startswith("TCVN 13812:2023")
    assert await directives.recommendations.list(cast.reader, day=date(2025, 7, 29)) == []


async def test_answer_counts_from_its_day(
    directives: Directives, cast: Cast, world: World
) -> None:
    asked = (await directives.recommendations.list(cast.reader))[3]

    answered = await directives.recommendations.answer(
        cast.officer, asked.id, text="Sẽ mở lớp", on=date(2025, 10, 1)
    )

    assert (answered.state, answered.answer) == ("answered", "Sẽ mở lớp")
    before = await directives.recommendations.one(cast.reader, asked.id, day=date(2025, 9, 30))
    assert (before.state, before.answer, before.answered_on) == ("sent", "", None)
    declined = await directives.recommendations.answer(
        cast.officer, asked.id, text="Không", on=date(2025, 10, 2), declined=True
    )
    assert declined.state == "declined"
    page = await world.registry.audit.page(cast.officer, noun="recommendation", noun_id=asked.id)
    assert [row.action for row in page.items[:2]] == ["recommendation.answer"] * 2
    assert page.items[0].before["answer"] == "Sẽ mở lớp"
    with refused("recommendation.wrong") as caught:
        await directives.recommendations.answer(
            cast.officer, asked.id, text="Sớm quá", on=date(2025, 7, 1)
        )
    assert [fault.field for fault in caught.value.faults] == ["on"]


async def test_recommendation_is_made_and_changed(directives: Directives, cast: Cast) -> None:
    new = NewRecommendation(
        code="K5", text="Chia sẻ dữ liệu", to_whom="Cục Viễn thông", kinds=["rule"],
        made_on=date(2025, 8, 1),
    )  # fmt: skip
    made = await directives.recommendations.create(cast.officer, new)

    changed = await directives.recommendations.change(
        cast.officer,
        made.id,
        RecommendationEdit(
            text=made.text, to_whom=made.to_whom, kinds=["referral"], made_on=made.made_on
        ),
    )

    assert (changed.code, changed.kinds, changed.state) == ("K5", ["referral"], "sent")
    with refused("recommendation.taken"):
        await directives.recommendations.create(cast.officer, new)
    with refused("recommendation.unknown"):
        await directives.recommendations.one(cast.reader, 999)
    with refused("recommendation.wrong") as caught:
        await directives.recommendations.create(
            cast.officer, msgspec.structs.replace(new, code="", text="", kinds=[])
        )
    assert [fault.field for fault in caught.value.faults] == ["code", "text", "kinds"]


async def test_register_of_firms_starts_empty_and_is_searched(
    directives: Directives, cast: Cast, world: World
) -> None:
    assert await directives.providers.list(cast.reader) == []

    made = await directives.providers.create(cast.officer, FIRM)

    assert made == await directives.providers.one(cast.reader, made.id)
    assert await directives.providers.list(cast.reader, search="tuoi tu dong") == [made]
    assert await directives.providers.list(cast.reader, sector="energy") == [made]
    assert await directives.providers.list(cast.reader, sector="traffic") == []
    await directives.providers.change(
        cast.officer, made.id, msgspec.structs.replace(FIRM, references=[])
    )
    await directives.providers.remove(cast.officer, made.id)
    await directives.providers.remove(cast.officer, made.id)
    assert await directives.providers.list(cast.reader) == []
    rows = (await world.registry.audit.page(cast.officer, noun="provider", noun_id=made.id)).items
    assert [row.action for row in rows] == [
        "provider.remove", "provider.change", "provider.create"
    ]  # fmt: skip


async def test_faults_of_a_firm_are_named(directives: Directives, cast: Cast) -> None:
    with refused("provider.wrong") as caught:
        await directives.providers.create(
            cast.officer, NewProvider(name="", offers=[Offer("sea", "")], references=[""])
        )
    assert {fault.field for fault in caught.value.faults} == {
        "name", "offers.sector", "offers.text", "references"
    }  # fmt: skip
    with refused("provider.wrong"):
        await directives.providers.create(cast.officer, NewProvider(name="x", offers=[]))
    with refused("provider.unknown"):
        await directives.providers.one(cast.reader, 999)


async def test_reading_and_writing_need_their_permission(
    directives: Directives, cast: Cast, world: World
) -> None:
    for ask in (
        directives.documents.list(cast.outsider),
        directives.documents.one(cast.outsider, 1),
        directives.tasks.list(cast.outsider),
        directives.tasks.one(cast.outsider, 1),
        directives.recommendations.list(cast.outsider),
        directives.recommendations.one(cast.outsider, 1),
        directives.providers.list(cast.outsider),
        directives.providers.one(cast.outsider, 1),
    ):
        with refused("access.denied"):
            await ask
    # A house elsewhere in the tree has every permission, but not over the province's data.
    before = (await world.registry.audit.page(world.system)).total
    for viewer in (cast.reader, world.red.viewer):
        for write in (
            directives.documents.create(viewer, PLAN),
            directives.documents.link(viewer, 1, "cites", 2),
            directives.documents.unlink(viewer, 1, "cites", 2),
            directives.tasks.move(viewer, 1, state="done", on=LETTER_DAY),
            directives.recommendations.answer(viewer, 1, text="x", on=LETTER_DAY),
            directives.providers.create(viewer, FIRM),
        ):
            with refused("access.denied"):
                await write
    assert (await world.registry.audit.page(world.system)).total == before


async def test_seeding_again_changes_nothing(
    directives: Directives, cast: Cast, world: World
) -> None:
    document = await by_key(directives.documents, cast.reader, "L1")
    target = document.links[0]
    await directives.documents.unlink(cast.officer, document.id, target.relation, target.document)
    before = (await world.registry.audit.page(world.system)).total

    await directives.seed(world.system, QUANG_NGAI)

    assert (await world.registry.audit.page(world.system)).total == before
    assert target not in (await by_key(directives.documents, cast.reader, "L1")).links


async def test_register_without_its_keeper_says_so(directives: Directives, world: World) -> None:
    async with world.registry.database.write() as connection:
        await connection.exec_driver_sql(
            "UPDATE organisations SET code = 'GONE' WHERE code = 'SKHCN'"
        )

    with refused("organisation.owner_missing"):
        await directives.documents.create(world.system, PLAN)
