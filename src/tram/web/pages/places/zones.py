"""One zone: what stands in it, what is kept of it, and a form for who keeps the province's data."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.network.operator_presence import presence_of_zone, presence_rule
from tram.api.places.zone_facts import (
    ZoneFactsForm,
    ZoneFactsView,
    change_zone_facts,
    list_authorities,
    show_zone_facts,
)
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.areas.presence import RULES
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, faults_of
from tram.web.rendering import Screen, TakenScreen


@get("/network/zones/{zone:int}")
async def zone_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, zone: FromPath[int]
) -> Response[str]:
    """Show what is kept of a zone."""
    found = await show_zone_facts(services, viewer, zone)
    return await _show(services, viewer, screen, (found, _typed(found)))


@post("/network/zones/{zone:int}", status_code=HTTPStatus.CREATED)
async def mend_zone(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    zone: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Keep what was typed."""
    found = await show_zone_facts(services, viewer, zone)
    typed = Typed(data)
    form = ZoneFactsForm(
        authority=typed.choice("authority") if data.get("authority") else None,
        needs=typed.text("needs"),
        state=typed.text("state"),
        note=typed.text("note"),
        area_ha=typed.decimal("area_ha"),
        area_source=typed.text("area_source"),
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            await change_zone_facts(services, viewer, zone, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"/network/zones/{zone}", status_code=303)
    return await _show(services, viewer, screen, (found, data), faults)


async def _show(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    about: tuple[ZoneFactsView, Mapping[str, str]],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    found, data = about
    return screen.show(
        "places/zone.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="zones",
        zone=found,
        presence=await presence_of_zone(
            services, viewer, found.zone, [presence_rule(kind) for kind in RULES]
        ),
        authorities=await list_authorities(services, viewer),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


def _typed(found: ZoneFactsView) -> dict[str, str]:
    """Return what is kept as its form shows it; an empty area means: leave it."""
    return {
        "authority": "" if found.authority is None else str(found.authority),
        "needs": found.needs,
        "state": found.state,
        "note": found.note,
    }
