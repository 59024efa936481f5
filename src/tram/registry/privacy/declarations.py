"""Where personal data lies in the registry's own tables."""

from tram.registry.kernel.personal_data import (
    KEEP,
    DataPlace,
    Declared,
    by_mail,
    by_person,
    declare,
)
from tram.registry.kernel.tables import (
    assignments,
    attempts,
    audit,
    claims,
    counters,
    credentials,
    devices,
    downlinks,
    enrolments,
    grants,
    jobs,
    org_closure,
    organisations,
    outbox,
    people,
    profiles,
    roles,
    sessions,
    set_aside,
    shared_attributes,
    zones,
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

_TILL_ERASED = "until erased on request"

declare(
    Declared(
        sessions,
        (
            DataPlace(
                data=("address", "agent"),
                whose=by_person(sessions.c.person_id),
                purpose="overview of one's log-ins",
                ground="the service asked for",
                kept="until they end, 12 hours by default",
                secret=("csrf",),
            ),
        ),
        plain=("digest",),
        persons=("person_id",),
    )
)
for _table, _kept in (
    (challenges, "5 minutes"),
    (recovery_codes, "until used, renewed or erased"),
    (known_browsers, "180 days after the last log-in; until a new password"),
):
    declare(
        Declared(
            _table,
            (
                DataPlace(
                    data=(),
                    whose=by_person(_table.c.person_id),
                    purpose="proof of identity",
                    ground="the service asked for",
                    kept=_kept,
                ),
            ),
            plain=("digest",),
            persons=("person_id",),
        )
    )
declare(
    Declared(
        api_tokens,
        (
            DataPlace(
                data=("name", "last_address"),
                whose=by_person(api_tokens.c.person_id),
                purpose="programs of a person",
                ground="the service asked for",
                kept=_TILL_ERASED,
            ),
        ),
        plain=("digest", "hint", "permissions", "sector"),
        persons=("person_id",),
    )
)
declare(
    Declared(
        identities,
        (
            DataPlace(
                data=("issuer", "subject"),
                whose=by_person(identities.c.person_id),
                purpose="proof of identity",
                ground="the service asked for",
                kept=_TILL_ERASED,
            ),
        ),
        persons=("person_id",),
    )
)
declare(
    Declared(
        assignments,
        (
            DataPlace(
                data=(),
                whose=by_person(assignments.c.person_id),
                purpose="what a person may do",
                ground="the organisation's task",
                kept=_TILL_ERASED,
            ),
        ),
        plain=("role", "sector"),
        persons=("person_id",),
    )
)
declare(
    Declared(
        invitations,
        (
            DataPlace(
                data=("email", "name"),
                whose=by_mail(invitations.c.email),
                purpose="joining",
                ground="the organisation's task",
                kept="30 days after they end",
            ),
        ),
        plain=("role", "sector", "locale", "digest"),
        persons=("inviter_id",),
    )
)
declare(
    Declared(
        mails,
        (
            DataPlace(
                data=("to", "subject"),
                whose=by_mail(mails.c.to),
                purpose="delivery of letters",
                ground="the organisation's task",
                kept="text until sent, the record 30 days",
                secret=("body",),
            ),
        ),
        free=("subject", "body", "note"),
        plain=("state",),
    )
)
declare(
    Declared(
        people,
        (
            DataPlace(
                data=("login", "name", "email"),
                whose=by_person(people.c.id),
                purpose="log-in and responsibility for acts",
                ground="the organisation's task",
                kept=_TILL_ERASED,
                erase={},  # what a nobody looks like depends on the number: see personal.py
                secret=("folded", "password_hash", "totp"),
            ),
        ),
        plain=("locale", "theme"),
    )
)
declare(
    Declared(
        consents,
        (
            DataPlace(
                data=(),
                whose=by_person(consents.c.person_id),
                purpose="proof of consent",
                ground="legal duty to prove",
                kept="for good, with the number only once erased",
                erase=KEEP,
            ),
        ),
        plain=("purpose", "wording", "locale"),
        persons=("person_id",),
    )
)
declare(
    Declared(
        data_requests,
        (
            DataPlace(
                data=("note", "answer"),
                whose=by_person(data_requests.c.person_id),
                purpose="proof that requests were answered",
                ground="legal duty to prove",
                kept="for good, with the number only once erased",
                erase={"note": "", "answer": ""},
            ),
        ),
        free=("note", "answer"),
        plain=("kind",),
        persons=("person_id", "entered_by", "answered_by"),
    )
)
declare(
    Declared(
        audit,
        (
            DataPlace(
                data=("person_name", "before", "after", "address"),
                whose=lambda subject: (
                    (audit.c.person_id == subject.id)
                    | ((audit.c.noun == "person") & (audit.c.noun_id == subject.id))
                ),
                purpose="proof of who did what",
                ground="legal duty to prove",
                kept="for good: a chain of digests, append-only; the name is no longer shown",
                erase=KEEP,
            ),
        ),
        plain=("action", "noun", "digest"),
        persons=("person_id",),
    )
)
declare(
    Declared(
        jobs,
        (
            DataPlace(
                data=(),
                whose=by_person(jobs.c.person_id),
                purpose="work ordered",
                ground="the organisation's task",
                kept="with the organisation's records, without the name",
                erase=KEEP,
            ),
        ),
        free=("params", "note"),
        plain=("kind", "state"),
        persons=("person_id",),
    )
)
declare(Declared(loans, free=("purpose", "basis"), plain=("metrics",), persons=("person_id",)))
declare(
    Declared(downlinks, free=("body", "answer"), plain=("kind", "state"), persons=("person_id",))
)
declare(Declared(grants, free=("purpose",), plain=("metric",)))
declare(Declared(set_aside, free=("reason",), plain=("part", "kind", "key", "state")))
declare(Declared(attempts, plain=("key",)))  # digests of what was typed; gone after an hour
declare(Declared(claims, plain=("digest",)))
declare(Declared(counters, plain=("name",)))
declare(Declared(credentials, plain=("kind", "digest", "hint", "label", "certificate")))
declare(Declared(devices, plain=("sector", "name", "folded", "code")))
declare(Declared(enrolments, plain=("kind", "name", "sector", "key", "digest", "certificate")))
declare(Declared(org_closure))
declare(Declared(organisations, plain=("kind", "name", "folded", "code")))
declare(Declared(outbox, plain=("kind", "payload")))
declare(
    Declared(
        profiles,
        plain=("key", "name_vi", "name_en", "sector", "decoder", "metrics", "topics"),
    )
)
declare(Declared(roles, plain=("name", "title_vi", "title_en", "permissions")))
declare(Declared(shared_attributes, plain=("name", "value")))
declare(
    Declared(
        zones,
        plain=(
            "code", "kind", "name", "folded", "status", "area_mark", "area_source", "coord_mark",
            "coord_quality", "commune",
        ),
    )
)  # fmt: skip
declare(Declared(group_members))
declare(Declared(groups, plain=("name", "folded", "query")))
declare(Declared(tenures, plain=("device_name",)))
