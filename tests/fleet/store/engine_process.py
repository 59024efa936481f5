"""An engine in a process of its own behind ``EnginePort``: ``… FOLDER PORT KEY``."""

import sys
from pathlib import Path

import uvicorn

from tram.fleet.store.engine.engine import ChdbEngine
from tram.fleet.store.engine.http_server import EnginePort


def main() -> None:
    folder, port, key = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    engine = ChdbEngine(folder, 60)
    uvicorn.run(EnginePort(engine, key), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
