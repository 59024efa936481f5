"""Children: what a call takes is bounded by the kernel, and what ends one ends nobody else."""

import asyncio
import ctypes
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.registry.world import refused
from tram.runtime.errors import Fault, Refused, Unavailable
from tram.runtime.processes.child import Bounds, Children

MB = 1024 * 1024
WRONG = Fault("name", "text.length", {"least": 1, "most": 64})
BOUNDS = Bounds(cpu_s=1, wall_s=2.0, memory_bytes=96 * MB, answer_bytes=MB)


class Asked(msgspec.Struct):
    number: int = 0


def doubled(question: Asked) -> int:
    return 2 * question.number


def told(question: Asked, progress) -> list[int]:
    progress(1, question.number)
    return list(range(question.number))


def environment(_: Asked) -> dict[str, str]:
    return dict(os.environ)


def turn_for_the_processor(_: Asked) -> tuple[int, int]:
    return os.nice(0), os.getsid(0)


def endless(_: Asked) -> int:
    while True:
        pass


def asleep(question: Asked) -> int:
    time.sleep(question.number / 10 or 600)
    return 0


def greedy(question: Asked) -> int:
    return len(bytearray(question.number))


def torn(_: Asked) -> int:
    return ctypes.string_at(0)[0]


def broken(_: Asked) -> int:
    raise KeyError("what a library raises")


def refusing(_: Asked) -> int:
    raise Refused("list.wrong", "No.", "Mend it.", (WRONG,))


def writing(_: Asked) -> int:
    return Path("/tmp/written-by-a-child").write_bytes(b"x")  # must not be possible


@pytest.fixture
async def children() -> AsyncIterator[Children]:
    made = Children("tests", (__name__,), BOUNDS, at_once=2, waiting_max=4, each_waiting_max=1)
    await made.call(0, doubled, Asked(1))  # begun
    yield made
    made.close()


async def test_child_leaves_the_processor_to_who_answers_people(children: Children) -> None:
    niceness, session = await children.call(1, turn_for_the_processor, Asked())

    assert niceness == os.nice(0) + 10
    assert session == os.getsid(0)  # another would have a share of its own (autogroup)


async def test_answer_progress_and_refusal_come_back(children: Children) -> None:
    heard = []

    assert await children.call(1, doubled, Asked(21)) == 42
    assert await children.call(1, told, Asked(3), lambda *at: heard.append(at)) == [0, 1, 2]
    assert heard == [(1, 3)]
    with refused("list.wrong") as error:
        await children.call(1, refusing, Asked())
    assert error.value.faults == (WRONG,)


async def test_each_limit_ends_the_child_with_its_sentence(children: Children) -> None:
    async def sentence(function, number: int = 0) -> str:
        with pytest.raises(Refused) as error:
            await children.call(function, function, Asked(number))
        return f"{error.value.code}: {error.value.sentence}"

    found = await asyncio.gather(sentence(endless), sentence(asleep))

    assert all("file.too_large: Reading the file takes longer" in text for text in found)
    assert "more memory" in await sentence(greedy, 256 * MB)
    assert "more than is taken" in await sentence(told, MB)
    assert "file.unreadable" in await sentence(torn)
    assert "file.unreadable" in await sentence(broken)
    assert "file.unreadable" in await sentence(writing)
    assert await children.call(1, greedy, Asked(16 * MB)) == 16 * MB


async def test_a_child_has_no_secret_of_the_environment(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAM_SECRET", "x")
    children.close()

    assert "TRAM_SECRET" not in await children.call(1, environment, Asked())


async def test_one_owner_leaves_room_for_others(children: Children) -> None:
    first, second = (asyncio.ensure_future(children.call(1, asleep, Asked(3))) for _ in range(2))
    await asyncio.sleep(0.05)

    with pytest.raises(Unavailable):
        await children.call(1, doubled, Asked(1))
    assert await children.call(2, doubled, Asked(2)) == 4
    assert not first.done()
    assert await asyncio.gather(first, second) == [0, 0]


async def test_the_process_that_forks_is_made_again(children: Children) -> None:
    os.kill(children._nursery._process.pid, signal.SIGKILL)  # what a kernel may do

    assert await children.call(1, doubled, Asked(3)) == 6
