"""What the leak walk asks of each route: an example for every one, or the walk fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar
from litestar.routes import BaseRoute, HTTPRoute

from tests.api.province import WASTEWATER, Party
from tram.api.session import API

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


def _new_device(party: Party) -> JSON:
    return {**_NEW_DEVICE, "org": party.org}


def _span(_party: Party) -> JSON:
    return _SPAN


def _search(party: Party) -> JSON:
    return {"search": party.mark, "org": party.org}


EXAMPLES: dict[tuple[str, str], Example] = {
    ("GET", f"{API}/devices"): Example(_search),
    ("POST", f"{API}/devices"): Example(body=_new_device),
    ("GET", f"{API}/devices.csv"): Example(_search),
    ("GET", f"{API}/devices/{{device}}"): Example(),
    ("DELETE", f"{API}/devices/{{device}}"): Example(),
    ("GET", f"{API}/devices/{{device}}/credentials"): Example(),
    ("POST", f"{API}/devices/{{device}}/credentials"): Example(),
    ("DELETE", f"{API}/credentials/{{credential}}"): Example(),
    ("GET", f"{API}/devices/{{device}}/latest"): Example(),
    ("GET", f"{API}/devices/{{device}}/latest.csv"): Example(),
    ("GET", f"{API}/devices/{{device}}/readings"): Example(_span),
    ("GET", f"{API}/devices/{{device}}/readings.csv"): Example(_span),
    ("GET", f"{API}/devices/{{device}}/events"): Example(),
    ("GET", f"{API}/devices/{{device}}/events.csv"): Example(),
    ("GET", f"{API}/devices/{{device}}/messages"): Example(),
    ("GET", f"{API}/devices/{{device}}/attributes"): Example(),
    ("GET", f"{API}/devices/{{device}}/audience"): Example(),
    ("GET", f"{API}/zones"): Example(),
    ("GET", f"{API}/zones.csv"): Example(),
    ("GET", f"{API}/zones/{{zone}}"): Example(),
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
    ("GET", f"{API}/schema"): Example(),
    ("GET", f"{API}/schema/openapi.json"): Example(),
    ("GET", f"{API}/schema/{{path}}"): Example(),
    # pages
    ("GET", "/"): Example(),
    ("GET", "/map"): Example(),
    ("GET", "/devices"): Example(_search),
    ("GET", "/devices/new"): Example(),
    ("POST", "/devices/new"): Example(form=_new_device),
    ("GET", "/devices/{device}"): Example(),
    ("GET", "/devices/{device}/chart"): Example(lambda _party: {"metric": "zeta"}),
    ("GET", "/devices/{device}/messages"): Example(),
    ("GET", "/devices/{device}/access"): Example(),
    ("POST", "/devices/{device}/tokens"): Example(form=lambda _party: {"name": ""}),
    ("POST", "/devices/{device}/tokens/{credential}/revoke"): Example(
        form=lambda _party: {"name": ""}
    ),
    ("POST", "/language"): Example(form=lambda _party: {"language": "vi"}),
    ("GET", "/login"): Example(),
    ("GET", "/health"): Example(),
    ("GET", "/metrics"): Example(),
    ("GET", "/favicon.ico"): Example(),
    ("GET", "/static/{file_path}"): Example(),
}
SESSION_ENDS = {("POST", f"{API}/session"), ("DELETE", f"{API}/session"), ("POST", "/login")}
"""These change who asks; test_session proves them."""
SESSION_ENDS |= {("POST", "/logout")}


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


def asks_about(app: Litestar, party: Party, zone: int) -> list[Ask]:
    """Return one request per route, aimed at the things of a party.

    Raises:
        AssertionError: naming the routes and parameters that have no example.
    """
    fillers = {
        "device": party.devices[0].id,
        "credential": party.credentials[0],
        "zone": zone,
        "profile": WASTEWATER,
        "path": "openapi.json",
        "file_path": "none.css",
    }
    asks = []
    missing = []
    for method, route in routes_of(app):
        if (method, route) in SESSION_ENDS:
            continue
        example = EXAMPLES.get((method, route))
        try:
            path = route.format(**fillers)
        except KeyError as error:
            missing.append(f"{method} {route}: no filler for {error}")
            continue
        if example is None:
            missing.append(f"{method} {route}: no example")
            continue
        body = example.body(party) if example.body else None
        form = example.form(party) if example.form else None
        asks.append(Ask(method, route, path, example.query(party), body, form))
    assert not missing, f"Add to tests/api/walk.py: {missing}"
    return asks


def _path(route: BaseRoute) -> str:
    return route.path_format
