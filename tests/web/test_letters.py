"""An invitation by real mail, and log-in at a real OpenID Connect provider."""

import asyncio
import html
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from litestar import Litestar

from tests.api.conftest import LiveFeed, services_of
from tests.api.province import PASSWORD, Client, Province, open_client
from tests.repository import TESTS
from tram.api.http.oidc import OidcClient
from tram.api.http.rate_limits import Rates
from tram.api.http.session import API
from tram.fleet.store.serving.client import StoreClient
from tram.registry.kernel.views import NewPerson
from tram.registry.people.mail_sending import send_letters
from tram.registry.people.settings import MailSettings, OidcSettings
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock, SystemClock
from tram.runtime.processes.process import free_port
from tram.web.app import create_app

OIDC = TESTS / "oidc"
BACK = "http://testserver.local/login/oidc/back"


class Box:
    """A mail server's box."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refuse = False

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refuse:
            return "451 Later, please"
        self.mails.append(envelope.content)
        return "250 OK"


async def test_an_invitation_by_mail_opens_the_door_once(
    app: Litestar, person: Client, province: Province, clock: ManualClock
) -> None:
    box, port = Box(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings = MailSettings(host="127.0.0.1", port=port, security="none", sender="tram@x.example")
    sending = asyncio.create_task(
        send_letters(province.registry.mails, province.registry.set_aside, settings)
    )
    try:
        new = {
            "org": province.a.org,
            "email": "moi@x.example",
            "name": "Lê Văn Mời",
            "role": "enterprise",
        }
        asked = await person.post(f"{API}/invitations", json=new)
        assert asked.status_code == 201, asked.text
        async with asyncio.timeout(60):
            while not any(b"moi@x.example" in mail for mail in box.mails):
                clock.advance(60_000)  # the template's own letters are due too
                await asyncio.sleep(0.05)
    finally:
        sending.cancel()
        await asyncio.to_thread(server.stop)
    mail = next(
        message
        for content in box.mails
        if (message := message_from_bytes(content, policy=policy.default))["To"] == new["email"]
    )
    assert "LEAK-A Công ty" in mail["Subject"]
    link = re.search(r"http://\S+/invitations/\S+", mail.get_content()).group()

    person.cookies.clear()
    shown = await person.get(link)
    assert "Lê Văn Mời" in html.unescape(shown.text)
    short = await person.post(link, data={"login": "moi", "password": "short"})
    assert short.status_code == 422
    joined = await person.post(link, data={"login": "moi", "password": PASSWORD})
    assert (joined.status_code, joined.headers["location"]) == (303, "/login")
    opened = await person.post("/login", data={"login": "moi", "password": PASSWORD})
    assert opened.status_code == 303
    assert (await person.get(f"{API}/devices")).json()["total"] >= 1
    assert (await person.get(link)).status_code == 404


@pytest.fixture
def provider() -> object:
    node = shutil.which("node")
    assert node, "Node is missing: run tools/test_servers.py"
    assert (OIDC / "node_modules").exists(), f"Run: npm ci --prefix {OIDC}"
    port = free_port()
    process = subprocess.Popen(
        [node, "provider.mjs", str(port), BACK], cwd=OIDC, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    while "ready" not in (line := process.stdout.readline()):
        assert line or process.poll() is None, "the provider ended"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest_asyncio.fixture
async def site(  # noqa: PLR0917  # what the application is made of
    provider: str,
    registry: Registry,
    nowhere: StoreClient,
    live_feed: LiveFeed,
    clock: ManualClock,
    tmp_path: Path,
) -> AsyncIterator[Client]:
    settings = OidcSettings(
        issuer=provider, client_id="tram", client_secret="a secret of the tests", name="VNeID"
    )
    async with httpx.AsyncClient() as http:
        services = services_of(registry, nowhere, live_feed, clock, tmp_path)
        oidc = OidcClient(settings, b"k" * 32, SystemClock(), http)
        async with open_client(create_app(replace(services, oidc=oidc), "ops")) as client:
            client.follow_redirects = False
            yield client


async def at_provider(address: str, name: str) -> str:
    """Log in and agree at the provider as a browser does; return where it leads back to."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["location"])
                if target.startswith(BACK):
                    return target
                answer = await browser.get(target)
                continue
            action = re.search(r'action="([^"]+)"', answer.text).group(1)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text).group(1)
            form = {"prompt": prompt, "login": name, "password": "any"}
            answer = await browser.post(urljoin(str(answer.url), html.unescape(action)), data=form)
    pytest.fail("the provider never led back")


async def come_back(site: Client, name: str) -> httpx.Response:
    begun = await site.get("/login/oidc", params={"next": "/devices"})
    assert begun.status_code == 303
    return await site.get(await at_provider(begun.headers["location"], name))


async def test_another_log_in_opens_a_session_for_whom_is_known(
    site: Client, province: Province
) -> None:
    new = NewPerson(
        org=province.a.org, login="binh", name="Bình", password=PASSWORD, email="binh@x.example"
    )
    person = await province.registry.people.create(province.root, new)

    opened = await come_back(site, "binh")

    assert (opened.status_code, opened.headers["location"]) == (303, "/devices")
    assert (await site.get(f"{API}/me")).json()["name"] == "Bình"
    assert "VNeID" in (await guest_page(site))
    await province.registry.people.disable(province.root, person.id)
    stranger = await come_back(site, "binh")
    assert stranger.status_code == 403


async def guest_page(site: Client) -> str:
    site.cookies.clear()
    return (await site.get("/login")).text


async def test_a_stranger_and_an_unverified_mail_open_nothing(
    site: Client, province: Province
) -> None:
    new = NewPerson(
        org=province.a.org, login="new", name="Mới", password=PASSWORD, email="newcomer@x.example"
    )
    await province.registry.people.create(province.root, new)

    for name in ("nobody", "newcomer"):
        answer = await come_back(site, name)
        assert answer.status_code == 403, name
        site.cookies.clear()


async def test_an_answer_that_was_not_asked_for_opens_nothing(site: Client) -> None:
    begun = await site.get("/login/oidc")
    target = await at_provider(begun.headers["location"], "binh")

    wrong_state = await site.get(re.sub("state=[^&]+", "state=forged", target))
    assert wrong_state.status_code == 401
    site.cookies.clear()
    without_cookie = await site.get(target)
    assert without_cookie.status_code == 401


async def test_a_token_asks_as_often_as_it_may(
    province: Province, registry: Registry, nowhere: StoreClient, tmp_path: Path
) -> None:

    clock = ManualClock(0)
    rates = Rates(per_token=2, per_org=3)
    viewer = replace(province.root, token=1)

    for _ in range(2):
        rates.ask(viewer, clock.monotonic_s())
    with pytest.raises(Exception, match="Too many requests") as caught:
        rates.ask(viewer, clock.monotonic_s())
    assert caught.value.retry_after_s == 30
    rates.ask(replace(viewer, token=2), clock.monotonic_s())
    with pytest.raises(Exception, match="Too many requests"):
        rates.ask(province.root, clock.monotonic_s())  # the organisation's own bucket
    rates.ask(viewer, 60.0)


async def test_every_table_comes_in_every_form(person: Client) -> None:
    rows = (await person.get(f"{API}/devices.json")).json()
    csv = (await person.get(f"{API}/devices.csv")).text
    xlsx = await person.get(f"{API}/devices.xlsx")

    assert [row["name"] for row in rows]
    assert all(row["name"] in csv for row in rows)
    assert xlsx.content.startswith(b"PK")
    assert 'filename="devices.xlsx"' in xlsx.headers["content-disposition"]
    log = (await person.get(f"{API}/audit", params={"action": "export.make"})).json()
    assert {"devices.json", "devices.csv", "devices.xlsx"} <= {
        item["after"].rpartition("/")[2].rstrip('"}') for item in log["items"]
    }
