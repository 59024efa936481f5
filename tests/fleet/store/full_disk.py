"""A store on a file system of a few megabytes, filled to its end and freed again, for a test."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.fleet.store.conftest import NOW_MS, World, opened, timed

DISK_MB = 96
LEFT_BYTES = 65_536
BLOCKS = 8
ROWS_PER_BLOCK = 5_000


def send_noise(world: World, first: int, count: int) -> None:
    """Send numbers that no codec makes small."""
    for number in range(first, first + count):
        values = np.random.default_rng(number).normal(size=ROWS_PER_BLOCK).tolist()
        start = NOW_MS + number * ROWS_PER_BLOCK
        world.blocks.message(10, *(timed("t", v, start + k) for k, v in enumerate(values)))
        world.blocks.send(NOW_MS + number)


async def fill_and_free(disk: Path) -> dict[str, object]:
    """Send, fill the disk, send more, free the disk; return what was seen."""
    async with opened(disk / "store") as world:
        send_noise(world, 0, 1)
        await world.settled()
        free = os.statvfs(disk)
        with (disk / "ballast").open("wb") as ballast:
            ballast.write(bytes(free.f_bavail * free.f_frsize - LEFT_BYTES))
        send_noise(world, 1, BLOCKS)
        async with asyncio.timeout(60):
            while world.store.problem() is None:
                await asyncio.sleep(0.01)
        problem = world.store.problem()
        (disk / "ballast").unlink()
        await world.settled()
        status = await world.client.status()
        found = await world.client.sql(
            "SELECT count() AS rows, uniqExact(log_seq, row_no) AS different FROM tram.readings"
        )
        return {
            "problem": problem,
            "problem_after": world.store.problem(),
            "quarantined": status.quarantined,
            **found.to_pylist()[0],
        }


def main() -> None:
    disk = Path(sys.argv[1])
    options = ["-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(disk)]
    subprocess.run(["mount", *options], check=True)
    sys.stdout.write(json.dumps(asyncio.run(fill_and_free(disk))))


if __name__ == "__main__":
    main()
