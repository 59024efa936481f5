"""The role ``gateway``: devices in, blocks out."""

import asyncio
import secrets
from functools import partial

from tram.app.installation.installation import Installation
from tram.fleet.block.block import BOOT_ID_CHARS
from tram.fleet.device_api.interfaces import GatewayDependencies
from tram.fleet.gateway.gateway import Gateway
from tram.fleet.gateway.protocol import installed_protocols
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.publisher import LogPublisher
from tram.fleet.log.sessions import SessionLog
from tram.fleet.sync.admission import admitted
from tram.fleet.sync.downlinks import DownlinkFollower, ReportLog
from tram.fleet.sync.gateway_peers import PeerLink
from tram.fleet.sync.identity_follower import IdentityFollower
from tram.fleet.sync.registry_rpc import RegistryRpcClient
from tram.runtime.ops_port import OpsPort
from tram.runtime.processes.open_files import raise_file_limit

__all__ = ("run",)


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Serve devices until stopped; on the way out whatever was accepted reaches the log.

    Raises:
        TramError: if the ports are taken, or this boot may publish no more.
    """
    raise_file_limit()
    keys, clock = installation.keys, installation.clock
    link = await open_link(installation.log_access("gateway"), "gateway")
    boot = secrets.token_hex(BOOT_ID_CHARS // 2)
    # One file per boot: two gateways of one machine never write the same.
    file = installation.folder.run / f"identity-{boot}"
    rpc = RegistryRpcClient(link)
    identity = IdentityFollower(link, keys.hmac, file, clock, partial(admitted, rpc))
    downlinks, reports = DownlinkFollower(link), ReportLog(link)
    sessions, peers = SessionLog(link), PeerLink(link, boot, clock)
    neighbours = GatewayDependencies(
        identity,
        LogPublisher(link, boot, clock),
        rpc,
        downlinks.pending,
        reports,
        sessions,
        peers,
    )
    gateway = Gateway(
        installation.settings.gateway, neighbours, clock, boot, installed_protocols()
    )
    ops = OpsPort(installation.port("ops_gateway"), keys.ops, gateway.problem)
    following_ends = asyncio.Event()
    async with link, ops, asyncio.TaskGroup() as group:
        for part in (identity, downlinks, reports, sessions, peers):
            group.create_task(part.run(following_ends))
        try:
            await gateway.run(stop)
        finally:
            following_ends.set()
