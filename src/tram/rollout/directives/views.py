"""What the directives register is given and gives back: plain frozen structs, no personal data."""

from datetime import date
from typing import Annotated

import msgspec

from tram.domain.bounds import Count, Day, Line, Lines, Number, Paragraphs

__all__ = (
    "Document",
    "DocumentEdit",
    "DocumentLink",
    "NewDocument",
    "NewProvider",
    "NewRecommendation",
    "NewTask",
    "Offer",
    "Provider",
    "Recommendation",
    "RecommendationEdit",
    "Task",
    "TaskEdit",
    "TaskEvent",
)


OFFERS_MAX = 100
"""More than a provider keeps; the word about fewer is the register's."""


class DocumentLink(msgspec.Struct, frozen=True):
    """That a document ``implements``, ``rests-on``, ``answers`` or ``cites`` another one."""

    relation: str
    document: int
    key: str


class DocumentEdit(msgspec.Struct, frozen=True, kw_only=True):
    """All that may change about a document; every field replaces what was.

    ``issuer_stated`` is false when the issuer is read from the symbol only. ``asks`` lists the steps
    that the document asks for. ``source`` says where we read it, ``mark`` how sure that is (S, M, C
    or empty). ``place`` orders the documents that a letter lists; 0 for the others.
    """

    role: Line
    kind: Line
    number: Line
    issued_on: Day | None
    issuer: Line
    subject: Line
    issuer_stated: bool = True
    asks: Lines = []
    source: Line = ""
    mark: Line = ""
    note: Line = ""
    place: Count = 0


class NewDocument(DocumentEdit, frozen=True, kw_only=True):
    """A document to register; ``key`` is a short unique name such as D2."""

    key: Line


class Document(NewDocument, frozen=True, kw_only=True):
    """A document with what it is linked to; ``links`` go out from it."""

    id: int
    links: list[DocumentLink]


class TaskEdit(msgspec.Struct, frozen=True, kw_only=True):
    """All that may change about a task but its state.

    ``deadline`` is the last day; ``deadline_text`` the document's own words for it.
    """

    text: Paragraphs
    responsible: Line
    step: Line = ""
    partners: Line = ""
    deadline: Day | None = None
    deadline_text: Line = ""


class NewTask(TaskEdit, frozen=True, kw_only=True):
    """A task that a document gives, in its state on the day from which it is known."""

    key: Line
    document: Number
    on: Day
    state: Line = "assigned"
    note: Line = ""


class TaskEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A state from a day on, and who entered it when."""

    on: date
    state: str
    note: str
    entered_ms: int
    entered_by: str


class Task(TaskEdit, frozen=True, kw_only=True):
    """A task as it stood on a day.

    ``verdict`` is ``open``, ``missed`` (by ``days_over`` days), ``done``, ``done-late`` (by
    ``days_over`` days), ``cancelled`` or ``no-deadline`` (open, and nobody said until when).
    """

    id: int
    key: str
    document: int
    document_key: str
    document_number: str
    day: date
    state: str
    state_on: date
    state_note: str
    verdict: str
    days_over: int
    history: list[TaskEvent]


class RecommendationEdit(msgspec.Struct, frozen=True, kw_only=True):
    """All that may change about a recommendation but its answer.

    ``kinds`` are of rule, money, referral and training; ``existing`` names rules in force that
    concern it, ``existing_mark`` how sure that is; ``letter`` is the key of the document it was in.
    """

    text: Paragraphs
    to_whom: Line
    kinds: Lines
    made_on: Day
    letter: Line = ""
    existing: Lines = []
    existing_mark: Line = ""


class NewRecommendation(RecommendationEdit, frozen=True, kw_only=True):
    """A recommendation to register; ``code`` is unique, such as K1."""

    code: Line


class Recommendation(NewRecommendation, frozen=True, kw_only=True):
    """A recommendation as it stood on a day: ``sent``, ``answered`` or ``declined``."""

    id: int
    state: str
    answer: str
    answered_on: date | None


class Offer(msgspec.Struct, frozen=True):
    """What a firm offers in one sector."""

    sector: Line
    text: Paragraphs


class NewProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A firm with solutions; ``contact`` is an office or a web site, never a person."""

    name: Line
    offers: Annotated[list[Offer], msgspec.Meta(max_length=OFFERS_MAX)]
    references: Lines = []
    contact: Line = ""
    source: Line = ""


class Provider(NewProvider, frozen=True, kw_only=True):
    """A registered firm."""

    id: int
    removed_ms: int | None
