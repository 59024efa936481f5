"""Documents and how they hang together: who issued what, on what it rests, what it asks for."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.domain.text import fold
from tram.registry.kernel.audit import ProvinceChange, province_change
from tram.registry.kernel.checks import Checked, search_words
from tram.registry.kernel.database import Database, as_view
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.tables import document_links, documents
from tram.rollout.directives.views import Document, DocumentEdit, DocumentLink, NewDocument
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("MARKS", "RELATIONS", "ROLES", "STEPS", "Documents")

WRITE = Permission.DIRECTIVE_WRITE
ROLES = ("directive", "basis", "request", "letter", "rule")
RELATIONS = ("implements", "rests-on", "answers", "cites")
STEPS = ("study", "review", "build", "submit", "issue", "carry-out", "train")
MARKS = ("S", "M", "C", "")
DOCUMENTS_MAX = 5_000
LINKS_MAX = 50
PLACE_MAX = 1_000
_TEXTS = (
    ("kind", 60, 1),
    ("number", 80, 0),
    ("issuer", 200, 1),
    ("subject", 1_000, 0),
    ("source", 500, 0),
    ("note", 500, 0),
)
KEY_CHARACTERS_MAX = 40


class Documents:
    """The register of documents; all who may read directives read all of it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(
        self,
        viewer: Viewer,
        *,
        role: str | None = None,
        search: str = "",
        until: date | None = None,
    ) -> list[Document]:
        """Return documents in the letter's order, then by date; ``search`` ignores accents.

        ``until`` leaves out what was issued after that day.
        """
        viewer.needs(Permission.DIRECTIVE_READ)
        chosen = [documents.c.folded.contains(w, autoescape=True) for w in search_words(search)]
        if role is not None:
            chosen.append(documents.c.role == role)
        if until is not None:
            chosen.append(or_(documents.c.issued_on.is_(None), documents.c.issued_on <= until))
        async with self._database.read() as connection:
            return await _read(connection, *chosen)

    async def one(self, viewer: Viewer, document: int) -> Document:
        """Return one document; ``document.unknown`` when there is none."""
        viewer.needs(Permission.DIRECTIVE_READ)
        async with self._database.read() as connection:
            return await _found(connection, documents.c.id == document)

    async def create(self, viewer: Viewer, new: NewDocument) -> Document:
        """Register a document; its key is unique."""
        checked = Checked()
        key = checked.text("key", new.key, KEY_CHARACTERS_MAX)
        values = _checked(checked, new)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            await _refuse_too_many(change.connection)
            try:
                inserted = await change.connection.execute(
                    insert(documents).values({**values, "key": key}).returning(documents.c.id)
                )
            except IntegrityError:
                raise Refused(
                    "document.taken", "A document has this key already.", "Choose another key."
                ) from None
            made = await _found(change.connection, documents.c.id == inserted.scalar_one())
            await change.note("document.create", made.id, after=made)
            return made

    async def change(self, viewer: Viewer, document: int, edit: DocumentEdit) -> Document:
        """Replace all that may change about a document."""
        values = _checked(Checked(), edit)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = await _found(change.connection, documents.c.id == document)
            await change.connection.execute(
                update(documents).where(documents.c.id == document).values(values)
            )
            made = await _found(change.connection, documents.c.id == document)
            await change.note("document.change", document, old, made)
            return made

    async def link(self, viewer: Viewer, document: int, relation: str, to: int) -> Document:
        """Say how a document stands to another one; said twice changes nothing."""
        checked = Checked()
        checked.choice("relation", relation, RELATIONS)
        checked.unless(document != to, "to", "document.itself")
        checked.done(_wrong())
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = await _found(change.connection, documents.c.id == document)
            other = await _found(change.connection, documents.c.id == to)
            if DocumentLink(relation, to, other.key) in old.links:
                return old
            checked.unless(len(old.links) < LINKS_MAX, "to", "links.too_many", most=LINKS_MAX)
            checked.done(_wrong())
            await change.connection.execute(
                insert(document_links).values(from_id=document, relation=relation, to_id=to)
            )
            return await _linked(change, "document.link", old)

    async def unlink(self, viewer: Viewer, document: int, relation: str, to: int) -> Document:
        """Take a link back; one that is not there changes nothing."""
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = await _found(change.connection, documents.c.id == document)
            gone = await change.connection.execute(
                delete(document_links).where(
                    document_links.c.from_id == document,
                    document_links.c.relation == relation,
                    document_links.c.to_id == to,
                )
            )
            if not gone.rowcount:
                return old
            return await _linked(change, "document.unlink", old)


async def _linked(change: ProvinceChange, action: str, old: Document) -> Document:
    made = await _found(change.connection, documents.c.id == old.id)
    await change.note(action, old.id, {"links": old.links}, {"links": made.links})
    return made


def _checked(checked: Checked, edit: DocumentEdit) -> dict[str, Any]:
    """Return the columns of a document but its key, or refuse it with every fault."""
    checked.bounded(edit)
    values: dict[str, Any] = {
        name: checked.prose(name, getattr(edit, name), longest, shortest)
        for name, longest, shortest in _TEXTS
    }
    checked.choice("role", edit.role, ROLES)
    checked.choice("mark", edit.mark, MARKS)
    checked.unless(" " not in values["number"], "number", "text.blanks")
    checked.unless(0 <= edit.place <= PLACE_MAX, "place", "number.too_large", most=PLACE_MAX)
    for step in edit.asks:
        checked.choice("asks", step, STEPS)
    checked.unless(len(set(edit.asks)) == len(edit.asks), "asks", "steps.twice")
    checked.done(_wrong())
    return {
        **values,
        "role": edit.role,
        "issued_on": edit.issued_on,
        "issuer_stated": edit.issuer_stated,
        "asks": edit.asks,
        "mark": edit.mark,
        "place": edit.place,
        "folded": fold(" ".join(values[name] for name in ("kind", "number", "issuer", "subject"))),
    }


async def _refuse_too_many(connection: AsyncConnection) -> None:
    counting = select(func.count()).select_from(documents)
    if (await connection.execute(counting)).scalar_one() >= DOCUMENTS_MAX:
        raise Refused(
            "document.too_many", f"The register holds {DOCUMENTS_MAX} documents already."
        )


async def _read(connection: AsyncConnection, *chosen: ColumnElement[bool]) -> list[Document]:
    rows = (
        await connection.execute(
            select(documents)
            .where(*chosen)
            .order_by(
                documents.c.place == 0,
                documents.c.place,
                documents.c.issued_on.is_(None),
                documents.c.issued_on,
                documents.c.id,
            )
        )
    ).all()
    links = await _links(connection, [row.id for row in rows])
    return [as_view(Document, row, links=links[row.id]) for row in rows]


async def _links(connection: AsyncConnection, numbers: list[int]) -> dict[int, list[DocumentLink]]:
    found: dict[int, list[DocumentLink]] = defaultdict(list)
    rows = await connection.execute(
        select(document_links, documents.c.key)
        .join(documents, documents.c.id == document_links.c.to_id)
        .where(document_links.c.from_id.in_(numbers))
        .order_by(document_links.c.id)
    )
    for row in rows:
        found[row.from_id].append(DocumentLink(row.relation, row.to_id, row.key))
    return found


async def _found(connection: AsyncConnection, condition: ColumnElement[bool]) -> Document:
    found = await _read(connection, condition)
    if not found:
        raise Refused(
            "document.unknown", "There is no such document.", "Look at the list of documents."
        )
    return found[0]


def _wrong() -> Refused:
    return Refused("document.wrong", "The document cannot be kept like this.")
