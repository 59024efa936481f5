"""The attack, in a process of its own that gives way: attackers bring machines of their own.

What it takes to make the attack shall slow down neither the neighbours' clock nor the product; the run
says how many deeds were done, and in how much time of the processor.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.fuzzing.devices import HostileDevices
from tools.fuzzing.files import FILES
from tools.fuzzing.findings import Findings
from tools.fuzzing.people import HostilePeople
from tools.fuzzing.scene import Scene
from tools.fuzzing.strangers import DYING, HELD_MAX, Dripping, Holders, Senders, Storms

__all__ = ("Size", "act_again", "attack")

WHO = "attack"
NICER = 10
Act = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Size:
    """How much of everything: whole in a long run, less in a short one."""

    quiet_s: float
    attack_s: float
    held: int = HELD_MAX
    dying: int = DYING
    files: tuple[str, ...] = tuple(sorted(FILES))


@dataclass(frozen=True)
class Crowd:
    """Hostile ones of a kind: how many at once, and how long each rests between two deeds."""

    act: Act
    count: int
    rest_s: float


def attack(scene: Scene, size: Size, seed: str, folder: Path) -> None:
    """Attack for as long as asked; write deeds and findings into the folder."""
    _give_way()
    with _findings(folder) as findings:
        asyncio.run(_attack(scene, size, seed, findings))


def _give_way() -> None:
    os.nice(NICER)
    os.setsid()
    with contextlib.suppress(OSError):  # a kernel that does not share by session first
        Path("/proc/self/autogroup").write_text(str(NICER), encoding="ascii")


def act_again(scene: Scene, seed: str, folder: Path) -> None:
    """Do one deed of an earlier run: ``deeds.log`` has the seed of each."""
    with _findings(folder) as findings:
        asyncio.run(_again(scene, seed, findings))


@contextlib.contextmanager
def _findings(folder: Path) -> Iterator[Findings]:
    findings = Findings(folder, WHO)
    try:
        yield findings
    finally:
        findings.close()


def _crowds(
    scene: Scene, size: Size, people: HostilePeople, findings: Findings
) -> dict[str, Crowd]:
    return {
        "d": Crowd(HostileDevices(scene, findings).act, 6, 0.1),
        "p": Crowd(people.act, 3, 0.1),
        "f": Crowd(Senders(scene, findings, size.files).act, 1, 3.0),
        "h": Crowd(Holders(scene, findings, size.held).act, 2, 2.0),
        "s": Crowd(Storms(scene, findings, size.dying).act, 1, 10.0),
    }


async def _attack(scene: Scene, size: Size, seed: str, findings: Findings) -> None:
    people = HostilePeople(scene, findings)
    await people.open()
    end_s = time.monotonic() + size.attack_s
    tasks = [asyncio.create_task(Dripping(scene, findings).run())]
    for letter, crowd in _crowds(scene, size, people, findings).items():
        tasks += [
            asyncio.create_task(_crowd(crowd, f"{seed}:{letter}{number}", end_s))
            for number in range(crowd.count)
        ]
    await asyncio.wait(tasks, timeout=size.attack_s, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    await people.close()
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _crowd(crowd: Crowd, seed: str, end_s: float) -> None:
    number = 0
    while time.monotonic() < end_s:
        await crowd.act(f"{seed}:{number}")
        number += 1
        await asyncio.sleep(crowd.rest_s)


async def _again(scene: Scene, seed: str, findings: Findings) -> None:
    people = HostilePeople(scene, findings)
    await people.open()
    crowds = _crowds(scene, Size(0, 0), people, findings)
    await crowds[seed.split(":")[1][0]].act(seed)
    await people.close()
