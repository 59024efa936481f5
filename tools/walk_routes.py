"""Put hostile entries into every place of every route's request, for as long as asked.

    python tools/walk_routes.py --seed 7 --minutes 10 --role system-admin

The application runs here with a registry of its own and without a store. Every answer of 500 and
above is printed with its request, but for 503, which says when to come again. Ends with 1 after a
finding.
"""

import argparse
import asyncio
import random
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from litestar import Litestar
from tests.api.conftest import HMAC_KEY, LiveFeed, services_of
from tests.api.hostile import names_of, requests_about, send
from tests.api.province import Province, found_province, log_in, open_client
from tests.api.walk import asks_about
from tests.provinces import QUANG_NGAI

from tram.fleet.store.serving.client import StoreClient
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock, SystemClock
from tram.runtime.processes.process import free_port
from tram.web.app import create_app

KEPT_ROUTES = ("/me/password", "/me/sessions", "/account/password", "/account/sessions")
"""These may end the walker's own session."""


@asynccontextmanager
async def province(folder: Path) -> AsyncIterator[tuple[Litestar, Province]]:
    """Yield the application over two parties."""
    clock = ManualClock(SystemClock().now_ms())
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{folder}/r.db", clock, HMAC_KEY, QUANG_NGAI
    )
    store = StoreClient(f"http://127.0.0.1:{free_port()}", "none")
    try:
        found = await found_province(registry, clock.now_ms())
        services = services_of(registry, store, LiveFeed(), clock, folder / "files")
        yield create_app(services, "operators-key"), found
    finally:
        await store.close()
        await registry.close()


async def walk(seed: int, minutes: float, role: str) -> int:
    """Send until time is up; return how many requests broke something."""
    chance, broken, sent = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory(prefix="tram-walk-") as folder:
        async with province(Path(folder)) as (app, found), open_client(app) as client:
            org = found.a.org if role == "enterprise" else found.root.org
            await log_in(client, await found.person(role, org))
            csrf = client.headers.pop("X-CSRF-Token")
            names = names_of(app)
            asks = [ask for ask in asks_about(app, found.a, found.zone) if _may(ask.route)]
            clock = SystemClock()
            end_s = clock.monotonic_s() + 60 * minutes
            while clock.monotonic_s() < end_s:
                ask = chance.choice(asks)
                known = names.get((ask.method, ask.route), [])
                for hostile in requests_about(ask, known, csrf, chance, 3):
                    status, sent = await send(client, hostile), sent + 1
                    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != _LATER:
                        broken += 1
                        print(f"{status} {hostile} {(hostile.content or b'')[:300]!r}")
    print(f"seed {seed}: {sent} requests, {broken} broke something")
    return broken


_LATER = HTTPStatus.SERVICE_UNAVAILABLE


def _may(route: str) -> bool:
    return not any(part in route for part in KEPT_ROUTES)


def main() -> None:
    """Read the command line and walk."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--role", default="enterprise")
    given = parser.parse_args()
    seed = secrets.randbits(32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    sys.exit(bool(asyncio.run(walk(seed, given.minutes, given.role))))


if __name__ == "__main__":
    main()
