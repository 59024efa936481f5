"""The kernels' machine code, made once for all processes of an installation.

A process of its own makes it, so that nobody who serves people or readings is held up; whoever
comes meanwhile waits for the same one.
"""

import fcntl
import subprocess
import sys

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.block.block import BlockBuilder, BlockHeader, Message, decode_block
from tram.fleet.device.rows import Row
from tram.fleet.rules.compiled import FOLDER
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.kinds import Limit, Missing, Rule, Spec
from tram.registry.kernel.changes import DevicePut, OrgPut

__all__ = ("exercise", "is_ready", "make_ready")

_MARK = "ready"
_START_MS = 1_700_000_000_000


def is_ready() -> bool:
    """Tell whether the machine code lies on disk."""
    return FOLDER is not None and (FOLDER / _MARK).exists()


def make_ready() -> None:
    """Return once the machine code lies on disk (some seconds after an installation, else at once).

    Where it cannot be kept, the first judgement of each process makes it.
    """
    if FOLDER is None or is_ready():
        return
    with (FOLDER / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready():
            subprocess.run(  # noqa: S603  # this module itself
                [sys.executable, "-m", __name__],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )


def exercise() -> RuleEngine:
    """Use every kernel once."""
    engine = RuleEngine()
    engine.set_facts(1, [OrgPut(1, [1]), DevicePut(1, 1, None, "", 1)])
    specs: list[Spec] = [Limit(metric="a", high=1.0), Missing(for_s=60)]
    engine.set_rules([Rule(id=n, version=1, org=1, spec=spec) for n, spec in enumerate(specs, 1)])
    for seq, late_ms in enumerate((0, 2_000, 1_000), 1):
        builder = BlockBuilder()
        sender = Message(
            DeviceId(1), OrgId(1), 0, duplicate=False, qos=1, protocol=1, fingerprint=1
        )
        builder.add_message(sender, [Row("a", _START_MS + late_ms, 2.0)])
        header = BlockHeader("ready00000000000", 1, _START_MS + seq * 10_000)
        engine.apply(seq, decode_block(builder.encode(header)))
    return engine


if __name__ == "__main__":
    exercise()
    if FOLDER is not None:
        (FOLDER / _MARK).touch()
