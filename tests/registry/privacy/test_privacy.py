"""Consents and requests about personal data: kept, listed, answered once."""

from tests.registry.world import DAY_MS, World, refused
from tram.registry.privacy.privacy import ALARM_MAIL, WORDINGS, NewDataRequest


async def test_a_consent_is_kept_with_its_words_and_when_it_was_taken_back(world: World) -> None:
    privacy, me = world.registry.privacy, world.red.viewer

    await privacy.give(me, ALARM_MAIL)
    await privacy.give(me, ALARM_MAIL)
    world.clock.advance(1_000)
    await privacy.withdraw(me, ALARM_MAIL)
    await privacy.give(me, ALARM_MAIL)

    again, first = await privacy.my_consents(me)
    assert (first.wording, first.locale) == (WORDINGS[ALARM_MAIL], "vi")
    assert first.withdrawn_ms == again.given_ms == world.clock.now_ms()
    assert again.withdrawn_ms is None
    assert await privacy.consents(world.system) == [again, first]
    assert await privacy.consents(world.blue.viewer) == []
    with refused("consent.wrong"):
        await privacy.give(me, "everything")


async def test_a_request_is_due_listed_and_answered_once(world: World) -> None:
    privacy, me = world.registry.privacy, world.red.viewer

    made = await privacy.ask(me, NewDataRequest(kind="access", note="Xin bản sao", days=10))
    on_paper = NewDataRequest(kind="erasure", note="", days=3)
    paper = await privacy.enter(world.system, world.red.person, on_paper)
    listed = await privacy.requests(world.system)
    await privacy.answer(world.system, made.id, "Đã gửi")

    assert made.due_ms == made.received_ms + 10 * DAY_MS
    assert [row.id for row in listed] == [paper.id, made.id]
    mine = {row.id: row for row in await privacy.my_requests(me)}
    assert mine[made.id].answer == "Đã gửi"
    assert mine[made.id].answered_ms == world.clock.now_ms()
    with refused("data_request.unknown"):
        await privacy.answer(world.system, made.id, "Hai lần")
    with refused("data_request.wrong"):
        await privacy.ask(me, NewDataRequest(kind="gossip", note="", days=1))


async def test_open_requests_of_a_person_are_bounded(world: World) -> None:
    new = NewDataRequest(kind="access", note="", days=1)
    for _ in range(20):
        await world.registry.privacy.ask(world.red.viewer, new)

    with refused("data_request.wrong"):
        await world.registry.privacy.ask(world.red.viewer, new)


async def test_proof_of_consent_and_requests_outlives_the_person_without_words(
    world: World,
) -> None:
    privacy = world.registry.privacy
    await privacy.give(world.red.viewer, ALARM_MAIL)
    new = NewDataRequest(kind="erasure", note="Tôi, Người Đỏ, xin xoá", days=1)
    await privacy.ask(world.red.viewer, new)

    await world.registry.personal.erase(world.system, world.red.person)

    (consent,) = await privacy.consents(world.system)
    (request,) = await privacy.requests(world.system)
    assert (consent.person, request.person) == (world.red.person, world.red.person)
    assert (request.note, request.person_name) == ("", "Người đã xoá")
