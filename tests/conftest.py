"""Fixtures that every part of the suite may use."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.nats_process import NatsProcess
from tram.fleet.log.nats_connection import NatsConnection, open_link
from tram.fleet.log.streams import ensure_streams
from tram.registry.people import passwords
from tram.runtime.clock import SystemClock

STARTERS = ("browser", "system", "running", "app", "demo", "peers")
"""Folders whose tests share a running product, the slowest first."""
TOGETHER = ("browser", "system", "running")
"""Those of them whose tests go to one worker: a second product beside the first costs more than it wins."""
BLOCKS_BYTES_MAX = 64 * 1024 * 1024

# The same examples in every run; others by ``pytest -m hypothesis --hypothesis-profile drawn``.
# No test asserts a time, and explaining a failure traces every line: the timeout then hides it.
_FIXED = hypothesis.settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=set(hypothesis.Phase) - {hypothesis.Phase.explain},
)
hypothesis.settings.register_profile("fixed", _FIXED)
hypothesis.settings.register_profile("drawn", _FIXED, derandomize=False)
hypothesis.settings.load_profile("fixed")


class WholeFiles(LoadScopeScheduling):
    """Gives a worker a file as a whole, or a folder whose tests share a product."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        return str(path.parent if path.parent.name in TOGETHER else path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles:
    """Return who deals the tests out (marks for groups do nothing with this pytest)."""
    return WholeFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the files of a folder together, however they were shuffled: what they share then ends.

    A product that waits for its next test costs as much as one that works. It is asked how it is
    before others kill its parts: one that started again three times is no longer well.
    """

    def place(item: pytest.Item) -> tuple[int, str, bool]:
        folder = item.path.parent.name
        rank = STARTERS.index(folder) if folder in STARTERS else len(STARTERS)
        return rank, folder, item.path.name != "test_product.py"

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash passwords with little work in this process: thousands of tests log somebody in.

    A running product hashes with all of it (``test_product.py``).
    """
    quick = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", quick)
        yield


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[NatsProcess]:
    """A running nats-server with its own folder."""
    process = NatsProcess(tmp_path)
    process.start()
    yield process
    process.kill()


@pytest_asyncio.fixture
async def ops_link(nats: NatsProcess) -> AsyncIterator[NatsConnection]:
    """A connection that may do everything, on a server that has the product's streams."""
    link = await open_link(nats.access("ops"), "ops")
    await ensure_streams(link, BLOCKS_BYTES_MAX, SystemClock())
    yield link
    await link.close()
