"""Where personal data lies in the registry's own tables."""

from tram.registry.kernel import tables
from tram.registry.kernel.personal_data import (
    ASKED_FOR,
    DUTY,
    KEEP,
    TASK,
    TILL_ERASED,
    ByPerson,
    DataPlace,
    by_mail,
    declare,
)
from tram.registry.people.tables import (
    api_tokens,
    challenges,
    identities,
    invitations,
    known_browsers,
    mails,
    recovery_codes,
)
from tram.registry.privacy.tables import consents, data_requests
from tram.registry.sharing.tables import group_members, groups, loans, tenures

__all__ = ()

declare(
    tables.sessions,
    DataPlace(
        ("address", "agent"),
        "overview of one's log-ins",
        ASKED_FOR,
        "until they end, 12 hours by default",
        secret=("csrf",),
    ),
    plain=("digest",),
)
for _table, _kept in (
    (challenges, "5 minutes"),
    (recovery_codes, "until used, renewed or erased"),
    (known_browsers, "180 days after the last log-in; until a new password"),
):
    declare(_table, DataPlace((), "proof of identity", ASKED_FOR, _kept), plain=("digest",))
declare(
    api_tokens,
    DataPlace(("name", "last_address"), "programs of a person", ASKED_FOR, TILL_ERASED),
    plain=("digest", "hint", "permissions", "sector"),
)
declare(identities, DataPlace(("issuer", "subject"), "proof of identity", ASKED_FOR, TILL_ERASED))
declare(
    tables.assignments,
    DataPlace((), "what a person may do", TASK, TILL_ERASED),
    plain=("role", "sector"),
)
declare(
    invitations,
    DataPlace(("email", "name"), "joining", TASK, "30 days after they end", by_mail("email")),
    plain=("role", "sector", "locale", "digest"),
    persons=("inviter_id",),
)
declare(
    mails,
    DataPlace(
        ("to", "subject"),
        "delivery of letters",
        TASK,
        "text until sent, the record 30 days",
        by_mail("to"),
        secret=("body",),
    ),
    free=("subject", "body", "note"),
    plain=("state",),
)
declare(
    tables.people,
    DataPlace(
        ("login", "name", "email"),
        "log-in and responsibility for acts",
        TASK,
        TILL_ERASED,
        ByPerson("id"),
        erase={},  # what a nobody looks like depends on the number: see subject_access.py
        secret=("folded", "password_hash", "totp"),
    ),
    plain=("locale", "theme"),
)
_BY_NUMBER_ONLY = "for good, with the number only once erased"
declare(
    consents,
    DataPlace((), "proof of consent", DUTY, _BY_NUMBER_ONLY, erase=KEEP),
    plain=("purpose", "wording", "locale"),
)
declare(
    data_requests,
    DataPlace(
        ("note", "answer"),
        "proof that requests were answered",
        DUTY,
        _BY_NUMBER_ONLY,
        erase={"note": "", "answer": ""},
    ),
    free=("note", "answer"),
    plain=("kind",),
    persons=("entered_by", "answered_by"),
)
declare(
    tables.audit,
    DataPlace(
        ("person_name", "before", "after", "address"),
        "proof of who did what",
        DUTY,
        "for good: a chain of digests, append-only; the name is no longer shown",
        lambda table, subject: (
            (table.c.person_id == subject.id)
            | ((table.c.noun == "person") & (table.c.noun_id == subject.id))
        ),
        erase=KEEP,
    ),
    plain=("action", "noun", "digest"),
    persons=("person_id",),
)
declare(
    tables.jobs,
    DataPlace(
        (), "work ordered", TASK, "with the organisation's records, without the name", erase=KEEP
    ),
    free=("params", "note"),
    plain=("kind", "state"),
)
declare(loans, free=("purpose", "basis"), plain=("metrics",), persons=("person_id",))
declare(tables.downlinks, free=("body", "answer"), plain=("kind", "state"), persons=("person_id",))
declare(tables.grants, free=("purpose",), plain=("metric",))
declare(tables.set_aside, free=("reason",), plain=("part", "kind", "key", "state"))
declare(tables.attempts, plain=("key",))  # digests of what was typed; gone after an hour
declare(tables.claims, plain=("digest",))
declare(tables.counters, plain=("name",))
declare(tables.credentials, plain=("kind", "digest", "hint", "label", "certificate"))
declare(tables.devices, plain=("sector", "name", "folded", "code"))
declare(tables.enrolments, plain=("kind", "name", "sector", "key", "digest", "certificate"))
declare(tables.org_closure)
declare(tables.organisations, plain=("kind", "name", "folded", "code"))
declare(tables.outbox, plain=("kind", "payload"))
declare(
    tables.profiles, plain=("key", "name_vi", "name_en", "sector", "decoder", "metrics", "topics")
)
declare(tables.roles, plain=("name", "title_vi", "title_en", "permissions"))
declare(tables.shared_attributes, plain=("name", "value"))
declare(
    tables.zones,
    plain=(
        "code", "kind", "name", "folded", "status", "area_mark", "area_source", "coord_mark",
        "coord_quality", "commune",
    ),
)  # fmt: skip
declare(group_members)
declare(groups, plain=("name", "folded", "query"))
declare(tenures, plain=("device_name",))
