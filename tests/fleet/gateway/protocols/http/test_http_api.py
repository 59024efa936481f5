"""The device API over HTTP beyond values: calls, attributes, claim, provision, gzip."""

import asyncio
import gzip
import shutil
import subprocess

import httpx
import msgspec

from tests.fleet.gateway.rig import FIRST, TOKEN, Rig
from tram.fleet.device_api.downlinks import ATTRIBUTES, RPC, Downlink


def rpc(number: int, kind: str = RPC, body: bytes = b'{"method":"m","params":1}') -> Downlink:
    return Downlink(number=number, device=1, target=1, kind=kind, body=body)


async def test_long_poll_waits_for_a_call_and_its_answer_is_reported(rig: Rig) -> None:
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1/{TOKEN}", timeout=20) as device:
        waiting = asyncio.create_task(device.get("/rpc", params={"timeout": 15_000}))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        rig.world.downlinks.put(rpc(5))

        answer = await waiting
        assert answer.json() == {"id": 5, "method": "m", "params": 1}
        assert (await device.post("/rpc/5", json={"ok": True})).status_code == 200

    told = [(r.number, r.state, r.body) for r in rig.world.reports.reports]
    assert told == [(5, "delivered", b""), (5, "answered", b'{"ok":true}')]


async def test_attribute_update_that_waits_comes_at_once_and_nothing_is_408(rig: Rig) -> None:
    rig.world.downlinks.put(rpc(1, ATTRIBUTES, b'{"interval":60}'))
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1/{TOKEN}", timeout=20) as device:
        assert (await device.get("/attributes/updates")).json() == {"interval": 60}
        empty = await device.get("/attributes/updates", params={"timeout": 50})
    assert (empty.status_code, empty.json()["code"]) == (408, "poll.empty")


async def test_too_many_waiting_requests_are_told_when_to_come_again(rig: Rig) -> None:
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1/{TOKEN}", timeout=20) as device:
        waiting = [asyncio.create_task(device.get("/rpc?timeout=3000")) for _ in range(4)]
        await asyncio.sleep(0.3)
        fifth = await device.get("/rpc?timeout=50")
        await asyncio.gather(*waiting)
    assert (fifth.status_code, fifth.headers["Retry-After"]) == (429, "5")


async def test_questions_reach_the_registry(rig: Rig) -> None:
    asked = []

    def echo(device, body: bytes) -> bytes:
        asked.append((device and device.device, msgspec.json.decode(body)))
        return b'{"shared":{"a":1}}'

    rig.rpc.answers |= {"attributes": echo, "rpc": echo, "claim": echo, "provision": echo}
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1", timeout=20) as device:
        found = await device.get(f"/{TOKEN}/attributes", params={"sharedKeys": "a,b"})
        await device.post(f"/{TOKEN}/rpc", json={"method": "getCurrentTime"})
        await device.post(f"/{TOKEN}/claim", json={"secretKey": "s"})
        made = await device.post("/provision", json={"deviceName": "d"})
    assert found.json() == made.json() == {"shared": {"a": 1}}
    assert asked == [
        (FIRST.device, {"sharedKeys": "a,b"}),
        (FIRST.device, {"method": "getCurrentTime"}),
        (FIRST.device, {"secretKey": "s"}),
        (None, {"deviceName": "d"}),
    ]


async def test_gzip_and_arrays_are_taken_and_bombs_refused(rig: Rig) -> None:
    body = msgspec.json.encode([{"ts": 1763848000000 + n, "values": {"t": n}} for n in range(50)])
    head = {"Content-Encoding": "gzip"}
    async with httpx.AsyncClient(timeout=20) as device:
        url = f"{rig.url}/api/v1/{TOKEN}/telemetry"
        good = await device.post(url, content=gzip.compress(body), headers=head)
        bomb = await device.post(url, content=gzip.compress(b" " * 10_000_000), headers=head)
        cut = await device.post(url, content=gzip.compress(body)[:-9], headers=head)
        wrong = await device.post(url, content=body, headers=head)
    assert good.status_code == 200
    assert rig.sink.values("t") == list(range(50))
    assert [a.status_code for a in (bomb, cut, wrong)] == [413, 415, 415]


async def test_curl_sends_a_value(rig: Rig) -> None:
    curl = shutil.which("curl")
    assert curl, "apt-get install curl"
    url = f"{rig.url}/api/v1/{TOKEN}/telemetry"
    command = [curl, "-sS", "-w", "%{http_code}", "-X", "POST", url, "-d", '{"t": 21.5}']
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert done.stdout == "200", done.stderr
    assert rig.sink.values("t") == [21.5]
