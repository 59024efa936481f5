"""The role ``web``: pages, programming interface and live views."""

import asyncio

import httpx

from tram.api.http.oidc import OidcClient
from tram.api.http.rate_limits import Rates
from tram.api.http.services import Services
from tram.app.composition.engines import open_registry, open_store
from tram.app.composition.registers import Registers
from tram.app.composition.services import (
    coverage_runs,
    export_folder,
    letter_service,
    station_imports,
)
from tram.app.installation.health import ask
from tram.app.installation.installation import Installation
from tram.fleet.log.nats_connection import open_link
from tram.fleet.store.serving.client import StoreClient
from tram.fleet.sync.live_frames import LiveBus
from tram.rollout.inventory.exchange.reader_process import READER
from tram.runtime.ops_port import OpsPort
from tram.runtime.processes.garbage_collector import collect_in_small_steps
from tram.runtime.watch.loops import LOOPS
from tram.runtime.watch.part_states import PartStatesFile
from tram.web.app import DeviceAddresses, create_app
from tram.web.serving.server import WebServer

__all__ = ("run",)

ASK_EVERY_S = 5.0
ASKED_S_MAX = 60.0
"""When the own port has not answered for so long, nobody is served."""


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Serve people until stopped; open WebSockets are told to come again.

    Raises:
        TramError: if the registry is newer than this program.
    """
    settings, keys = installation.settings.web, installation.keys
    link = await open_link(installation.log_access("web"), "web")
    registry = await open_registry(installation)
    store = open_store(installation)
    http = httpx.AsyncClient()
    live = LiveBus(link, installation.clock)
    services = _services(Registers(installation, registry), store, live, http)
    app = create_app(services, keys.ops, _device_addresses(installation))
    server = WebServer(app, settings.host, settings.port)
    ops = OpsPort(
        installation.port("ops_web"), keys.ops, lambda: None if server.started else "starting"
    )
    collect_in_small_steps()
    try:
        async with link, store, http, ops, asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve())
            serving.add_done_callback(lambda _: stop.set())
            asking = group.create_task(_ask_itself(installation, server))
            await stop.wait()
            asking.cancel()
            server.should_exit = True
    finally:
        READER.close()
        await registry.close()


async def _ask_itself(installation: Installation, server: WebServer) -> None:
    """Ask the own public port for ever: only an answer shows that people are served."""
    host = installation.settings.web.host
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  # compared, not bound
    heartbeat = LOOPS.begin("web serving", ASKED_S_MAX)
    while True:
        if not server.started or await ask(installation.settings.web.port, host=host):
            heartbeat.heartbeat()
        await installation.clock.sleep(ASK_EVERY_S)


def _services(
    registers: Registers, store: StoreClient, live: LiveBus, http: httpx.AsyncClient
) -> Services:
    """Put together what pages and interface need."""
    installation = registers.installation
    settings, clock, key = installation.settings, installation.clock, installation.keys.hmac
    web, oidc = settings.web, settings.oidc
    return Services(
        registry=registers.registry,
        store=store,
        live=live,
        settings=web,
        clock=clock,
        province=installation.province,
        inventory=registers.inventory,
        directives=registers.directives,
        reports=letter_service(registers, store),
        alarms=registers.alarms,
        privacy=settings.privacy,
        rates=Rates(web.token_requests_per_minute, web.org_requests_per_minute),
        oidc=OidcClient(oidc, key, clock, http) if oidc.issuer else None,
        sends_mail=bool(settings.mail.host),
        imports=station_imports(registers),
        coverage=coverage_runs(registers),
        exports=export_folder(installation),
        part_states=PartStatesFile(installation.folder.running.parts_file, clock),
    )


def _device_addresses(installation: Installation) -> DeviceAddresses:
    """Return where devices connect; an empty host means the one that the browser used."""
    gateway = installation.settings.gateway
    host = "" if gateway.host in ("0.0.0.0", "::") else gateway.host  # noqa: S104  # compared, not bound
    return DeviceAddresses(gateway.mqtt_port, gateway.http_port, host)
