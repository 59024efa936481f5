"""Whatever a request names by number: another organisation's is refused in the words for nobody's."""

import re

from litestar import Litestar

from tests.api.province import Client, Party, Province, log_in
from tests.api.references import NAMES, Reference, references_of, unknown_numbers
from tests.api.test_leak_walk import app, walker

__all__ = ("app", "walker")

NOBODY = 8_000_000_007
MEANT_FOR_OTHERS = {"POST /api/platform/v1/loans to_org"}
"""One lends to another organisation: which there are is known to all who lend."""
SERVER_ERROR = 500


def owned(party: Party, name: str) -> int | None:
    """The number of a party's own thing."""
    own = {"org": int(party.org), "device": int(party.devices[0].id), **party.things}
    return own.get(name)


async def test_no_request_reaches_what_another_organisation_has(
    app: Litestar, walker: Client, province: Province
) -> None:
    """Answers about a stranger's thing and about nothing differ in the number alone."""
    mine, other = province.a, province.b
    await log_in(walker, await province.person("enterprise", mine.org))
    walked: set[str] = set()
    told: list[str] = []
    for reference in references_of(app, mine, province.zone):
        number = owned(other, NAMES[reference.field])
        if number is None:
            continue
        foreign = await answer(walker, reference, number)
        nobodys = await answer(walker, reference, NOBODY)
        walked.add(reference.field)
        if str(reference) in MEANT_FOR_OTHERS:
            continue
        if foreign != nobodys or other.mark in foreign[1]:
            told.append(f"{reference}: {foreign} but {nobodys}")

    assert told == [], "\n".join(told)
    assert walked >= {
        "org", "device", "devices", "other_device", "group", "chain", "webhook", "people",
        "webhooks", "calendar", "person", "alarms", "parent", "to_org",
    }  # fmt: skip
    await unchanged(province, other)


async def answer(walker: Client, reference: Reference, number: int) -> tuple[int, str]:
    """What comes back, without the number and what is made anew each time."""
    ask = reference.ask
    response = await walker.request(
        ask.method, ask.path, params=ask.query, json=reference.naming(number)
    )
    assert response.status_code < SERVER_ERROR, (str(reference), response.text)
    text = re.sub(rf"\b{number}\b", "N", response.text)
    return response.status_code, re.sub(
        r'("(id|trace|key|[a-z_]*_ms)": ?)"?[\w-]+"?', r"\1_", text
    )


async def unchanged(province: Province, party: Party) -> None:
    for device in party.devices:
        assert await province.registry.devices.one(province.root, device.id) == device
    members = await province.registry.groups.members(province.root, party.things["group"])
    assert members == [party.devices[1].id]


async def test_every_whole_number_of_a_body_is_a_name_or_known_to_be_none(
    app: Litestar,
) -> None:
    assert " ".join(sorted(unknown_numbers(app))) == ""
