"""Hostile people with ordinary rights: every route of the interface and every form of the pages."""

import json
import random
import re
from typing import Any
from urllib.parse import quote

import httpx
from tools.fuzzing.findings import Findings
from tools.fuzzing.scene import PASSWORD, Person, Scene, log_in
from tools.fuzzing.values import Values, encode

__all__ = ("HostilePeople",)

METHODS = ("get", "post", "put", "patch", "delete")
ANSWER_S_MAX = 60.0
READ_BYTES_MAX = 2_000_000
KEEPER = "ict-officer"
KEPT = ("/counts", "/targets", "/surveys", "/documents", "/tasks", "/recommendations", "/providers",
        "/letter", "/zones", "/findings", "/operators", "/imports", "/coverage", "/stations", "/presence")  # fmt: skip
"""What the keeper of the province's data touches: whoever may remove anything removes nobody's devices."""
LEFT_OUT = ("/session",)
_FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_INPUT = re.compile(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"(?:[^>]*\bvalue="([^"]*)")?')
_LINK = re.compile(r'href="(/[^"#]*)"')


class HostilePeople:
    """Each call of ``act`` is one request of one person or of a stranger, drawn from the seed alone."""

    def __init__(self, scene: Scene, findings: Findings) -> None:
        self._scene = scene
        self._findings = findings
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._routes: list[tuple[str, str, dict[str, Any]]] = []
        self._schemas: dict[str, Any] = {}
        self._pages = ["/"]

    async def open(self) -> None:
        """Log everybody in and read what routes there are."""
        for person in self._scene.hostile.people:
            await self._open(person.login)
        self._clients[""] = self._client()
        answer = await self._clients[self._scene.hostile.people[0].login].get(
            "/schema/openapi.json"
        )
        described = answer.json()
        self._schemas = described["components"]["schemas"]
        prefix = len("/api/platform/v1")
        for path, operations in described["paths"].items():
            short = path[prefix:]
            if not short.startswith(LEFT_OUT):
                self._routes += [(m, short, operations[m]) for m in METHODS if m in operations]

    async def close(self) -> None:
        """Leave."""
        for client in self._clients.values():
            await client.aclose()

    async def act(self, seed: str) -> None:
        """Send one request; no answer at all is a finding, as a server's fault is."""
        rng = random.Random(seed)
        person = rng.choice((*self._scene.hostile.people, Person("", "")))
        act = rng.choices((self._ask, self._form, self._guess), weights=(8, 4, 1))[0]
        try:
            await act(rng, person, seed)
        except httpx.TransportError as error:
            self._findings.answers[f"hostile {type(error).__name__}"] += 1

    async def _ask(self, rng: random.Random, person: Person, seed: str) -> None:
        routes = self._routes
        if person.role == KEEPER:
            routes = [route for route in routes if route[1].startswith(KEPT)]
        method, path, operation = rng.choice(routes)
        values = Values(rng)
        for parameter in re.findall(r"\{(\w+)\}", path):
            filled = _quoted(str(rng.choice((values.number(), values.number(), values.text()))))
            path = path.replace(f"{{{parameter}}}", filled or "0")
        query = _query(values, operation, self._schemas)
        content: bytes | None = None
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            content = encode(values.of(body["schema"], self._schemas), rng)
        shown = f"{method} {path} {query} {(content or b'')[:600]!r}"
        self._findings.act("person", f"{seed} {person.login} {shown}")
        client = self._clients[person.login]
        headers = {"Content-Type": "application/json"} if content is not None else {}
        request = client.build_request(
            method.upper(), path, params=query, content=content, headers=headers
        )
        await self._send(client, request, person, shown)

    async def _send(
        self, client: httpx.AsyncClient, request: httpx.Request, person: Person, shown: str
    ) -> None:
        answer = await client.send(request, stream=True)
        said = b""
        try:
            async for part in answer.aiter_raw():
                said += part
                if len(said) > READ_BYTES_MAX:
                    break  # whoever leaves in the middle of an answer is hostile, too
        finally:
            await answer.aclose()
        body = said[:300].decode("utf-8", "replace")
        self._findings.answered("hostile", answer, f"{person.role} {shown}", body)
        if answer.status_code == httpx.codes.UNAUTHORIZED and person.login:
            await self._open(person.login)

    async def _form(self, rng: random.Random, person: Person, seed: str) -> None:
        """Fetch a page, follow its links, fill one of its forms with anything."""
        client = self._clients[person.login]
        base = self._scene.web_url
        page = rng.choice(self._pages)
        self._findings.act("page", f"{seed} {person.login} {page}")
        answer = await client.get(base + page, follow_redirects=True)
        self._findings.answered("hostile", answer, f"{person.role} page {page}", answer.text)
        for link in _LINK.findall(answer.text)[:200]:
            plain = link.replace("&amp;", "&")
            if plain not in self._pages and len(self._pages) < 500 and "/static/" not in plain:
                self._pages.append(plain)
        forms = [form for form in _FORM.findall(answer.text) if "logout" not in form[0]]
        if not forms or person.role == KEEPER:
            return
        action, inside = rng.choice(forms)
        values = Values(rng)
        fields = {}
        for name, value in _INPUT.findall(inside):
            kept = "csrf" in name.lower() or rng.random() < 0.4
            fields[name] = value if kept else str(values.anything(3))
        body = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields.items())
        shown = f"form {action} {body[:600]}"
        self._findings.act("page", f"{seed} {person.login} {shown}")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": base}
        sent = await client.post(
            base + action.replace("&amp;", "&"), content=body, headers=headers
        )
        self._findings.answered("hostile", sent, f"{person.role} {shown}", sent.text)

    async def _guess(self, rng: random.Random, _person: Person, seed: str) -> None:
        """Guess passwords, of others and one's own."""
        login = rng.choice(("quantri", *(p.login for p in self._scene.neighbour.people)))
        self._findings.act("guess", f"{seed} {login}")
        client = self._clients[""]
        for _ in range(rng.randint(1, 8)):
            answer = await client.post(
                "/session", json={"login": login, "password": PASSWORD + "?"}
            )
            self._findings.answered("hostile", answer, f"guess {login}")
        own = self._clients[self._scene.hostile.people[1].login]
        for _ in range(rng.randint(1, 20)):
            answer = await own.post("/me/totp/recovery", json={"password": f"sai {rng.random()}"})
            self._findings.answered("hostile", answer, "wrong password at recovery")

    async def _open(self, login: str) -> None:
        # The same client again: others may be in the middle of a request of theirs with it.
        if login not in self._clients:
            self._clients[login] = self._client()
        self._clients[login].cookies.clear()
        await log_in(self._clients[login], login)

    def _client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=10)
        return httpx.AsyncClient(base_url=self._scene.api, timeout=ANSWER_S_MAX, limits=limits)


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _query(
    values: Values, operation: dict[str, Any], schemas: dict[str, Any]
) -> list[tuple[str, str]]:
    query: list[tuple[str, str]] = []
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "query" or values.rng.random() < 0.4:
            continue
        value = values.of(parameter["schema"], schemas, 8)
        for one in value[:20] if isinstance(value, list) else [value]:
            text = one if isinstance(one, str) else json.dumps(one)
            query.append((parameter["name"], text.encode("utf-8", "replace").decode()))
    return query
