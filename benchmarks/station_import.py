"""How long a list of stations takes: ``python -m benchmarks.station_import --rows 50000``."""

import argparse
import asyncio
import csv
import io
import sys
import tempfile
import time
from pathlib import Path

from tram.app.composition.engines import open_registry
from tram.app.composition.registers import Registers
from tram.app.composition.services import import_handlers, job_runner, station_imports
from tram.app.installation.installation import open_installation

_HEADERS = (
    *("Mã trạm", "Doanh nghiệp", "Công nghệ", "Tên trạm", "Trạng thái", "Ngày phát sóng"),
    *("Kinh độ", "Vĩ độ", "Xã/phường", "Băng tần", "Chiều cao cột (m)", "Ghi chú"),
)
_OPERATORS = ("MobiFone", "VNPT", "Viettel")
_ACROSS = 250


def a_list(rows: int) -> bytes:
    """Return a list of so many stations, 500 metres apart, as CSV."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(_HEADERS)
    for number in range(rows):
        lon, lat = 107.6 + number % _ACROSS * 0.005, 14.0 + number // _ACROSS * 0.005
        writer.writerow(
            [
                f"QNI{number:06}",
                _OPERATORS[number % 3],
                ("4G", "5G")[number % 2],
                f"Trạm số {number}",
                "đang phát sóng",
                f"{1 + number % 28:02}/03/2024",
                f"{lon:.5f}".replace(".", ","),
                f"{lat:.5f}".replace(".", ","),
                "Xã Thọ Phong",
                "n78",
                "42",
                "",
            ]
        )
    return target.getvalue().encode()


async def measure(rows: int, folder: Path) -> None:
    """Upload, try, write and undo a list, and print each step's time."""
    installation = open_installation(folder)
    registry = await open_registry(installation)
    registers = Registers(installation, registry)
    viewer = await registers.seed()
    kept = station_imports(registers)
    runner = job_runner(registers, import_handlers(registers))
    data = a_list(rows)
    item = None
    for step in ("upload", "dry run", "write", "undo"):
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        if item is None:
            item = await kept.upload(viewer, "list.csv", data)
        elif step == "dry run":
            await kept.change_plan(viewer, item.id, item.plan)
        elif step == "write":
            await kept.write(viewer, item.id)
        else:
            await kept.undo(viewer, item.id)
        await runner.drain()
        sys.stdout.write(
            f"{step:8} {time.perf_counter() - wall_s:7.1f} s wall {time.process_time() - cpu_s:7.1f} s cpu\n"
        )
    item = await kept.one(viewer, item.id)
    sys.stdout.write(f"{item.result}\n")
    await registry.close()


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(options.rows, Path(folder)))


if __name__ == "__main__":
    main()
