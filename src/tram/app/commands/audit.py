"""The command ``tram audit``: whether the journal is what was written."""

import asyncio
import sys
from pathlib import Path

import cyclopts

from tram.app.commands.terminal import DEFAULT_DATA, Data, say
from tram.app.composition.registers import open_registers
from tram.app.installation.installation import open_installation
from tram.registry.kernel.audit import ChainVerdict

__all__ = ("audit",)

_EXIT_BROKEN = 1

audit = cyclopts.App(name="audit", help="The journal of changes, exports and readings of loans.")


@audit.command
def verify(*, since: str = "", data: Data = DEFAULT_DATA) -> None:
    """Walk the chain of the audit; exit code 1 if a row was altered, removed or cut off.

    Args:
        since: A head printed before (NUMBER:DIGEST); the chain must still pass through it.
        data: The data folder.
    """
    found, passes = asyncio.run(_verify(data, since))
    if found.broken is not None:
        say(f"BROKEN: row {found.broken} does not fit the rows before it.")
    elif found.missing:
        say(f"BROKEN: {found.missing} rows are cut off after row {found.last}.")
    elif not passes:
        say(f"BROKEN: the chain does not pass through {since}: it was rewritten.")
    else:
        say(f"The audit is whole: {found.rows} rows. Head: {found.last}:{found.head}")
        say("Keep this head elsewhere; 'tram audit verify --since HEAD' proves the past.")
        return
    sys.exit(_EXIT_BROKEN)


async def _verify(data: Path, since: str) -> tuple[ChainVerdict, bool]:
    async with open_registers(open_installation(data, make=False)) as registers:
        audited = registers.registry.audit
        number, _, digest = since.partition(":")
        known = await audited.digest_at(int(number)) if number.isdigit() else ""
        return await audited.verify(), not since or (bool(known) and known == digest)
