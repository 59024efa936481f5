"""Each kind of job is told of in the handbook as it is declared."""

from pathlib import Path

from tests.repository import ROOT
from tram.app.composition.engines import open_registry
from tram.app.composition.registers import Registers
from tram.app.composition.services import job_handlers
from tram.app.installation.installation import open_installation
from tram.fleet.store.serving.client import StoreClient


async def test_the_table_of_jobs_says_what_their_kinds_declare(tmp_path: Path) -> None:
    installation = open_installation(tmp_path / "data")
    registry = await open_registry(installation)
    store = StoreClient("http://127.0.0.1:9", "key")
    handlers = job_handlers(Registers(installation, registry), store)
    kinds = [handler.kind for handler in handlers]
    await registry.close()

    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = told[told.index("## Jobs") : told.index("## Backup")].splitlines()
    rows = [line for line in table if line.startswith("| `")]
    declared = [
        f"| `{kind.name}` | {kind.lane.name}, {kind.limit_s:g} s | {kind.attempts_max} "
        f"| {kind.partial_work}: "
        for kind in kinds
    ]
    assert [row[: len(start)] for row, start in zip(rows, declared, strict=True)] == declared
