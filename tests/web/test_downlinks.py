"""The page of what a device is sent: a call and an attribute leave from it, faults come back to the form."""

from tests.api.province import Client, Province
from tests.web.test_registration import send


async def test_a_call_and_an_attribute_are_sent_from_the_page(
    person: Client, province: Province
) -> None:
    page = f"/devices/{province.a.devices[0].id}/downlinks"

    called = await send(person, page, f"{page}/calls", method="setLed", params='{"on": true}')
    told = await send(person, page, f"{page}/attributes", name="mode", value="eco")
    shown = (await person.get(page)).text

    assert (called.status_code, told.status_code) == (303, 303)
    assert "setLed({&#34;on&#34;:true})" in shown
    assert shown.count("Chờ thiết bị") == 2
    assert "<code>mode</code>" in shown
    await send(person, page, f"{page}/attributes", name="mode", value="")
    assert "<code>mode</code>" not in (await person.get(page)).text


async def test_what_cannot_be_sent_comes_back_to_its_field(
    person: Client, province: Province
) -> None:
    page = f"/devices/{province.a.devices[0].id}/downlinks"

    unread = await send(person, page, f"{page}/calls", method="setLed", params="{on}")
    nameless = await send(person, page, f"{page}/calls", method="")
    empty = await send(person, page, f"{page}/attributes", name="", value="1")

    assert [a.status_code for a in (unread, nameless, empty)] == [422, 422, 422]
    assert "Đây không phải JSON." in unread.text
    assert 'value="setLed"' in unread.text
    assert "Trường này còn trống." in empty.text
