"""Routes of messages to devices and of profiles' free topics."""

from litestar import Router, get, post, put
from litestar.params import FromPath, JSONBody

from tram.api.devices.downlinks import (
    CallForm,
    DownlinkList,
    QueuedDownlink,
    SharedAttributes,
    TopicRules,
    call_device,
    list_downlinks,
    set_topic_rules,
    share_attributes,
    shared_attributes,
)
from tram.api.http.list_files import with_every_format
from tram.api.http.parameters import TakenServices, TakenViewer

__all__ = ("downlink_routes",)


@get("/devices/{device:int}/downlinks", summary="List messages to a device")
async def get_downlinks(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> DownlinkList:
    """The newest hundred: queued, delivered, answered, expired or failed."""
    return await list_downlinks(services, viewer, device)


@post("/devices/{device:int}/rpc", summary="Call a method of a device")
async def post_rpc(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int], data: JSONBody[CallForm]
) -> QueuedDownlink:
    """The device gets it at once, or when it connects; the answer stands in the list."""
    return await call_device(services, viewer, device, data)


@get("/devices/{device:int}/attributes/shared", summary="Shared attributes of a device")
async def get_shared(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> SharedAttributes:
    """What the platform tells the device about itself."""
    return await shared_attributes(services, viewer, device)


@post("/devices/{device:int}/attributes/shared", summary="Set shared attributes of a device")
async def post_shared(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    data: JSONBody[SharedAttributes],
) -> QueuedDownlink:
    """Values are set by name, null removes one; the device is told."""
    return await share_attributes(services, viewer, device, data.values)


@put("/profiles/{profile:int}/topics", summary="Set how free topics are read")
async def put_topics(
    services: TakenServices,
    viewer: TakenViewer,
    profile: FromPath[int],
    data: JSONBody[TopicRules],
) -> None:
    """Gateways follow within ten seconds."""
    await set_topic_rules(services, viewer, profile, data)


def downlink_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_downlinks,
                post_rpc,
                get_shared,
                post_shared,
                put_topics,
            ]
        ),
        tags=["downlinks"],
    )
