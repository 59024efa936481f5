"""Every role that is shipped arrives at a page, and no page leads it to where it may not go."""

import html
import re
from importlib.resources import files

import msgspec

from tests.api.province import Client, Province, log_in

ROLES = [
    role["name"]
    for role in msgspec.json.decode(
        files("tram.registry.seed").joinpath("roles.json").read_bytes()
    )
]
OPEN = {200, 503}  # the store is away here, which is no refusal


async def test_no_role_is_led_to_a_page_that_is_closed_to_it(
    guest: Client, province: Province
) -> None:
    closed: dict[str, dict[str, int]] = {}
    for role in ROLES:
        guest.cookies.clear()
        await log_in(guest, await province.person(role, province.a.org))
        home = (await guest.get("/")).text
        led = {"/", *_links(home)}
        if "/map" in led:
            led |= _links((await guest.get("/map?view=table")).text)
        answers = {address: (await guest.get(address)).status_code for address in sorted(led)}
        closed[role] = {where: code for where, code in answers.items() if code not in OPEN}

    assert closed == {role: {} for role in ROLES}


def _links(page: str) -> set[str]:
    """Return the addresses that a page leads to, one for all that differ in their query alone."""
    addresses = re.findall(r'<a [^>]*href="(/[^"#]*)"', page)
    return set(
        {address.partition("?")[0]: html.unescape(address) for address in addresses}.values()
    )
