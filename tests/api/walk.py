"""What the leak walk asks of each route: an example for every one, or the walk fails."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from litestar import Litestar
from litestar.routes import BaseRoute, HTTPRoute

from tests.api.province import PASSWORD, WASTEWATER, Party
from tram.api.http.session import API

JSON = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """How to ask a route about one party: query, JSON body or form, each made for that party."""

    query: Callable[[Party], JSON] = field(default=lambda _party: {})
    body: Callable[[Party], JSON] | None = None
    form: Callable[[Party], JSON] | None = None


@dataclass(frozen=True)
class Ask:
    """One request, ready to send."""

    method: str
    route: str
    path: str
    query: JSON
    body: JSON | None
    form: JSON | None


_SPAN = {"metric": "zeta", "start_ms": 0, "end_ms": 4_000_000_000_000}
_NEW_DEVICE = {"name": "walk", "sector": "energy", "profile": WASTEWATER}


_PAST = {"start_ms": 0, "end_ms": 4_000_000_000_000}


def _correction(party: Party) -> JSON:
    span = {"metric": "zeta", "start_ms": 0, "end_ms": 4_000_000_000_000}
    return {**span, "operation": "invalidate", "reason": party.mark}


def _new_device(party: Party) -> JSON:
    return {**_NEW_DEVICE, "org": party.org}


def _enrolment(party: Party) -> JSON:
    return {**_new_device(party), "name": f"{party.mark} enrolment"}


def _enrolment_form(party: Party) -> JSON:
    return {**_enrolment(party), "devices_max": "5"}


def _claim(party: Party) -> JSON:
    return {"code": "23456789", "org": party.org}


def _count(party: Party) -> JSON:
    return {
        "operator": 1,
        "technology": "5G",
        "count": 7,
        "as_of": "2025-08-31",
        "source": party.mark,
    }


def _target(party: Party) -> JSON:
    source = {"text": party.mark}
    base = {"base_rule": "moving", "deadline": "2026-12-31", "source": source, "value": 60}
    names = {"name_vi": party.mark, "name_en": party.mark}
    return {**base, **names}


def _new_target(party: Party) -> JSON:
    return {**_target(party), "key": party.mark, "indicator": "ratio_5g_4g"}


def _document(party: Party) -> JSON:
    named = {"role": "directive", "kind": "Công văn", "number": "1/UBND", "issuer": "UBND tỉnh"}
    return {**named, "issued_on": "2025-08-01", "subject": party.mark}


def _new_document(party: Party) -> JSON:
    return {**_document(party), "key": party.mark}


def _link(_party: Party) -> JSON:
    return {"relation": "cites", "document": 2}


def _task(party: Party) -> JSON:
    return {"text": party.mark, "responsible": "Sở Khoa học và Công nghệ"}


def _new_task(party: Party) -> JSON:
    return {**_task(party), "key": party.mark, "document": 1, "on": "2025-08-01"}


def _state(party: Party) -> JSON:
    return {"state": "done", "on": "2025-09-01", "note": party.mark}


def _recommendation(party: Party) -> JSON:
    asked = {"text": party.mark, "to_whom": "Cục Viễn thông", "kinds": ["rule"]}
    return {**asked, "made_on": "2025-08-01"}


def _new_recommendation(party: Party) -> JSON:
    return {**_recommendation(party), "code": party.mark}


def _answer(party: Party) -> JSON:
    return {"text": party.mark, "answer": party.mark, "on": "2025-09-01"}


def _provider(party: Party) -> JSON:
    return {"name": party.mark, "offers": [{"sector": "energy", "text": party.mark}]}


def _provider_form(party: Party) -> JSON:
    return {"name": party.mark, "offer-energy": party.mark}


def _recommendation_form(party: Party) -> JSON:
    return {**_new_recommendation(party), "kinds": "", "kind-rule": "yes"}


def _text(party: Party) -> JSON:
    return {"text": party.mark, "as_of": "2025-07-30"}


def _version(_party: Party) -> JSON:
    return {"as_of": "2025-07-30"}


def _day(_party: Party) -> JSON:
    return {"as_of": "2025-07-30"}


def _reason(party: Party) -> JSON:
    return {"note": party.mark}


def _rule(party: Party) -> JSON:
    content = {"spec": {"kind": "limit", "metric": "zeta", "high": 1e9}}
    return {"name": party.mark, "severity": "info", "content": content, "org": party.org}


def _rule_form(_party: Party) -> JSON:
    return {"name": "walk", "severity": "info", "kind": "limit", "metric": "z", "op": "above"}


def _trial(party: Party) -> JSON:
    scope = {"devices": [party.devices[0].id]}
    content = {"spec": {"kind": "limit", "metric": "zeta", "high": 0}, "scope": scope}
    return {"content": content, "days": 1}


def _act(party: Party) -> JSON:
    return {"alarms": [1], "deed": "comment", "note": party.mark}


def _chain(party: Party) -> JSON:
    return {"name": party.mark, "steps": [{"after_s": 0}], "org": party.org}


def _calendar(party: Party) -> JSON:
    return {"name": party.mark, "hours": [{"days": [0]}], "org": party.org}


def _webhook(party: Party) -> JSON:
    return {"name": party.mark, "url": "https://hooks.example/x", "org": party.org}


def _window(party: Party) -> JSON:
    span = {"from_ms": 0, "until_ms": 4_000_000_000_000, "reason": party.mark}
    return {**span, "device": party.devices[0].id}


def _drill(party: Party) -> JSON:
    return {"until_ms": 4_000_000_000_000, "reason": party.mark}


def _span(_party: Party) -> JSON:
    return _SPAN


def _plan(party: Party) -> JSON:
    return {"as_of": "2025-10-31", "columns": {"code": party.mark}, "reference": {}}


def _plan_form(party: Party) -> JSON:
    return {"as_of": "31/10/2025", "column-code": party.mark, "system": "wgs84"}


def _zone_facts(party: Party) -> JSON:
    return {"authority": party.org, "needs": party.mark}


def _round(party: Party) -> JSON:
    days = {"as_of": "2025-10-31", "due_on": "2025-11-10"}
    return {**days, "name": party.mark, "operators": [1]}


def _round_form(party: Party) -> JSON:
    days = {"as_of": "31/10/2025", "due_on": "10/11/2025"}
    return {**days, "name": party.mark, "operator-1": "yes"}


def _search_only(party: Party) -> JSON:
    return {"search": party.mark}


def _search(party: Party) -> JSON:
    return {"search": party.mark, "org": party.org}


def _new_group(party: Party) -> JSON:
    return {"org": party.org, "name": party.mark, "query": {"sector": "traffic"}}


def _new_loan(party: Party) -> JSON:
    return {
        "to_org": 2,
        "devices": [party.devices[0].id],
        "purpose": party.mark,
        "until_ms": 4_000_000_000_000,
    }


def _new_person(party: Party) -> JSON:
    return {"org": party.org, "login": f"walk-{party.org}", "name": "walk", "password": PASSWORD}


def _invitation(party: Party) -> JSON:
    return {"org": party.org, "email": "a@b.example", "name": "walk", "role": "public-viewer"}


def _wrong_password(_party: Party) -> JSON:
    return {"password": "not the password"}


REGISTERED = {
    "incident": 1,
    "correction": 1,
    "entry": 1,
    "target": 1,
    "document": 1,
    "task": 1,
    "recommendation": 1,
    "provider": 1,
    "version": 1,
    "kind": "docx",
    "run": "none",
    "key": "closing.contact",
    "station": 1,
    "number": 1,
    "survey": 1,
    "reply": 1,
    "form": "csv",
    "layer": "commune",
}
"""What the province of the tests has, whoever asks; no version of the letter is kept in it."""
EXAMPLES: dict[tuple[str, str], Example] = {
    ("GET", f"{API}/devices"): Example(_search),
    ("POST", f"{API}/devices"): Example(body=_new_device),
    ("GET", f"{API}/devices.csv"): Example(_search),
    ("GET", f"{API}/devices/{{device}}"): Example(),
    ("DELETE", f"{API}/devices/{{device}}"): Example(),
    ("GET", f"{API}/devices/{{device}}/credentials"): Example(),
    ("POST", f"{API}/devices/{{device}}/credentials"): Example(body=lambda _party: {}),
    ("POST", f"{API}/credentials/{{credential}}/rotations"): Example(
        body=lambda _party: {"overlap_s": 60}
    ),
    ("GET", f"{API}/enrolments"): Example(),
    ("POST", f"{API}/enrolments"): Example(body=_enrolment),
    ("DELETE", f"{API}/enrolments/{{enrolment}}"): Example(),
    ("POST", f"{API}/devices/{{device}}/claim-code"): Example(body=lambda _party: {}),
    ("POST", f"{API}/claims"): Example(body=_claim),
    ("DELETE", f"{API}/credentials/{{credential}}"): Example(),
    ("GET", f"{API}/devices/{{device}}/downlinks"): Example(),
    ("POST", f"{API}/devices/{{device}}/rpc"): Example(body=lambda _: {"method": "walk"}),
    ("GET", f"{API}/devices/{{device}}/attributes/shared"): Example(),
    ("POST", f"{API}/devices/{{device}}/attributes/shared"): Example(
        body=lambda _: {"values": {"walk": 1}}
    ),
    ("PUT", f"{API}/profiles/{{profile}}/topics"): Example(body=lambda _: {"topics": []}),
    ("GET", f"{API}/devices/{{device}}/latest"): Example(),
    ("GET", f"{API}/devices/{{device}}/latest.csv"): Example(),
    ("GET", f"{API}/devices/{{device}}/readings"): Example(_span),
    ("GET", f"{API}/devices/{{device}}/readings.csv"): Example(_span),
    ("GET", f"{API}/devices/{{device}}/events"): Example(),
    ("GET", f"{API}/devices/{{device}}/events.csv"): Example(),
    ("GET", f"{API}/devices/{{device}}/messages"): Example(),
    ("GET", f"{API}/devices/{{device}}/attributes"): Example(),
    ("GET", f"{API}/devices/{{device}}/audience"): Example(),
    ("GET", f"{API}/devices/{{device}}/corrections"): Example(),
    ("POST", f"{API}/devices/{{device}}/corrections"): Example(body=_correction),
    ("POST", f"{API}/devices/{{device}}/corrections/{{correction}}/undo"): Example(
        body=lambda party: {"reason": party.mark}
    ),
    ("POST", f"{API}/devices/{{device}}/backlog"): Example(body=lambda _party: _PAST),
    ("GET", f"{API}/aggregates"): Example(lambda _party: {**_SPAN, "step": "day"}),
    ("GET", f"{API}/completeness"): Example(lambda _party: {**_PAST, "by": "series"}),
    ("GET", f"{API}/gaps"): Example(lambda _party: _PAST),
    ("GET", f"{API}/quarantine"): Example(),
    ("GET", f"{API}/exports/{{kind}}"): Example(lambda _party: _PAST),
    ("GET", f"{API}/zones"): Example(),
    ("GET", f"{API}/zones.csv"): Example(),
    ("GET", f"{API}/zones/{{zone}}"): Example(),
    ("GET", f"{API}/zones/{{zone}}/facts"): Example(),
    ("PUT", f"{API}/zones/{{zone}}/facts"): Example(body=_zone_facts),
    ("GET", f"{API}/organisations"): Example(),
    ("GET", f"{API}/organisations.csv"): Example(),
    ("POST", f"{API}/organisations"): Example(
        body=lambda party: {"parent": party.org, "name": "walk", "kind": "unit", "code": "WALK"}
    ),
    ("GET", f"{API}/profiles"): Example(),
    ("GET", f"{API}/profiles/{{profile}}"): Example(),
    ("GET", f"{API}/map/devices"): Example(),
    ("GET", f"{API}/map/zones"): Example(),
    ("GET", f"{API}/me"): Example(),
    ("PUT", f"{API}/me/preferences"): Example(body=lambda _party: {"locale": "vi"}),
    ("GET", f"{API}/overview"): Example(),
    ("GET", f"{API}/audit"): Example(),
    ("GET", f"{API}/audit.csv"): Example(),
    ("GET", f"{API}/system"): Example(),
    ("GET", f"{API}/system/aside"): Example(),
    ("POST", f"{API}/system/aside/{{entry}}/again"): Example(),
    ("GET", f"{API}/jobs"): Example(),
    ("GET", f"{API}/jobs/{{job}}"): Example(),
    ("POST", f"{API}/jobs/{{job}}/cancel"): Example(body=lambda _: {}),
    ("GET", f"{API}/schema"): Example(),
    ("GET", f"{API}/schema/openapi.json"): Example(),
    ("GET", f"{API}/schema/{{path}}"): Example(),
    ("GET", f"{API}/operators"): Example(),
    ("PUT", f"{API}/operators/{{operator}}"): Example(body=lambda party: {"org": party.org}),
    ("GET", f"{API}/surveys"): Example(),
    ("POST", f"{API}/surveys"): Example(body=_round),
    ("GET", f"{API}/surveys/{{survey}}"): Example(),
    ("POST", f"{API}/surveys/{{survey}}/reminders"): Example(body=lambda _: {}),
    ("POST", f"{API}/surveys/{{survey}}/end"): Example(body=lambda _: {}),
    ("POST", f"{API}/surveys/replies/{{reply}}/answers"): Example(body=lambda _: {"devices": 1}),
    ("POST", f"{API}/surveys/replies/{{reply}}/return"): Example(body=_reason),
    ("POST", f"{API}/surveys/replies/{{reply}}/approval"): Example(body=lambda _: {}),
    ("GET", f"{API}/stations"): Example(),
    ("GET", f"{API}/stations/export/{{form}}"): Example(),
    ("GET", f"{API}/stations/{{station}}"): Example(),
    ("GET", f"{API}/map/stations"): Example(),
    ("GET", f"{API}/map/layers"): Example(),
    ("GET", f"{API}/map/shapes/{{layer}}"): Example(),
    ("GET", f"{API}/presence/zones"): Example(),
    ("GET", f"{API}/presence/zones.csv"): Example(),
    ("GET", f"{API}/presence/communes"): Example(),
    ("GET", f"{API}/presence/communes.csv"): Example(),
    ("GET", f"{API}/imports"): Example(),
    ("POST", f"{API}/imports"): Example(),
    ("GET", f"{API}/imports/{{number}}"): Example(),
    ("PUT", f"{API}/imports/{{number}}/plan"): Example(body=_plan),
    ("GET", f"{API}/imports/{{number}}/faults"): Example(),
    ("POST", f"{API}/imports/{{number}}/write"): Example(body=lambda _: {}),
    ("POST", f"{API}/imports/{{number}}/undo"): Example(body=lambda _: {}),
    ("POST", f"{API}/imports/{{number}}/cancel"): Example(body=lambda _: {}),
    ("GET", f"{API}/counts"): Example(_day),
    ("GET", f"{API}/counts.csv"): Example(_day),
    ("GET", f"{API}/counts/series"): Example(),
    ("GET", f"{API}/counts/series.csv"): Example(),
    ("GET", f"{API}/counts/entries"): Example(),
    ("POST", f"{API}/counts/entries"): Example(body=_count),
    ("GET", f"{API}/counts/entries/{{entry}}"): Example(),
    ("POST", f"{API}/counts/entries/{{entry}}/correction"): Example(body=_count),
    ("POST", f"{API}/counts/entries/{{entry}}/withdrawal"): Example(body=_reason),
    ("GET", f"{API}/targets"): Example(_day),
    ("GET", f"{API}/targets.csv"): Example(_day),
    ("POST", f"{API}/targets"): Example(body=_new_target),
    ("GET", f"{API}/targets/{{target}}"): Example(_day),
    ("PUT", f"{API}/targets/{{target}}"): Example(body=_target),
    ("DELETE", f"{API}/targets/{{target}}"): Example(),
    ("GET", f"{API}/targets/{{target}}/course"): Example(_day),
    ("GET", f"{API}/counting-rules"): Example(),
    ("GET", f"{API}/documents"): Example(),
    ("GET", f"{API}/documents.csv"): Example(),
    ("POST", f"{API}/documents"): Example(body=_new_document),
    ("GET", f"{API}/documents/{{document}}"): Example(),
    ("PUT", f"{API}/documents/{{document}}"): Example(body=_document),
    ("POST", f"{API}/documents/{{document}}/links"): Example(body=_link),
    ("POST", f"{API}/documents/{{document}}/links/removal"): Example(body=_link),
    ("GET", f"{API}/tasks"): Example(),
    ("GET", f"{API}/tasks.csv"): Example(),
    ("POST", f"{API}/tasks"): Example(body=_new_task),
    ("GET", f"{API}/tasks/{{task}}"): Example(),
    ("PUT", f"{API}/tasks/{{task}}"): Example(body=_task),
    ("POST", f"{API}/tasks/{{task}}/state"): Example(body=_state),
    ("GET", f"{API}/recommendations"): Example(),
    ("GET", f"{API}/recommendations.csv"): Example(),
    ("POST", f"{API}/recommendations"): Example(body=_new_recommendation),
    ("GET", f"{API}/recommendations/{{recommendation}}"): Example(),
    ("PUT", f"{API}/recommendations/{{recommendation}}"): Example(body=_recommendation),
    ("POST", f"{API}/recommendations/{{recommendation}}/answer"): Example(
        body=lambda party: {"text": party.mark, "on": "2025-09-01"}
    ),
    ("GET", f"{API}/providers"): Example(),
    ("GET", f"{API}/providers.csv"): Example(),
    ("POST", f"{API}/providers"): Example(body=_provider),
    ("GET", f"{API}/providers/{{provider}}"): Example(),
    ("PUT", f"{API}/providers/{{provider}}"): Example(body=_provider),
    ("DELETE", f"{API}/providers/{{provider}}"): Example(),
    ("GET", f"{API}/findings"): Example(_day),
    ("GET", f"{API}/findings.csv"): Example(_day),
    ("GET", f"{API}/letter/draft"): Example(_day),
    ("GET", f"{API}/letter/draft/{{kind}}"): Example(_day),
    ("GET", f"{API}/letter/texts"): Example(_day),
    ("PUT", f"{API}/letter/texts/{{key}}"): Example(body=_text),
    ("DELETE", f"{API}/letter/texts/{{key}}"): Example(_day),
    ("GET", f"{API}/letter/texts/{{key}}/history"): Example(),
    ("GET", f"{API}/letter/versions"): Example(),
    ("POST", f"{API}/letter/versions"): Example(body=_version),
    ("GET", f"{API}/letter/versions/{{version}}"): Example(),
    ("GET", f"{API}/letter/versions/{{version}}/{{kind}}"): Example(),
    ("POST", f"{API}/groups"): Example(body=_new_group),
    ("PUT", f"{API}/groups/{{group}}"): Example(body=_new_group),
    ("POST", f"{API}/loans"): Example(body=_new_loan),
    ("POST", f"{API}/people"): Example(body=_new_person),
    ("GET", f"{API}/people"): Example(lambda party: {"search": party.mark}),
    ("POST", f"{API}/people/{{person}}/roles"): Example(
        body=lambda party: {"role": "public-viewer", "org": party.org}
    ),
    ("POST", f"{API}/invitations"): Example(body=_invitation),
    ("POST", f"{API}/me/tokens"): Example(
        body=lambda party: {
            "name": "walk",
            "permissions": ["device.read"],
            "days": 1,
            "org": party.org,
        }
    ),
    ("POST", f"{API}/me/totp"): Example(
        body=lambda _party: {"secret": "ABCDABCDABCDABCD", "code": "000000"}
    ),
    ("POST", f"{API}/me/totp/recovery"): Example(body=_wrong_password),
    ("POST", f"{API}/me/totp/off"): Example(body=_wrong_password),
    ("GET", "/login/oidc/back"): Example(lambda _party: {"state": "x", "code": "y"}),
    ("GET", f"{API}/coverage"): Example(),
    ("POST", f"{API}/coverage/runs"): Example(body=lambda _party: {"band": "n78"}),
    ("GET", f"{API}/coverage/drive-test"): Example(),
    ("GET", "/coverage/drive-test"): Example(),
    ("GET", f"{API}/coverage/path"): Example(lambda _party: {"a": "15.1,108.8", "b": "15,108.7"}),
    ("GET", f"{API}/coverage/{{run}}/{{layer}}"): Example(),
    ("GET", f"{API}/coverage/{{run}}/{{layer}}/regions.csv"): Example(),
    ("GET", f"{API}/coverage/{{run}}/{{layer}}/holes.csv"): Example(),
    ("GET", f"{API}/coverage/{{run}}/{{layer}}/files/{{kind}}"): Example(),
    # pages
    ("GET", "/network"): Example(_search_only),
    ("GET", "/network/stations/{station}"): Example(),
    ("GET", "/network/zones"): Example(),
    ("GET", "/network/zones/{zone}"): Example(),
    ("POST", "/network/zones/{zone}"): Example(form=lambda party: {"needs": party.mark}),
    ("GET", "/network/communes"): Example(),
    ("GET", "/network/import"): Example(),
    ("POST", "/network/import"): Example(),
    ("GET", "/network/import/{number}"): Example(),
    ("POST", "/network/import/{number}/plan"): Example(form=_plan_form),
    ("POST", "/network/import/{number}/write"): Example(form=lambda _: {"x": ""}),
    ("POST", "/network/import/{number}/undo"): Example(form=lambda _: {"x": ""}),
    ("POST", "/network/import/{number}/cancel"): Example(form=lambda _: {"x": ""}),
    ("GET", "/network/import/{number}/failed"): Example(),
    ("GET", "/coverage"): Example(),
    ("POST", "/coverage"): Example(form=lambda _party: {"band": "n78"}),
    ("GET", "/coverage/order"): Example(),
    ("POST", "/coverage/order/{number}/cancel"): Example(form=lambda _: {"x": ""}),
    ("GET", "/coverage/path"): Example(),
    ("GET", "/network/surveys"): Example(),
    ("POST", "/network/surveys"): Example(form=_round_form),
    ("GET", "/network/surveys/{survey}"): Example(),
    ("POST", "/network/surveys/{survey}/answers/{reply}"): Example(
        form=lambda _: {"devices": "1"}
    ),
    ("POST", "/network/surveys/{survey}/decisions"): Example(form=lambda _: {"step": "remind"}),
    ("GET", f"{API}/alarms"): Example(),
    ("GET", f"{API}/alarms.csv"): Example(),
    ("GET", f"{API}/alarms/counts"): Example(),
    ("GET", f"{API}/alarms/setup"): Example(),
    ("GET", f"{API}/alarms/notices"): Example(),
    ("GET", f"{API}/alarms/{{alarm}}"): Example(),
    ("POST", f"{API}/alarms/acts"): Example(body=_act),
    ("POST", f"{API}/alarms/chains"): Example(body=_chain),
    ("DELETE", f"{API}/alarms/chains/{{chain}}"): Example(),
    ("POST", f"{API}/alarms/calendars"): Example(body=_calendar),
    ("DELETE", f"{API}/alarms/calendars/{{calendar}}"): Example(),
    ("POST", f"{API}/alarms/webhooks"): Example(body=_webhook),
    ("DELETE", f"{API}/alarms/webhooks/{{webhook}}"): Example(),
    ("POST", f"{API}/alarms/windows"): Example(body=_window),
    ("POST", f"{API}/alarms/windows/{{window}}/end"): Example(),
    ("POST", f"{API}/alarms/drills"): Example(body=_drill),
    ("POST", f"{API}/alarms/drills/{{drill}}/end"): Example(),
    ("PUT", f"{API}/alarms/contact"): Example(body=lambda _party: {"email": "a@example.org"}),
    ("POST", f"{API}/alarms/test"): Example(body=lambda _party: {}),
    ("POST", f"{API}/alarms/filters"): Example(
        body=lambda party: {"name": party.mark, "query": "state=all"}
    ),
    ("DELETE", f"{API}/alarms/filters/{{filter_id}}"): Example(),
    ("PUT", f"{API}/devices/{{device}}/parent"): Example(body=lambda _party: {"parent": None}),
    ("GET", f"{API}/rules"): Example(),
    ("POST", f"{API}/rules"): Example(body=_rule),
    ("POST", f"{API}/rules/trial"): Example(body=_trial),
    ("GET", f"{API}/rules/{{rule}}"): Example(),
    ("PUT", f"{API}/rules/{{rule}}"): Example(body=_rule),
    ("POST", f"{API}/rules/{{rule}}/switch"): Example(body=lambda _party: {"on": False}),
    ("DELETE", f"{API}/rules/{{rule}}"): Example(),
    # pages
    ("GET", "/alarms"): Example(),
    ("GET", "/alarms/{alarm}"): Example(),
    ("POST", "/alarms/{alarm}/act"): Example(form=_act),
    ("GET", "/alarms/incidents/{incident}"): Example(),
    ("GET", "/alarms/rules"): Example(),
    ("GET", "/alarms/rules/new"): Example(),
    ("POST", "/alarms/rules/new"): Example(form=_rule_form),
    ("GET", "/alarms/rules/{rule}"): Example(),
    ("POST", "/alarms/rules/{rule}"): Example(form=_rule_form),
    ("POST", "/alarms/rules/{rule}/switch"): Example(form=lambda _party: {"on": "yes"}),
    ("POST", "/alarms/rules/{rule}/remove"): Example(form=lambda _party: {"name": ""}),
    ("GET", "/alarms/setup"): Example(),
    ("POST", "/alarms/setup"): Example(form=lambda _party: {"do": "contact"}),
    ("GET", "/devices/{device}/alarms"): Example(),
    ("GET", "/reports"): Example(_day),
    ("GET", "/reports/letter/{kind}"): Example(_day),
    ("POST", "/reports/versions"): Example(form=_version),
    ("GET", "/reports/texts/{key}"): Example(_day),
    ("POST", "/reports/texts/{key}"): Example(form=_text),
    ("POST", "/reports/texts/{key}/reset"): Example(form=_day),
    ("GET", "/reports/targets"): Example(_day),
    ("GET", "/reports/counts"): Example(_day),
    ("POST", "/reports/counts"): Example(form=_count),
    ("GET", "/reports/counts/{entry}"): Example(),
    ("POST", "/reports/counts/{entry}"): Example(form=_count),
    ("POST", "/reports/counts/{entry}/withdraw"): Example(form=_reason),
    ("GET", "/reports/directives"): Example(),
    ("GET", "/reports/directives/documents/new"): Example(),
    ("POST", "/reports/directives/documents/new"): Example(form=_new_document),
    ("GET", "/reports/directives/documents/{document}"): Example(),
    ("POST", "/reports/directives/documents/{document}"): Example(form=_document),
    ("GET", "/reports/directives/tasks/new"): Example(),
    ("POST", "/reports/directives/tasks/new"): Example(form=_new_task),
    ("GET", "/reports/directives/tasks/{task}"): Example(),
    ("POST", "/reports/directives/tasks/{task}"): Example(form=_task),
    ("POST", "/reports/directives/tasks/{task}/state"): Example(form=_state),
    ("GET", "/reports/recommendations"): Example(),
    ("GET", "/reports/recommendations/new"): Example(),
    ("POST", "/reports/recommendations/new"): Example(form=_recommendation_form),
    ("GET", "/reports/recommendations/{recommendation}"): Example(),
    ("POST", "/reports/recommendations/{recommendation}"): Example(form=_recommendation_form),
    ("POST", "/reports/recommendations/{recommendation}/answer"): Example(form=_answer),
    ("GET", "/reports/providers"): Example(),
    ("GET", "/reports/providers/new"): Example(),
    ("POST", "/reports/providers/new"): Example(form=_provider_form),
    ("GET", "/reports/providers/{provider}"): Example(),
    ("POST", "/reports/providers/{provider}"): Example(form=_provider_form),
    ("POST", "/reports/providers/{provider}/remove"): Example(form=_reason),
    ("GET", "/"): Example(),
    ("GET", "/map"): Example(),
    ("GET", "/devices"): Example(_search),
    ("GET", "/devices/new"): Example(),
    ("POST", "/devices/new"): Example(form=_new_device),
    ("GET", "/devices/{device}"): Example(),
    ("GET", "/devices/{device}/chart"): Example(lambda _party: {"metric": "zeta"}),
    ("GET", "/devices/{device}/messages"): Example(),
    ("GET", "/devices/{device}/downlinks"): Example(),
    ("POST", "/devices/{device}/downlinks/calls"): Example(
        form=lambda party: {"method": party.mark, "params": "[1]"}
    ),
    ("POST", "/devices/{device}/downlinks/attributes"): Example(
        form=lambda party: {"name": party.mark, "value": "1"}
    ),
    ("GET", "/devices/{device}/gaps"): Example(),
    ("GET", "/devices/{device}/corrections"): Example(),
    ("POST", "/devices/{device}/corrections"): Example(
        form=lambda party: {
            "metric": "zeta",
            "operation": "invalidate",
            "from": "2024-01-01T00:00",
            "until": "2030-01-01T00:00",
            "reason": party.mark,
        }
    ),
    ("POST", "/devices/{device}/corrections/{correction}/undo"): Example(
        form=lambda party: {"reason": party.mark}
    ),
    ("GET", "/quarantine"): Example(),
    ("GET", "/devices/{device}/access"): Example(),
    ("POST", "/devices/{device}/tokens"): Example(form=lambda _party: {"name": ""}),
    ("POST", "/devices/{device}/tokens/{credential}/rotate"): Example(
        form=lambda _party: {"name": ""}
    ),
    ("POST", "/devices/{device}/claim-code"): Example(form=lambda _party: {"name": ""}),
    ("GET", "/devices/registration"): Example(),
    ("POST", "/devices/registration"): Example(form=_enrolment_form),
    ("POST", "/devices/registration/{enrolment}/end"): Example(form=lambda _party: {"name": ""}),
    ("POST", "/devices/claim"): Example(form=_claim),
    ("POST", "/devices/{device}/tokens/{credential}/revoke"): Example(
        form=lambda _party: {"name": ""}
    ),
    ("POST", "/language"): Example(form=lambda _party: {"language": "vi"}),
    ("GET", "/aside"): Example(),
    ("POST", "/aside/{entry}/again"): Example(form=lambda _party: {"name": ""}),
    ("GET", "/login"): Example(),
    ("GET", "/health"): Example(),
    ("GET", "/metrics"): Example(),
    ("GET", "/favicon.ico"): Example(),
    ("GET", "/static/{file_path}"): Example(),
}
SESSION_ENDS = {("POST", f"{API}/session"), ("DELETE", f"{API}/session"), ("POST", "/login")}
"""These change who asks; test_session proves them."""
SESSION_ENDS |= {("POST", "/logout"), ("POST", f"{API}/session/code"), ("POST", "/login/code")}


def routes_of(app: Litestar) -> list[tuple[str, str]]:
    """Return method and path template of every HTTP route of the application."""
    return sorted(
        (method, route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS"}
    )


def sockets_of(app: Litestar) -> list[str]:
    """Return the paths that are not HTTP; test_live proves what they let through."""
    return [_path(route) for route in app.routes if not isinstance(route, HTTPRoute)]


def asks_about(app: Litestar, party: Party, zone: int, words: str = "") -> list[Ask]:
    """Return one request per route, aimed at the things of a party.

    ``words`` is what the writer writes wherever a text is wanted: what somebody wrote into rows of
    his own is no row of the party's, though it may repeat its name.

    A route without an example gets one made from the interface's own description, so that a new
    route is walked from its first day.
    """
    fillers = {
        "device": party.devices[0].id,
        "credential": party.credentials[0],
        "enrolment": party.enrolment,
        "zone": zone,
        "profile": WASTEWATER,
        "path": "openapi.json",
        "file_path": "none.css",
        "opened": 1_000_000,  # a session of nobody: one's own would end the walk
        "secret": "unknown",
        **REGISTERED,
        **party.things,
    }
    described_app = app.openapi_schema.to_schema()
    paths, schemas = described_app["paths"], described_app["components"]["schemas"]
    written = replace(party, mark=words or party.mark)
    asks = []
    for method, route in routes_of(app):
        if (method, route) in SESSION_ENDS:
            continue
        names = re.findall(r"\{(\w+)\}", route)
        path = route.format(**{name: fillers.get(name, 1) for name in names})
        described = paths.get(route, {}).get(method.lower(), {})
        example = _written_down(method, route) or _made(described, schemas, fillers)
        body = example.body(written) if example.body else None
        form = example.form(written) if example.form else None
        if not described and method == "POST" and form is None and body is None:
            form = {"name": written.mark}
        asks.append(Ask(method, route, path, example.query(party), body, form))
    return asks


def _written_down(method: str, route: str) -> Example | None:
    """Return the example of a route; a list as a file is asked for as its list is."""
    bare = re.sub(r"\.(csv|xlsx|json)$", "", route)
    return next(
        (
            EXAMPLES[method, name]
            for name in (route, f"{bare}.csv", bare)
            if (method, name) in EXAMPLES
        ),
        None,
    )


def _made(described: JSON, schemas: JSON, fillers: JSON) -> Example:
    """Return an example of a route out of its description: what it must have, and no more."""
    wanted = [item for item in described.get("parameters", []) if item["in"] == "query"]
    content = described.get("requestBody", {}).get("content", {}).get("application/json")

    def query(party: Party) -> JSON:
        return {
            item["name"]: _sample(item["schema"], schemas, (item["name"], party, fillers))
            for item in wanted
            if item.get("required") or item["name"] in {"device", "org", "group"}
        }

    def body(party: Party) -> JSON:
        return _sample(content["schema"], schemas, ("", party, fillers))

    return Example(query, body if content else None)


def _sample(schema: JSON, schemas: JSON, about: tuple[str, Party, JSON]) -> Any:
    """Return the least value that a schema takes, naming the party's own things."""
    name, party, fillers = about
    if "$ref" in schema:
        return _sample(schemas[schema["$ref"].rpartition("/")[2]], schemas, about)
    choices = schema.get("oneOf", schema.get("anyOf", []))
    if chosen := next((c for c in choices if c.get("type") != "null"), None):
        return _sample(chosen, schemas, about)
    kind = "enum" if "enum" in schema else str(schema.get("type"))
    plain = {"org": party.org, "to_org": party.org, "parent": party.org, **fillers}
    inner = (name.removesuffix("s"), party, fillers)
    makers: dict[str, Callable[[], Any]] = {
        "enum": lambda: schema["enum"][0],
        "object": lambda: {
            field: _sample(schema["properties"][field], schemas, (field, party, fillers))
            for field in schema.get("required", [])
        },
        "array": lambda: [_sample(schema["items"], schemas, inner)],
        "integer": lambda: plain.get(name, 1),
        "number": lambda: plain.get(name, 1),
        "boolean": lambda: False,
    }
    return makers.get(kind, lambda: party.mark)()


def _path(route: BaseRoute) -> str:
    return route.path_format
