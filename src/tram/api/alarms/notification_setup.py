"""What surrounds the alarms as use cases: chains, calendars, webhooks, windows, drills, one's own."""

import msgspec

from tram.api.http.services import Services
from tram.domain.bounds import Line, MomentMs, Number
from tram.domain.permissions import Permission
from tram.fleet.alarms.views import (
    Calendar,
    Chain,
    Contact,
    Drill,
    MaintenanceWindow,
    NewMaintenance,
    SavedFilter,
    Webhook,
)
from tram.registry.kernel.viewer import Viewer
from tram.registry.privacy.privacy import ALARM_MAIL

__all__ = (
    "AlarmSetupView",
    "DrillForm",
    "FilterForm",
    "Made",
    "ParentForm",
    "TestForm",
    "Tested",
    "add_calendar",
    "add_chain",
    "add_webhook",
    "add_window",
    "alarm_setup",
    "end_drill",
    "end_window",
    "put_contact",
    "remove_filter",
    "remove_setup",
    "save_filter",
    "set_parent",
    "start_drill",
    "test_notice",
)


class AlarmSetupView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that surrounds the viewer's alarms."""

    chains: list[Chain]
    calendars: list[Calendar]
    webhooks: list[Webhook]
    windows: list[MaintenanceWindow]
    drills: list[Drill]
    filters: list[SavedFilter]
    contact: Contact
    as_of_ms: int


class Made(msgspec.Struct, frozen=True):
    """The number of what was made."""

    id: int


class DrillForm(msgspec.Struct, frozen=True):
    """A drill until a time, and why."""

    until_ms: MomentMs
    reason: Line


class ParentForm(msgspec.Struct, frozen=True):
    """The device through which another one speaks, or None."""

    parent: Number | None


class FilterForm(msgspec.Struct, frozen=True):
    """A query of the console under a name."""

    name: Line
    query: Line


class TestForm(msgspec.Struct, frozen=True):
    """A test notice to a webhook, or to oneself if none is named."""

    webhook: Number | None = None


class Tested(msgspec.Struct, frozen=True):
    """The key of the test notice, as the receiver sees it."""

    key: str


async def alarm_setup(services: Services, viewer: Viewer) -> AlarmSetupView:
    """Return chains, calendars, webhooks, windows, drills and one's own settings."""
    viewer.needs(Permission.ALARM_READ)
    setup, personal = services.alarms.setup, services.alarms.personal
    may = viewer.may(Permission.RULE_READ)
    return AlarmSetupView(
        chains=await setup.chains(viewer) if may else [],
        calendars=await setup.calendars(viewer) if may else [],
        webhooks=await setup.webhooks(viewer) if may else [],
        windows=await setup.windows(viewer),
        drills=await setup.drills(viewer),
        filters=await personal.filters(viewer),
        contact=await personal.contact(viewer),
        as_of_ms=services.clock.now_ms(),
    )


async def add_chain(services: Services, viewer: Viewer, form: Chain) -> Made:
    """Keep a chain; raises Refused with every wrong field."""
    return Made(await services.alarms.setup.add_chain(viewer, form))


async def add_calendar(services: Services, viewer: Viewer, form: Calendar) -> Made:
    """Keep a calendar; raises Refused with every wrong field."""
    return Made(await services.alarms.setup.add_calendar(viewer, form))


async def add_webhook(services: Services, viewer: Viewer, form: Webhook) -> Made:
    """Keep a webhook; raises Refused with every wrong field."""
    return Made(await services.alarms.setup.add_webhook(viewer, form))


async def remove_setup(services: Services, viewer: Viewer, noun: str, number: int) -> None:
    """Take away a chain, calendar or webhook; raises Refused ``alarm.setup_unknown``."""
    await services.alarms.setup.remove(viewer, noun, number)


async def add_window(services: Services, viewer: Viewer, form: NewMaintenance) -> Made:
    """Announce work; raises Refused with every wrong field."""
    return Made(await services.alarms.setup.add_window(viewer, form))


async def end_window(services: Services, viewer: Viewer, window: int) -> None:
    """End announced work now; raises Refused ``alarm.setup_unknown``."""
    await services.alarms.setup.end_window(viewer, window)


async def start_drill(services: Services, viewer: Viewer, form: DrillForm) -> Made:
    """Begin a drill; raises Refused with every wrong field."""
    made = await services.alarms.setup.start_drill(
        viewer, until_ms=form.until_ms, reason=form.reason
    )
    return Made(made)


async def end_drill(services: Services, viewer: Viewer, drill: int) -> None:
    """End a drill now; raises Refused ``alarm.setup_unknown``."""
    await services.alarms.setup.end_drill(viewer, drill)


async def set_parent(services: Services, viewer: Viewer, device: int, form: ParentForm) -> None:
    """Say through which device another one speaks; raises Refused ``device.unknown``."""
    await services.alarms.setup.set_parent(viewer, device, form.parent)


async def put_contact(services: Services, viewer: Viewer, form: Contact) -> Contact:
    """Keep how one wants to be told; raises Refused with every wrong field.

    Giving a mail address agrees to be written to there; taking it away takes that back.
    """
    await services.alarms.personal.set_contact(viewer, form)
    if form.email:
        await services.registry.privacy.give(viewer, ALARM_MAIL)
    else:
        await services.registry.privacy.withdraw(viewer, ALARM_MAIL)
    return await services.alarms.personal.contact(viewer)


async def save_filter(services: Services, viewer: Viewer, form: FilterForm) -> Made:
    """Keep a filter of one's own."""
    return Made(await services.alarms.personal.save_filter(viewer, form.name, form.query))


async def remove_filter(services: Services, viewer: Viewer, filter_id: int) -> None:
    """Forget a filter of one's own."""
    await services.alarms.personal.remove_filter(viewer, filter_id)


async def test_notice(services: Services, viewer: Viewer, form: TestForm) -> Tested:
    """Send a test notice; raises Refused ``alarm.no_contact``."""
    return Tested(await services.alarms.personal.test(viewer, form.webhook))
