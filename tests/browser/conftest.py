"""One running product with its demo, and a browser that notices everything that should not be."""

import re
import shutil
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from tests.product import Product, wait_until
from tram.runtime.processes.process import free_port

# Maps are drawn by software; pages are put together without it, which takes half the time. A sandbox
# is not to be had as root.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
]
DRAWN_BY_SOFTWARE = "GPU stall due to ReadPixels"
"""What the browser says of itself when a map that software drew is put into its page."""
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PERSON = "quantri"
PATIENCE_S = 20


class Postbox:
    """A real mail server's box: what the product sends, by the address it goes to."""

    def __init__(self) -> None:
        self._mails: list[tuple[str, bytes]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self._mails.append((envelope.rcpt_tos[0], envelope.content))
        return "250 OK"

    def wait_for(self, address: str) -> str:
        """Return the text of the first mail to this address."""
        wait_until(lambda: address in dict(self._mails), f"a mail to {address}", PATIENCE_S)
        content = next(content for to, content in self._mails if to == address)
        return str(message_from_bytes(content, policy=policy.default).get_content())


@pytest.fixture(scope="package")
def mail_port() -> int:
    return free_port()


@pytest.fixture(scope="package")
def postbox(mail_port: int) -> Iterator[Postbox]:
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=mail_port)
    server.start()
    yield box
    server.stop()


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory, mail_port: int) -> Iterator[Product]:
    mail = {"HOST": "127.0.0.1", "PORT": str(mail_port), "SECURITY": "none", "SENDER": "tram@x.vn"}
    settings = {f"TRAM_MAIL_{name}": value for name, value in mail.items()}
    data = Path(tmp_path_factory.mktemp("browser")) / "data"
    product = Product(data, demo=True, settings=settings)
    try:
        yield product.start()
    finally:
        product.stop()


# By module: a browser that outlives it would leave its event loop to the next module's tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        assert path, "Chromium is missing: apt-get install chromium fonts-noto-core"
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def session_cookie(product: Product) -> dict[str, Any]:
    return cookie_of(product, PERSON)


def cookie_of(product: Product, login: str) -> dict[str, Any]:
    """Log a person in and return the cookie of the session."""
    form = {"login": login, "password": product.log_ins()[login], "next": "/"}
    answer = httpx.post(f"{product.web_url}/login", data=form)
    assert answer.status_code == 303, answer.text
    return {"name": "tram_session", "value": answer.cookies["tram_session"]}


class Visitor:
    """A tab whose faults are kept: console, errors, failed answers, requests to elsewhere."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self._origin = origin
        self._expected: list[re.Pattern[str]] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("response", self._on_response)
        self.page.on("request", lambda request: self._on_address(request.url))
        self.page.on("websocket", lambda socket: self._on_address(socket.url))

    def expect_failure(self, pattern: str) -> None:
        """Let answers from addresses like this one fail: the test provokes them."""
        self._expected.append(re.compile(pattern))

    def go(self, path: str) -> Page:
        self.page.goto(self._origin + path)
        return self.page

    def until(self, script: str, what: str) -> None:
        """Wait for a condition in the page; the strict policy forbids the usual way."""
        wait_until(lambda: self._settle(script), what, PATIENCE_S)

    def _settle(self, script: str) -> bool:
        self.page.wait_for_timeout(50)
        return bool(self.page.evaluate(script))

    def _on_console(self, message: Any) -> None:
        failed_load = "Failed to load resource" in message.text
        if DRAWN_BY_SOFTWARE in message.text:
            return
        if message.type in {"error", "warning"} and not (failed_load and self._expected):
            self.faults.append(f"console {message.type}: {message.text}")

    def _on_response(self, response: Response) -> None:
        expected = any(pattern.search(response.url) for pattern in self._expected)
        if response.status >= 400 and not expected:
            self.faults.append(f"{response.status} {response.url}")

    def _on_address(self, url: str) -> None:
        here = url.replace("ws:", "http:", 1).startswith(self._origin)
        if not here and not url.startswith(("data:", "blob:")):
            self.faults.append(f"request to {url}")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(product: Product, chromium: Browser, session_cookie: dict[str, Any]) -> Iterator[Visit]:
    """Open tabs; at the end every one of them must have been without fault."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def open_tab(
        *, guest: bool = False, phone: bool = False, dark: bool = False, login: str = ""
    ) -> Visitor:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            has_touch=phone,
        )
        contexts.append(context)
        if not guest:
            cookie = cookie_of(product, login) if login else session_cookie
            context.add_cookies([{**cookie, "url": product.web_url}])
        visitors.append(Visitor(context, product.web_url))
        return visitors[-1]

    yield open_tab
    for context in contexts:
        context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


@pytest.fixture(scope="module")
def demo_device(product: Product) -> int:
    """A simulated device that has sent readings."""
    with product.log_in() as client:
        wait_until(lambda: _sending(client), "a demo device sends", PATIENCE_S * 2)
        return _sending(client)[0]


def _sending(client: httpx.Client) -> list[int]:
    page = client.get("/devices", params={"state": "online", "limit": 5}).json()
    return [item["id"] for item in page["items"] if item["messages"] > 1]
