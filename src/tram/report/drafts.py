"""The letter's free texts with their history, and the letters that were kept.

A text is written for the letter of one day and holds for later letters too, until it is written
anew; earlier letters never change by it. Nothing is overwritten or deleted.
"""

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.domain.province import Province
from tram.domain.text import UnfitSign
from tram.registry.kernel.access import must_keep_province_data, owner_of_province_data
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.report.checks.letter_rules import Finding
from tram.report.letter.blocks import BLOCKS, BlockDefinition
from tram.report.letter.content import Letter
from tram.report.letter.font import unset_signs
from tram.report.tables import report_texts, report_versions
from tram.report.views import BlockChange, FileEntry, LetterVersion, TextBlock
from tram.runtime.clock import Clock
from tram.runtime.errors import Fault, Refused

__all__ = ("Drafts",)

TEXT_CHARACTERS_MAX = 4_000
SIGNS_NAMED_MAX = 10
VERSIONS_LISTED_MAX = 200
CHANGES_LISTED_MAX = 200
_LETTER = "5g-iot"
_DEFINITIONS = {block.key: block for block in BLOCKS}


class Drafts:
    """Texts and kept letters in the registry's database."""

    def __init__(self, database: Database, clock: Clock, province: Province) -> None:
        self._database = database
        self._clock = clock
        self._shipped = province.letter.texts

    async def province(self) -> Viewer:
        """Return the product itself: a letter's figures do not depend on who drafts it."""
        async with self._database.read() as connection:
            return system_viewer(await owner_of_province_data(connection))

    async def blocks(self, viewer: Viewer, as_of: date) -> list[TextBlock]:
        """Return every block as it reads in the letter of a day."""
        viewer.needs(Permission.REPORT_READ)
        async with self._database.read() as connection:
            newest = await _newest(connection, as_of)
        return [self._block(block, newest.get(block.key)) for block in BLOCKS]

    async def write(self, viewer: Viewer, as_of: date, key: str, text: str) -> TextBlock:
        """Write a block for the letter of a day and those after it; an empty text leaves it out."""
        definition = _definition(key)
        checked = Checked()
        text = checked.prose("text", text, TEXT_CHARACTERS_MAX, shortest=0)
        for unset in unset_signs(text)[:SIGNS_NAMED_MAX]:
            checked.faults.append(_unset(unset))
        checked.done(Refused("block.wrong", "The text cannot be kept like this."))
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            owner = await must_keep_province_data(connection, viewer, Permission.REPORT_WRITE)
            before = self._block(definition, (await _newest(connection, as_of)).get(key))
            inserted = await connection.execute(
                insert(report_texts)
                .values(
                    letter=_name(as_of),
                    block=key,
                    text=text,
                    at_ms=now_ms,
                    person_id=viewer.person,
                    person_name=viewer.name,
                )
                .returning(*report_texts.c)
            )
            row = inserted.one()
            await record(
                connection,
                viewer,
                now_ms,
                AuditEntry(
                    Permission.REPORT_WRITE,
                    row.id,
                    owner,
                    before={"block": key, "text": before.text},
                    after={"block": key, "letter": as_of.isoformat(), "text": text},
                ),
            )
        return self._block(definition, row)

    async def reset(self, viewer: Viewer, as_of: date, key: str) -> TextBlock:
        """Go back to the shipped wording, from the letter of a day on."""
        return await self.write(viewer, as_of, key, self._shipped[_definition(key).key])

    async def history(self, viewer: Viewer, key: str) -> list[BlockChange]:
        """Return the changes of a block, newest first."""
        viewer.needs(Permission.REPORT_READ)
        definition = _definition(key)
        statement = (
            select(report_texts)
            .where(report_texts.c.block == key)
            .order_by(report_texts.c.id.desc())
            .limit(CHANGES_LISTED_MAX + 1)
        )
        async with self._database.read() as connection:
            rows = list(await connection.execute(statement))
        older = [*(row.text for row in rows[1:]), self._shipped[definition.key]]
        changes = [
            BlockChange(
                id=row.id,
                letter=_day(row.letter),
                at_ms=row.at_ms,
                person_name=row.person_name,
                before=before,
                after=row.text,
            )
            for row, before in zip(rows, older, strict=False)
        ]
        return changes[:CHANGES_LISTED_MAX]

    async def keep(
        self,
        viewer: Viewer,
        letter: Letter,
        findings: Sequence[Finding],
        files: Sequence[FileEntry],
    ) -> LetterVersion:
        """Keep a letter as it is now, with its findings and the digests of its files."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            owner = await must_keep_province_data(connection, viewer, Permission.REPORT_WRITE)
            inserted = await connection.execute(
                insert(report_versions)
                .values(
                    letter=_name(letter.as_of),
                    as_of=letter.as_of,
                    since=letter.since,
                    made_ms=now_ms,
                    person_id=viewer.person,
                    person_name=viewer.name,
                    content=msgspec.to_builtins(letter),
                    findings=msgspec.to_builtins(list(findings)),
                    files=msgspec.to_builtins(list(files)),
                )
                .returning(*report_versions.c)
            )
            row = inserted.one()
            after = {"as_of": letter.as_of.isoformat(), "files": [file.sha256 for file in files]}
            await record(
                connection, viewer, now_ms, AuditEntry("report.keep", row.id, owner, after=after)
            )
        return _version(row)

    async def kept_after(
        self, viewer: Viewer, as_of: date, since: date, after_ms: int
    ) -> int | None:
        """Return the version of a day and period that one kept oneself after a moment, by number."""
        viewer.needs(Permission.REPORT_READ)
        kept = report_versions.c
        statement = select(kept.id).where(
            kept.person_id == viewer.person,
            kept.as_of == as_of,
            kept.since == since,
            kept.made_ms >= after_ms,
        )
        async with self._database.read() as connection:
            found: int | None = (await connection.execute(statement)).scalars().first()
        return found

    async def versions(self, viewer: Viewer) -> list[LetterVersion]:
        """Return the newest 200 kept letters."""
        viewer.needs(Permission.REPORT_READ)
        statement = select(report_versions).order_by(report_versions.c.id.desc())
        async with self._database.read() as connection:
            rows = await connection.execute(statement.limit(VERSIONS_LISTED_MAX))
            return [_version(row) for row in rows]

    async def version(self, viewer: Viewer, number: int) -> LetterVersion:
        """Return one kept letter; ``letter.unknown`` when there is none."""
        viewer.needs(Permission.REPORT_READ)
        statement = select(report_versions).where(report_versions.c.id == number)
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise Refused(
                "letter.unknown", "There is no such letter.", "Look at the list of letters."
            )
        return _version(row)

    def _block(self, definition: BlockDefinition, row: AnyRow | None) -> TextBlock:
        shipped = self._shipped[definition.key]
        text = shipped if row is None else row.text
        return TextBlock(
            key=definition.key,
            section=definition.section,
            title_vi=definition.title_vi,
            title_en=definition.title_en,
            text=text,
            shipped=shipped,
            edited=text != shipped,
            from_letter=None if row is None else _day(row.letter),
            at_ms=None if row is None else row.at_ms,
            person_name="" if row is None else row.person_name,
        )


async def _newest(connection: AsyncConnection, as_of: date) -> dict[str, AnyRow]:
    """Return, for each block, the last text of the latest letter up to a day."""
    rows = await connection.execute(
        select(report_texts)
        .where(report_texts.c.letter <= _name(as_of), report_texts.c.letter > f"{_LETTER}:")
        .order_by(report_texts.c.letter, report_texts.c.id)
    )
    return {row.block: row for row in rows}


def _definition(key: str) -> BlockDefinition:
    if key not in _DEFINITIONS:
        raise Refused(
            "block.unknown",
            f"The letter has no text block {key[:60]}.",
            "Look at the list of blocks.",
        )
    return _DEFINITIONS[key]


def _unset(unset: UnfitSign) -> Fault:
    return Fault("text", "sign.unset", {"sign": unset.name, "place": unset.place})


def _name(as_of: date) -> str:
    """Return the name of the letter of a day; names sort as days do."""
    return f"{_LETTER}:{as_of.isoformat()}"


def _day(name: str) -> date:
    return date.fromisoformat(name.partition(":")[2])


def _version(row: AnyRow) -> LetterVersion:
    return LetterVersion(
        id=row.id,
        as_of=row.as_of,
        since=row.since or row.as_of,
        made_ms=row.made_ms,
        person_name=row.person_name,
        files=msgspec.convert(row.files, list[FileEntry]),
        findings=msgspec.convert(row.findings, list[Finding]),
        letter=msgspec.convert(row.content, Letter),
    )
