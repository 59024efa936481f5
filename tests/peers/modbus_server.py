"""Run by the tests' own interpreter: a Modbus TCP server with two holding registers.

modbus_server.py PORT
"""

import asyncio
import sys

from pymodbus.server import StartAsyncTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

REGISTERS = [273, 615]
"""27.3 degrees and 61.5 percent, as tenths."""


async def main() -> None:
    registers = SimData(0, values=REGISTERS + [0] * 14, datatype=DataType.REGISTERS)
    device = SimDevice(1, registers)
    await StartAsyncTcpServer(device, address=("127.0.0.1", int(sys.argv[1])))


asyncio.run(main())
