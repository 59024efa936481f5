"""How long after its publishing a reading can be queried, measured by one more device under load."""

import asyncio
import random
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.acknowledged import open_store
from tram.fleet.gateway.protocols.mqtt.packets import codec

__all__ = ("Probe",)

_LOOK_S = 0.02
_PAUSE_S_MAX = 0.5
_ACK_BYTES = 4
_NEWEST = """
SELECT max(i) AS newest FROM tram.readings AS r INNER JOIN tram.series AS s ON r.series = s.series
WHERE device = {device:Int64} AND metric = 'probe'
"""


class Probe(threading.Thread):
    """Publishes a number, asks the store until it is there, and again, until ``stop``."""

    def __init__(
        self, device: tuple[int, str], mqtt_port: int, data: Path, store_port: int
    ) -> None:
        super().__init__(daemon=True)
        self._device, self._token = device
        self._port = mqtt_port
        self._data = data
        self._store_port = store_port
        self._stop_now = threading.Event()
        self._took_s: list[float] = []

    def stop(self) -> list[float]:
        """End after the sample under way; return p50 and p99 in seconds."""
        self._stop_now.set()
        self.join()
        p50, p99 = np.percentile(self._took_s, (50, 99)) if self._took_s else (0.0, 0.0)
        return [round(float(p50), 3), round(float(p99), 3)]

    def run(self) -> None:
        """Take samples."""
        asyncio.run(self._samples())

    async def _samples(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(codec.build_connect(codec.Connect(4, "probe", user_name=self._token)))
        await reader.readexactly(_ACK_BYTES)
        async with open_store(self._data, self._store_port) as store:
            number = 0
            while not self._stop_now.is_set():
                number += 1
                payload = b'{"ts": %d, "values": {"probe": %d}}' % (
                    time.time_ns() // 10**6,
                    number,
                )
                start_s = time.monotonic()
                writer.write(codec.build_publish("v1/devices/me/telemetry", payload, 1, number))
                await reader.readexactly(_ACK_BYTES)
                while True:
                    found = await store.sql(_NEWEST, {"device": self._device})
                    if (found["newest"][0].as_py() or 0) >= number:
                        break
                    await asyncio.sleep(_LOOK_S)
                self._took_s.append(time.monotonic() - start_s)
                await asyncio.sleep(random.uniform(0, _PAUSE_S_MAX))  # no secret
        writer.close()
