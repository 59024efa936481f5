"""Live views over a WebSocket: ``/live?device=ID`` (values and state) or ``/live?scope=map``.

Text frames: ``hello`` at the start, ``changes``, and ``resync`` after frames were skipped. The
socket ends with 4401 within seconds when its session ends, and with 1012 when the viewer's rights
changed (connect again).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from tram.api.http.errors import ours
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.http.session import CLOSE_NO_SESSION, address_of, current_session
from tram.api.live.broadcaster import Broadcaster, LiveClient, Wanted
from tram.domain.ids import DeviceId
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused, TramError

__all__ = ("live",)

CHECK_S = 2.0
"""How often a socket asks whether its session still lives and how far it sees."""
HELLO = '{"kind":"hello"}'
CLOSE_UNKNOWN = 4404
CLOSE_INVALID = 4422
CLOSE_RESTART = 1012
CLOSE_LATER = 1013
_CLOSE_OF_CODE = {
    "access.denied": CLOSE_UNKNOWN,
    "device.unknown": CLOSE_UNKNOWN,
    "session.token_wrong": CLOSE_NO_SESSION,
    "live.invalid": CLOSE_INVALID,
}

_Socket = WebSocket[Any, Any, Any]


class _EndedError(Exception):
    """This socket is over, with a close code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@websocket("/live")
async def live(socket: _Socket, services: TakenServices, viewer: TakenViewer) -> None:
    """Send changes until either side ends it."""
    broadcaster: Broadcaster = socket.app.state.broadcaster
    await socket.accept()
    try:
        async with _joined(socket, services, broadcaster, viewer) as client:
            await socket.send_text(HELLO)
            await _serve(socket, services, broadcaster, client)
    except _EndedError as end:
        await socket.close(end.code, end.reason)
    except WebSocketDisconnect:
        return


@asynccontextmanager
async def _joined(
    socket: _Socket, services: Services, broadcaster: Broadcaster, viewer: Viewer
) -> AsyncIterator[LiveClient]:
    try:
        wanted = _wanted(socket)
        await _may_look(services, viewer, wanted)
        client = await broadcaster.join(viewer, wanted, address_of(socket))
    except TramError as error:
        raise _ended(socket, error) from error
    try:
        await broadcaster.look()
        yield client
    finally:
        broadcaster.leave(client)


async def _serve(
    socket: _Socket, services: Services, broadcaster: Broadcaster, client: LiveClient
) -> None:
    """Run sender, listener and watch until one of them ends."""
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_send(socket, client))
            tasks.create_task(_listen(socket))
            tasks.create_task(_watch(socket, services, broadcaster, client))
    except* (_EndedError, WebSocketDisconnect) as ends:
        raise ends.exceptions[0] from None


async def _send(socket: _Socket, client: LiveClient) -> None:
    while True:
        await socket.send_data(await client.next(), mode="text")


async def _listen(socket: _Socket) -> None:
    """Wait for the client to leave; what it says means nothing here."""
    while True:
        await socket.receive_data(mode="text")


async def _watch(
    socket: _Socket, services: Services, broadcaster: Broadcaster, client: LiveClient
) -> None:
    """End the socket when its session or its right to look is over."""
    while True:
        await services.clock.sleep(CHECK_S)
        try:
            session = await current_session(socket)
            if session is None:
                raise _EndedError(CLOSE_NO_SESSION, "The session has ended.")
            await _may_look(services, session.viewer, client.key[1])
            if not await broadcaster.renew(client, session.viewer):
                raise _EndedError(CLOSE_RESTART, "Your rights have changed.")
        except TramError as error:
            raise _ended(socket, error) from error


async def _may_look(services: Services, viewer: Viewer, wanted: Wanted) -> None:
    if wanted.device is None:
        viewer.needs(Permission.DEVICE_READ)
    else:
        device = DeviceId(wanted.device)
        await services.registry.devices.one(viewer, device)
        await services.registry.reads.note(viewer, device, "live", "")


def _wanted(socket: _Socket) -> Wanted:
    device = socket.query_params.get("device", "")
    if socket.query_params.get("scope") == "map" and not device:
        return Wanted(None)
    if device.isascii() and device.isdigit():
        return Wanted(int(device))
    raise Refused(
        "live.invalid",
        "A live view needs a device or scope=map.",
        "Connect to /live?device=ID or /live?scope=map.",
        (Fault("device", "device.no_number"),),
    )


def _ended(socket: _Socket, error: TramError) -> _EndedError:
    found = ours(socket, error)
    return _EndedError(_CLOSE_OF_CODE.get(found.code, CLOSE_LATER), found.sentence)
