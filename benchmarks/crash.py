"""Is anything lost or doubled when a part of the product is killed under load?

    python -m benchmarks.crash --rounds 50

Devices send with QoS 0, 1 and 2 and over HTTP, with their own time, to two gateways; a connection
that breaks comes back to either. In each round every part in turn gets ``kill -9`` at a random
moment: the supervisor brings it back (killing the supervisor itself ends everything, and the
product is started again on the same folder; the second gateway is started again by the trial). Then
the devices finish: each sends again what was not acknowledged. In the end every acknowledged
message must be in the store, none twice, and each device's readings in the order it sent them.
``--outage 60`` stops the log for so many seconds instead of killing it.

This proves durability against the death of processes. It does not cut the power.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from tests.product import Beside, Product

from benchmarks.acknowledged import (
    Acknowledged,
    Verdict,
    check,
    log_end,
    open_store,
    wait_until_stored,
)
from benchmarks.load.devices import Fleet
from tram.runtime.logging import start_logging

__all__ = ("DEVICES", "PARTS", "Devices", "Trial", "judge", "kill_under_load", "main")

PARTS = ("gateway", "gateway-2", "store", "alarms", "web", "work", "nats", "supervisor")
DEVICES = 20
"""How many send in one trial; each trial takes others, so that sequence numbers stay unique."""
_FINISH_S_MAX = 90.0

Devices = Sequence[tuple[int, str]]
"""(device id, token) of each."""


class Trial(msgspec.Struct, frozen=True):
    """What the kills of a part did: acknowledged before the first and after the last of them."""

    part: str
    sent: int
    resent: int
    unacked: int
    acked_before: int
    acked_after: int
    verdict: Verdict

    @property
    def is_good(self) -> bool:
        """The promise was kept, and the product went on accepting."""
        return self.verdict.is_kept and not self.unacked and self.acked_after > 0


def kill_under_load(  # noqa: PLR0913  # whom, with what, when
    product: Product,
    second: Beside,
    devices: Devices,
    part: str,
    *,
    moments_s: Sequence[float] = (1.5,),
    after_s: float = 1.5,
    outage_s: float = 0,
) -> Trial:
    """Send, kill a part at each moment, send on, finish, and account for every message.

    ``moments_s`` are the seconds before each kill, from the start or from the part's return.
    """
    first = (product.ports["mqtt"], product.ports["http"])
    gateways = (first, (second.mqtt_port, second.http_port))
    with Fleet(first[0], devices, gateways=gateways) as fleet:
        acked: list[int] = []
        for moment_s in moments_s:
            time.sleep(moment_s)
            acked.append(len(fleet.acked))
            if outage_s:
                _stop_for(product, part, outage_s)
            else:
                _kill(product, second, part)
        back = len(fleet.acked)
        time.sleep(after_s)
        unacked = fleet.stop(_FINISH_S_MAX)
    return Trial(
        part=part,
        sent=fleet.sent,
        resent=fleet.resent,
        unacked=unacked,
        acked_before=acked[0],
        acked_after=len(fleet.acked) - back,
        verdict=judge(product, fleet.acknowledged()),
    )


def judge(product: Product, acknowledged: Acknowledged) -> Verdict:
    """Wait until the store has caught up and compare it with what the devices were promised."""
    return asyncio.run(_judge(product, acknowledged))


async def _judge(product: Product, acknowledged: Acknowledged) -> Verdict:
    async with open_store(product.data, product.ports["store"]) as store:
        await wait_until_stored(store, await log_end(product.data, product.ports["nats"]))
        return await check(store, acknowledged)


def _kill(product: Product, second: Beside, part: str) -> None:
    if part == "supervisor":
        second.kill()  # its ports of the log are those of a product that is gone
        product.end(signal.SIGKILL)
        product.start()
        second.start()
    elif part == "gateway-2":
        second.kill()
        second.start()
    else:
        product.wait_restarted(part, product.kill(part))


def _stop_for(product: Product, part: str, seconds: float) -> None:
    pid = product.pids[part]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


def main() -> int:
    """Run the rounds, print a line for each trial, end with 1 if a promise was broken."""
    options = _options()
    start_logging("benchmark", level="error")
    rng = random.Random(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="tram-crash-"))
    broken = trials = acked = 0
    product = Product(folder / "data").start()
    second = product.beside("gateway").start()
    try:
        devices = product.seed_devices(options.rounds * len(options.parts) * DEVICES)
        for number in range(options.rounds):
            for part in options.parts:
                some, devices = devices[:DEVICES], devices[DEVICES:]
                trial = kill_under_load(
                    product,
                    second,
                    some,
                    part,
                    moments_s=[rng.uniform(0.2, 3)],
                    after_s=rng.uniform(0.2, 3),
                    outage_s=options.outage,
                )
                trials += 1
                broken += not trial.is_good
                acked += trial.verdict.acked
                line = {"round": number + 1, "good": trial.is_good, **msgspec.to_builtins(trial)}
                print(msgspec.json.encode(line).decode(), flush=True)
    finally:
        second.kill()
        product.stop()
        if broken:
            print(f"The data folder is kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    summary = {"trials": trials, "broken": broken, "acked": acked}
    print(msgspec.json.encode(summary).decode())
    return 1 if broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.crash",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=10, help="kills of each part")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--outage", type=float, default=0, help="seconds stopped instead of killed"
    )
    parser.add_argument("--seed", type=int, default=1, help="decides the moments")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
