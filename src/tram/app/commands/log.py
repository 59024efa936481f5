"""``tram log``: what servers of a NATS cluster need to know of this installation."""

import json

import cyclopts

from tram.app.commands.terminal import DEFAULT_DATA, Data, say
from tram.app.installation.installation import open_installation
from tram.app.installation.nats_server import authorization
from tram.fleet.log.streams import MESSAGE_BYTES_MAX

__all__ = ("log",)


log = cyclopts.App(
    name="log", help="The durable log: servers of a cluster instead of the own one."
)


@log.command
def users(*, data: Data = DEFAULT_DATA) -> None:
    """Print who may do what, for the configuration of every server of a cluster.

    The keys are public ones; the secret ones stay in the data folder, which is made where nothing
    is yet.

    Args:
        data: The data folder.
    """
    installation = open_installation(data)
    needed = {
        "max_payload": MESSAGE_BYTES_MAX,
        "jetstream": {"sync_interval": "always"},
        "authorization": authorization(installation.keys),
    }
    say(json.dumps(needed, indent=1, ensure_ascii=False))
