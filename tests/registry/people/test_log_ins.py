"""Second factor, recovery codes, sessions, invitations, API tokens, other log-ins, personal data."""

import msgspec
import pyotp

from tests.registry.world import DAY_MS, PASSWORD, World, refused
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewAssignment, NewDevice, NewPerson
from tram.registry.people.views import Challenge, NewApiToken, NewInvitation

ADDRESS = "203.0.113.9"


def code_of(world: World, secret: str) -> str:
    return pyotp.TOTP(secret).at(world.clock.now_ms() // 1000)


async def with_factor(world: World) -> tuple[str, list[str]]:
    offer = await world.registry.second_factor.offer(world.red.viewer)
    codes = await world.registry.second_factor.start(
        world.red.viewer, offer.secret, code_of(world, offer.secret)
    )
    return offer.secret, codes


async def challenge(world: World) -> str:
    found = await world.registry.sessions.log_in(world.red.login, PASSWORD, ADDRESS)
    assert isinstance(found, Challenge)
    return found.secret


async def test_a_code_opens_once(world: World) -> None:
    secret, _ = await with_factor(world)
    sessions = world.registry.sessions

    with refused("login.code_wrong"):  # the code that turned it on was used
        await sessions.answer(await challenge(world), code_of(world, secret), ADDRESS)
    world.clock.advance(30_000)
    waiting = await challenge(world)
    new = await sessions.answer(waiting, code_of(world, secret), ADDRESS)

    assert await sessions.viewer(new.secret) is not None
    with refused("login.challenge_over"):
        await sessions.answer(waiting, code_of(world, secret), ADDRESS)
    with refused("login.code_wrong"):
        await sessions.answer(await challenge(world), code_of(world, secret), ADDRESS)


async def test_guessed_codes_wait_like_guessed_passwords(world: World) -> None:
    await with_factor(world)
    waiting = await challenge(world)

    for _ in range(5):
        with refused("login.code_wrong"):
            await world.registry.sessions.answer(waiting, "000000", ADDRESS)

    with refused("login.locked"):
        await world.registry.sessions.answer(waiting, "000000", ADDRESS)
    world.clock.advance(5 * 60_000 + 1)
    with refused("login.challenge_over"):
        await world.registry.sessions.answer(waiting, "000000", ADDRESS)


async def test_each_recovery_code_opens_once(world: World) -> None:
    _, codes = await with_factor(world)
    sessions, factor = world.registry.sessions, world.registry.second_factor

    await sessions.answer(await challenge(world), codes[0].upper(), ADDRESS)

    with refused("login.code_wrong"):
        await sessions.answer(await challenge(world), codes[0], ADDRESS)
    assert (await factor.state(world.red.viewer)).recovery_left == 9
    renewed = await factor.renew_codes(world.red.viewer, PASSWORD)
    assert len(set(renewed)) == 10
    with refused("login.code_wrong"):
        await sessions.answer(await challenge(world), codes[1], ADDRESS)


async def test_the_factor_goes_with_the_password_only(world: World) -> None:
    await with_factor(world)
    factor = world.registry.second_factor

    with refused("password.wrong_now"):
        await factor.stop(world.red.viewer, "not the password")
    await factor.stop(world.red.viewer, PASSWORD)

    assert not (await factor.state(world.red.viewer)).on
    await world.registry.sessions.log_in(world.red.login, PASSWORD, ADDRESS)


async def test_an_administrator_takes_a_lost_factor_away(world: World) -> None:
    await with_factor(world)

    await world.registry.people.reset_factor(world.system, world.red.person)

    row = await world.registry.people.one(world.system, world.red.person)
    assert not row.has_totp
    found = await world.registry.sessions.log_in(world.red.login, PASSWORD, ADDRESS)
    assert not isinstance(found, Challenge)


async def test_sessions_are_listed_and_ended_one_by_one(world: World) -> None:
    sessions = world.registry.sessions
    first = await sessions.log_in(world.red.login, PASSWORD, "203.0.113.1", agent="Firefox")
    second = await sessions.log_in(world.red.login, PASSWORD, "203.0.113.2", agent="Chrome")

    rows = await sessions.listed(world.red.viewer)
    number = next(row.number for row in rows if row.agent == "Firefox")
    await sessions.revoke(world.red.viewer, number)

    assert {(row.address, row.agent) for row in rows} >= {
        ("203.0.113.1", "Firefox"), ("203.0.113.2", "Chrome")
    }  # fmt: skip
    assert await sessions.viewer(first.secret) is None
    assert await sessions.viewer(second.secret) is not None


async def test_an_invitation_makes_a_person_with_the_role_once(world: World) -> None:
    registry, red = world.registry, world.red
    new = NewInvitation(
        org=red.child, email="an@x.example", name="An", role="enterprise", sector="energy"
    )

    row = await registry.invitations.create(red.viewer, new, site="https://tram.example")

    (mail,) = await registry.mails.due()
    secret = mail.body.partition("https://tram.example/invitations/")[2].split()[0]
    assert (mail.to, row.state) == ("an@x.example", "waiting")
    shown = await registry.invitations.shown(secret)
    assert (shown.name, shown.email) == ("An", "an@x.example")
    person = await registry.invitations.accept(secret, "an", PASSWORD, address=ADDRESS)
    (role,) = await registry.people.assignments(red.viewer, person)
    assert (role.role, role.org, role.sector) == ("enterprise", red.child, "energy")
    await registry.sessions.log_in("an", PASSWORD, ADDRESS)
    with refused("invitation.unknown"):
        await registry.invitations.accept(secret, "an2", PASSWORD, address=ADDRESS)


async def test_nobody_invites_into_more_than_they_hold(world: World) -> None:
    registry = world.registry
    person = (await registry.people.page(world.red.viewer, search="nguoi")).items[0]
    await registry.people.unassign(world.system, world.red.assignment)
    given = NewAssignment(person=person.id, role="enterprise", org=world.red.org)
    await registry.people.assign(world.system, given)
    opened = await registry.sessions.log_in(world.red.login, PASSWORD, ADDRESS)
    enterprise = (await registry.sessions.viewer(opened.secret)).viewer

    new = NewInvitation(org=world.red.org, email="a@b.example", name="A", role="system-admin")
    with refused("access.denied"):
        await registry.invitations.create(enterprise, new, site="http://x")
    fine = NewInvitation(org=world.red.org, email="a@b.example", name="A", role="enterprise")
    row = await registry.invitations.create(enterprise, fine, site="http://x")
    (mail,) = await registry.mails.due()
    secret = mail.body.partition("http://x/invitations/")[2].split()[0]
    await registry.invitations.revoke(enterprise, row.id)

    with refused("invitation.unknown"):
        await registry.invitations.shown(secret)


async def test_mail_is_tried_again_and_forgotten_when_it_left(world: World) -> None:
    registry = world.registry
    new = NewInvitation(org=world.red.org, email="a@b.example", name="A", role="enterprise")
    await registry.invitations.create(world.red.viewer, new, site="http://x")

    (mail,) = await registry.mails.due()
    await registry.mails.failed(mail.id, "no answer")
    assert await registry.mails.due() == []
    world.clock.advance(60_000)
    (again,) = await registry.mails.due()
    assert again == mail
    await registry.mails.sent(mail.id)
    world.clock.advance(DAY_MS)

    assert await registry.mails.due() == []


async def test_a_token_may_what_is_named_and_its_person_may_and_no_more(world: World) -> None:
    registry, red = world.registry, world.red
    new = NewApiToken(name="QGIS", permissions=["device.read"], days=2, org=red.child)

    row, secret = await registry.api_tokens.create(red.viewer, new)

    session = await registry.api_tokens.viewer(secret, address=ADDRESS)
    viewer = session.viewer
    assert viewer.token == row.id
    assert [(s.org, s.permissions) for s in viewer.scopes] == [
        (red.child, frozenset({"device.read"}))
    ]
    names = {d.id for d in (await registry.devices.page(viewer)).items}
    assert names == {red.devices[1]}
    with refused("access.denied"):
        await registry.devices.create(
            viewer,
            NewDevice(name="x", org=red.child, profile=world.profile, sector="energy"),
        )
    with refused("access.person_needed"):
        await registry.api_tokens.create(viewer, new)
    (listed,) = await registry.api_tokens.listed(red.viewer)
    assert (listed.last_used_ms, listed.last_address) == (world.clock.now_ms(), ADDRESS)
    await registry.people.unassign(world.system, red.assignment)
    assert (await registry.api_tokens.viewer(secret)).viewer.scopes == ()


async def test_a_token_ends_at_its_time_or_when_revoked_or_with_its_person(world: World) -> None:
    registry, red = world.registry, world.red
    new = NewApiToken(name="QGIS", permissions=["device.read"], days=2)
    secrets = [(await registry.api_tokens.create(red.viewer, new))[1] for _ in range(2)]
    (newest, oldest) = await registry.api_tokens.listed(red.viewer)

    await registry.api_tokens.revoke(red.viewer, newest.id)
    assert await registry.api_tokens.viewer(secrets[1]) is None
    assert await registry.api_tokens.viewer(secrets[0]) is not None
    await registry.people.disable(world.system, red.person)
    assert await registry.api_tokens.viewer(secrets[0]) is None
    world.clock.advance(2 * DAY_MS)
    assert await registry.api_tokens.viewer(secrets[0]) is None
    assert oldest.id != newest.id


async def test_a_token_beyond_its_person_is_refused(world: World) -> None:
    weak = Viewer(world.red.person, world.red.org, "x", ())
    new = NewApiToken(name="", permissions=["device.read", "no.such"], days=0, sector="x")

    with refused("api_token.wrong") as caught:
        await world.registry.api_tokens.create(weak, new)

    fields = {fault.field for fault in caught.value.faults}
    assert fields == {"name", "permissions", "days", "sector"}


async def test_another_log_in_is_linked_by_a_verified_mail_once(world: World) -> None:
    registry, red = world.registry, world.red
    new = NewPerson(
        org=red.org, login="binh", name="Bình", password=PASSWORD, email="Binh@x.example"
    )
    person = (await registry.people.create(world.system, new)).id
    issuer = "https://id.example"

    with refused("oidc.stranger"):
        await registry.identities.person(issuer, "s1", None, address=ADDRESS)
    linked = await registry.identities.person(issuer, "s1", "binh@X.example", address=ADDRESS)
    again = await registry.identities.person(issuer, "s1", None, address=ADDRESS)
    with refused("oidc.stranger"):
        await registry.identities.person(issuer, "s2", "other@x.example", address=ADDRESS)
    await registry.people.disable(world.system, person)
    with refused("oidc.stranger"):
        await registry.identities.person(issuer, "s1", "binh@x.example", address=ADDRESS)

    assert linked == again == person


async def test_a_person_takes_their_data_and_is_erased_on_request(world: World) -> None:
    registry, red = world.registry, world.red
    opened = await registry.sessions.log_in(red.login, PASSWORD, ADDRESS)

    data = await registry.personal.export(red.viewer)
    text = msgspec.json.encode(data).decode()
    await registry.personal.erase(world.system, red.person)

    assert data.person["login"] == red.login
    assert {act["action"] for act in data.acts} >= {"session.start"}
    assert "argon2" not in text
    row = await registry.people.one(world.system, red.person)
    assert (row.name, row.login, row.disabled) == ("Người đã xoá", f"erased-{red.person}", True)
    assert await registry.sessions.viewer(opened.secret) is None
    with refused("login.wrong"):
        await registry.sessions.log_in(red.login, PASSWORD, ADDRESS)
    assert (await registry.audit.verify()).broken is None
