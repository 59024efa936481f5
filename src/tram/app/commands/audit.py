"""The command ``tram audit``: whether the journal is what was written."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import cyclopts

from tram.app.composition.engines import open_registry
from tram.app.installation.installation import open_installation
from tram.registry.kernel.audit import ChainVerdict

__all__ = ("audit",)

Data = Annotated[Path, cyclopts.Parameter(name="--data", help="The data folder.")]
_EXIT_BROKEN = 1

audit = cyclopts.App(name="audit", help="The journal of changes, exports and readings of loans.")


@audit.command
def verify(*, since: str = "", data: Data = Path("data")) -> None:
    """Walk the chain of the audit; exit code 1 if a row was altered, removed or cut off.

    Args:
        since: A head printed before (NUMBER:DIGEST); the chain must still pass through it.
        data: The data folder.
    """
    found, passes = asyncio.run(_verify(data, since))
    if found.broken is not None:
        _say(f"BROKEN: row {found.broken} does not fit the rows before it.")
    elif found.missing:
        _say(f"BROKEN: {found.missing} rows are cut off after row {found.last}.")
    elif not passes:
        _say(f"BROKEN: the chain does not pass through {since}: it was rewritten.")
    else:
        _say(f"The audit is whole: {found.rows} rows. Head: {found.last}:{found.head}")
        _say("Keep this head elsewhere; 'tram audit verify --since HEAD' proves the past.")
        return
    sys.exit(_EXIT_BROKEN)


async def _verify(data: Path, since: str) -> tuple[ChainVerdict, bool]:
    registry = await open_registry(open_installation(data, make=False))
    try:
        number, _, digest = since.partition(":")
        known = await registry.audit.digest_at(int(number)) if number.isdigit() else ""
        return await registry.audit.verify(), not since or (bool(known) and known == digest)
    finally:
        await registry.close()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
