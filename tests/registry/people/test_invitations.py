"""Invitations at their edges: in which words, for how long, for whom, and what ends them."""

import pytest

from tests.registry.world import DAY_MS, PASSWORD, World, refused, viewer_of
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.viewer import PERMISSIONS
from tram.registry.people import invitations
from tram.registry.people.views import NewInvitation
from tram.runtime.errors import TramError

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)
SITE = "https://tram.example"


async def invited(world: World, **given: object) -> tuple[int, str]:
    """Invite somebody; return the invitation's number and the secret of its link."""
    wanted = {"org": world.red.org, "email": "an@x.example", "name": "An", "role": "enterprise"}
    new = NewInvitation(**wanted | given)
    row = await world.registry.invitations.create(world.red.viewer, new, site=SITE)
    mail = (await world.registry.mails.due())[0]
    return row.id, mail.body.partition(f"{SITE}/invitations/")[2].split()[0]


async def state(world: World, number: int) -> str:
    rows = await world.registry.invitations.listed(world.red.viewer)
    return next(row.state for row in rows if row.id == number)


@pytest.mark.parametrize(
    ("locale", "words"), [("vi", ["Lời mời", "mời bạn"]), ("en", ["invite", "invites you"])]
)
async def test_the_letter_speaks_the_language_of_who_is_invited(
    world: World, locale: str, words: list[str]
) -> None:
    await invited(world, locale=locale, name="Trần An")
    # ``invited`` has taken the mail for itself: it comes again when it was not sent.
    world.clock.advance(60_000)
    (mail,) = await world.registry.mails.due()

    text = f"{mail.subject}\n{mail.body}".lower()
    assert any(word.lower() in text for word in words), text
    assert "công ty đỏ" in text
    assert "người đỏ" in text
    assert "trần an" in text


async def test_an_invitation_is_over_after_its_time_and_says_so(world: World) -> None:
    number, secret = await invited(world)

    world.clock.advance(invitations.LIFE_MS - 1)
    assert (await world.registry.invitations.shown(secret)).org_name == "Công ty Đỏ"
    assert await state(world, number) == "waiting"
    world.clock.advance(1)

    assert await state(world, number) == "over"
    with refused("invitation.unknown"):
        await world.registry.invitations.shown(secret)
    with refused("invitation.unknown"):
        await world.registry.invitations.accept(secret, "an", PASSWORD, address="")
    world.clock.advance(31 * DAY_MS)
    await world.registry.personal.tidy()
    assert await world.registry.invitations.listed(world.red.viewer) == []


async def test_what_was_accepted_or_taken_back_is_taken_back_no_more(world: World) -> None:
    """The journal would tell of something that did not happen."""
    registry, red = world.registry, world.red
    accepted, secret = await invited(world)
    await registry.invitations.accept(secret, "an", PASSWORD, address="")
    revoked, _ = await invited(world, email="binh@x.example")

    for _ in range(2):
        await registry.invitations.revoke(red.viewer, accepted)
        await registry.invitations.revoke(red.viewer, revoked)

    assert await state(world, accepted) == "accepted"
    assert await state(world, revoked) == "revoked"
    page = await registry.audit.page(red.viewer, wanted=AuditFilter(action="invitation.revoke"))
    assert [row.noun_id for row in page.items] == [revoked]


async def test_a_login_that_is_taken_leaves_the_invitation_open(world: World) -> None:
    registry = world.registry
    number, secret = await invited(world)

    for login, password, code in (
        (world.blue.login.upper(), PASSWORD, "login.taken"),
        ("hai từ", PASSWORD, "person.wrong"),
        ("an", "ngắn", "password.wrong"),
    ):
        with refused(code):
            await registry.invitations.accept(secret, login, password, address="")
        assert await state(world, number) == "waiting"

    person = await registry.invitations.accept(secret, " AN ", PASSWORD, address="")
    assert (await registry.people.one(world.red.viewer, person)).login == "an"


async def test_all_that_is_wrong_with_an_invitation_is_said_at_once(world: World) -> None:
    with refused("invitation.wrong") as caught:
        await invited(
            world, name="An\u202e", email="x", role="king", sector="magic", zone=999, locale="fr"
        )

    assert {fault.field for fault in caught.value.faults} == {
        "name", "email", "role", "sector", "zone", "locale"
    }  # fmt: skip
    assert await world.registry.mails.due() == [], "nothing leaves"


async def test_neighbours_and_readers_neither_see_nor_end_nor_send(world: World) -> None:
    registry, red = world.registry, world.red
    number, _ = await invited(world)
    reader = viewer_of(red.org, permissions=PERMISSIONS - {"person.write"})
    new = NewInvitation(org=red.org, email="c@x.example", name="C", role="enterprise")

    assert await registry.invitations.listed(world.blue.viewer) == []
    assert await registry.invitations.listed(viewer_of(red.child)) == []
    assert [row.id for row in await registry.invitations.listed(reader)] == [number]
    with refused("invitation.unknown"):
        await registry.invitations.revoke(world.blue.viewer, number)
    for viewer in (reader, world.blue.viewer, viewer_of(red.org, sector="energy")):
        with refused("access.denied"):
            await registry.invitations.create(viewer, new, site=SITE)
    with refused("access.denied"):
        await registry.invitations.revoke(reader, number)
    assert await state(world, number) == "waiting"


async def test_so_many_wait_for_an_answer_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "WAITING_PER_ORG_MAX", 2)
    first, _ = await invited(world)
    await invited(world, email="b@x.example")

    with refused("invitation.wrong") as caught:
        await invited(world, email="c@x.example")
    assert [fault.code for fault in caught.value.faults] == ["invitations.too_many"]

    await world.registry.invitations.revoke(world.red.viewer, first)
    await invited(world, email="c@x.example")


async def test_guessing_at_links_has_to_wait_at_its_own_address_only(world: World) -> None:
    registry = world.registry
    _, secret = await invited(world)

    codes = []
    for number in range(12):
        with pytest.raises(TramError) as caught:
            await registry.invitations.shown(f"guess-{number}", address="203.0.113.50")
        codes.append(caught.value.code)

    assert codes[0] == "invitation.unknown"
    assert codes[-1] == "login.locked"
    assert (await registry.invitations.shown(secret, address="203.0.113.51")).name == "An"
