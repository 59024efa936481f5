"""What the directives register is given and gives back: plain frozen structs, no personal data."""

from datetime import date

import msgspec

__all__ = (
    "Document",
    "DocumentEdit",
    "Link",
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


class Link(msgspec.Struct, frozen=True):
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

    role: str
    kind: str
    number: str
    issued_on: date | None
    issuer: str
    subject: str
    issuer_stated: bool = True
    asks: list[str] = []
    source: str = ""
    mark: str = ""
    note: str = ""
    place: int = 0


class NewDocument(DocumentEdit, frozen=True, kw_only=True):
    """A document to register; ``key`` is a short unique name such as D2."""

    key: str


class Document(NewDocument, frozen=True, kw_only=True):
    """A document with what it is linked to; ``links`` go out from it."""

    id: int
    links: list[Link]


class TaskEdit(msgspec.Struct, frozen=True, kw_only=True):
    """All that may change about a task but its state.

    ``deadline`` is the last day; ``deadline_text`` the document's own words for it.
    """

    text: str
    responsible: str
    step: str = ""
    partners: str = ""
    deadline: date | None = None
    deadline_text: str = ""


class NewTask(TaskEdit, frozen=True, kw_only=True):
    """A task that a document gives, in its state on the day from which it is known."""

    key: str
    document: int
    on: date
    state: str = "assigned"
    note: str = ""


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

    text: str
    to_whom: str
    kinds: list[str]
    made_on: date
    letter: str = ""
    existing: list[str] = []
    existing_mark: str = ""


class NewRecommendation(RecommendationEdit, frozen=True, kw_only=True):
    """A recommendation to register; ``code`` is unique, such as K1."""

    code: str


class Recommendation(NewRecommendation, frozen=True, kw_only=True):
    """A recommendation as it stood on a day: ``sent``, ``answered`` or ``declined``."""

    id: int
    state: str
    answer: str
    answered_on: date | None


class Offer(msgspec.Struct, frozen=True):
    """What a firm offers in one sector."""

    sector: str
    text: str


class NewProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A firm with solutions; ``contact`` is an office or a web site, never a person."""

    name: str
    offers: list[Offer]
    references: list[str] = []
    contact: str = ""
    source: str = ""


class Provider(NewProvider, frozen=True, kw_only=True):
    """A registered firm."""

    id: int
    removed_ms: int | None
