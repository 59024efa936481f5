"""The reports: draft, examine, write, keep and give out the letter."""

import hashlib
from datetime import date
from pathlib import Path

from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.report.checks.examination import examine
from tram.report.checks.printed import printed_letter
from tram.report.drafts import Drafts
from tram.report.gathering import Gatherer
from tram.report.letter.compose import compose
from tram.report.letter.content import Letter, letter_text
from tram.report.views import (
    BlockChange,
    FileEntry,
    LetterDraft,
    LetterFile,
    LetterFiles,
    LetterVersion,
    TextBlock,
)
from tram.runtime.errors import Broken, Refused
from tram.runtime.processes.thread_pools import DOCUMENTS, FILES

__all__ = ("MEDIA_TYPES", "LetterService", "period_from")

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


BLOCKS_MAX = 1_000
CHARACTERS_MAX = 500_000
"""Some 200 pages: what two cores set in two seconds."""


class LetterService:
    """Everything that a page, the API or the command line does with the letter."""

    def __init__(self, drafts: Drafts, gatherer: Gatherer, folder: Path) -> None:
        self._drafts = drafts
        self._gatherer = gatherer
        self._folder = folder

    async def draft(self, viewer: Viewer, as_of: date, since: date | None = None) -> LetterDraft:
        """Return the letter as of a day, its findings and its free texts; nothing is kept.

        ``since`` begins the period; without it, the month of ``as_of`` does. A letter of more than
        1,000 paragraphs or 500,000 characters is refused with ``letter.too_long``.
        """
        since = period_from(as_of, since)
        blocks = await self._drafts.blocks(viewer, as_of)
        texts = {block.key: block.text for block in blocks}
        province = await self._drafts.province()
        sources = await self._gatherer.gather(province, as_of, since, texts)
        letter = compose(sources)
        _refuse_too_long(letter)
        return LetterDraft(letter=letter, findings=examine(letter, sources), blocks=blocks)

    async def printed(self, viewer: Viewer) -> LetterDraft:
        """Return the letter as the province once printed it, examined against the registers."""
        viewer.needs(Permission.REPORT_READ)
        letter = printed_letter(self._gatherer.province)
        province = await self._drafts.province()
        sources = await self._gatherer.gather(province, letter.as_of, letter.since, {})
        return LetterDraft(letter=letter, findings=examine(letter, sources), blocks=[])

    async def blocks(self, viewer: Viewer, as_of: date) -> list[TextBlock]:
        """Return every free text as it reads in the letter of a day."""
        return await self._drafts.blocks(viewer, as_of)

    async def write_block(self, viewer: Viewer, as_of: date, key: str, text: str) -> TextBlock:
        """Write a free text for the letter of a day and those after it."""
        return await self._drafts.write(viewer, as_of, key, text)

    async def reset_block(self, viewer: Viewer, as_of: date, key: str) -> TextBlock:
        """Go back to the shipped wording, from the letter of a day on."""
        return await self._drafts.reset(viewer, as_of, key)

    async def block_history(self, viewer: Viewer, key: str) -> list[BlockChange]:
        """Return who changed a free text when, newest first."""
        return await self._drafts.history(viewer, key)

    async def render(self, viewer: Viewer, as_of: date, since: date | None = None) -> LetterFiles:
        """Return the letter as .docx and .pdf; nothing is kept."""
        return await _files((await self.draft(viewer, as_of, since)).letter)

    async def keep(self, viewer: Viewer, as_of: date, since: date | None = None) -> LetterVersion:
        """Write the letter and keep it as it is now: both files, content and findings."""
        draft = await self.draft(viewer, as_of, since)
        files = await _files(draft.letter)
        contents = {f"{files.stem}.docx": files.docx, f"{files.stem}.pdf": files.pdf}
        entries = [
            FileEntry(name=name, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
            for name, content in contents.items()
        ]
        viewer.needs(Permission.REPORT_WRITE)
        await FILES.run(self._store, {e.sha256: contents[e.name] for e in entries})
        return await self._drafts.keep(viewer, draft.letter, draft.findings, entries)

    async def kept_after(
        self, viewer: Viewer, as_of: date, since: date | None, after_ms: int
    ) -> int | None:
        """Return the version of a day and period that one kept oneself after a moment, by number."""
        return await self._drafts.kept_after(viewer, as_of, period_from(as_of, since), after_ms)

    async def versions(self, viewer: Viewer) -> list[LetterVersion]:
        """Return the kept letters, newest first."""
        return await self._drafts.versions(viewer)

    async def version(self, viewer: Viewer, number: int) -> LetterVersion:
        """Return one kept letter."""
        return await self._drafts.version(viewer, number)

    async def file(self, viewer: Viewer, number: int, kind: str) -> LetterFile:
        """Return a file of a kept letter, ``docx`` or ``pdf``, byte for byte as it was kept."""
        version = await self._drafts.version(viewer, number)
        entry = next((file for file in version.files if file.name.endswith(f".{kind}")), None)
        if entry is None or kind not in MEDIA_TYPES:
            raise Refused(
                "letter.form_unknown", "The letter is kept as .docx and as .pdf.", "Ask for one."
            )
        content = await FILES.run(self._load, entry)
        return LetterFile(name=entry.name, media_type=MEDIA_TYPES[kind], content=content)

    def _store(self, contents: dict[str, bytes]) -> None:
        """Write files under their digest; what is there already is the same."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for digest, content in contents.items():
            path = self._folder / digest
            partial = path.with_suffix(".part")
            partial.write_bytes(content)
            partial.replace(path)

    def _load(self, entry: FileEntry) -> bytes:
        try:
            content = (self._folder / entry.sha256).read_bytes()
        except FileNotFoundError as error:
            raise _damaged(entry) from error
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise _damaged(entry)
        return content


def period_from(as_of: date, since: date | None) -> date:
    """Return the first day of a letter's period: as given, else of the month.

    Raises:
        Refused: ``letter.period_wrong``.
    """
    if since is None:
        return as_of.replace(day=1)
    if since > as_of:
        raise Refused(
            "letter.period_wrong",
            "The period begins after the day of the letter.",
            "Give a first day that is not after --as-of.",
        )
    return since


def _refuse_too_long(letter: Letter) -> None:
    characters = sum(map(len, letter_text(letter)))
    if len(letter.body) <= BLOCKS_MAX and characters <= CHARACTERS_MAX:
        return
    raise Refused(
        "letter.too_long",
        f"The letter would have {len(letter.body)} paragraphs with {characters} characters; it may "
        f"have {BLOCKS_MAX} and {CHARACTERS_MAX}.",
        "Give documents that the letter need not cite another role in the register of directives.",
    )


async def _files(letter: Letter) -> LetterFiles:
    """Write both forms in threads: they take a moment, and the loop has others to serve."""
    docx, pdf = await DOCUMENTS.run(_written, letter)
    stem = f"cong-van-5g-iot-{letter.as_of.isoformat()}"
    return LetterFiles(stem=stem, docx=docx, pdf=pdf)


def _written(letter: Letter) -> tuple[bytes, bytes]:
    # Loaded here: whoever writes no letter starts without what it needs.
    from tram.report.letter.docx import write_docx  # noqa: PLC0415
    from tram.report.letter.pdf import write_pdf  # noqa: PLC0415

    return write_docx(letter), write_pdf(letter)


def _damaged(entry: FileEntry) -> Broken:
    return Broken(
        "letter.damaged",
        f"The kept file {entry.name} is missing or not what was written.",
        "Restore the folder 'files' from a backup.",
    )
