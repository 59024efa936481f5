"""``tram up``: check, start the supervisor, say where everything is."""

import asyncio
import dataclasses
import json as json_format
import sys
from pathlib import Path
from typing import Any

from tram.app.commands.terminal import DEFAULT_DATA, Data
from tram.app.installation.installation import Installation, open_installation
from tram.app.installation.ports import inner_ports
from tram.app.installation.rotation import log_into
from tram.app.roles.process import run_role
from tram.app.supervision.announcement import facts, print_table
from tram.app.supervision.supervisor import supervise
from tram.runtime.errors import Refused
from tram.runtime.logging import start_logging
from tram.runtime.processes.process import run_until_signal

__all__ = ("up",)

_ROLES_BESIDE = ("gateway", "web")


def up(
    *, demo: bool = False, data: Data = DEFAULT_DATA, json: bool = False, role: str | None = None
) -> None:
    """Start the product and stay until Ctrl-C.

    Args:
        demo: Also simulate about 200 devices.
        data: The data folder; it is made where nothing is yet.
        json: Print one JSON object with ports and process ids instead of the table.
        role: Run only one more gateway or web process, beside a running product.
    """
    if role is None:
        _up_all(data, demo=demo, json=json)
    else:
        _up_role(data, role)


def _up_all(data: Path, *, demo: bool, json: bool) -> None:
    """Run the product until a signal comes.

    Raises:
        TramError: if it cannot start or a part cannot go on.
    """
    installation = open_installation(data)
    log_into(installation.folder, "supervisor")

    def announce(state: dict[str, Any]) -> None:
        if json:
            sys.stdout.write(json_format.dumps(facts(installation, state)) + "\n")
            sys.stdout.flush()
        else:
            print_table(installation, state)

    async def main(_stop: asyncio.Event) -> None:
        await supervise(installation, announce, demo=demo)

    with installation.folder.running.lock():
        run_until_signal(main)


def _up_role(data: Path, role: str) -> None:
    """Run one more process of a role beside a running product, on ports of its own.

    Raises:
        Refused: if the role cannot run twice.
        Unavailable: if the product does not run.
    """
    if role not in _ROLES_BESIDE:
        raise Refused(
            "role.unknown",
            f"The role {role!r} cannot run beside a running product.",
            f"Take one of {', '.join(_ROLES_BESIDE)}.",
        )
    installation = open_installation(data)
    installation.port("nats")
    start_logging(role)
    run_role(role, _on_own_port(installation, role))


def _on_own_port(installation: Installation, role: str) -> Installation:
    port = {f"ops_{role}": inner_ports()[f"ops_{role}"]}
    return dataclasses.replace(installation, ports=installation.ports | port)
