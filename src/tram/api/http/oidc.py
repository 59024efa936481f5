"""Log-in through an OpenID Connect provider: authorization code with PKCE, one identity token.

What must be remembered between the two requests travels in a sealed cookie, so an answer that the
browser did not ask for opens nothing.
"""

import asyncio
import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tram.registry.kernel.sealed import Seal
from tram.registry.people.settings import OidcSettings
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.json_depth import check_depth

__all__ = ("Identity", "OidcClient", "Wait")

WAIT_S = 10 * 60
_TIMEOUT_S = 10.0
_LEEWAY_S = 60
ANSWER_BYTES_MAX = 1_048_576
_KEYS_KEPT_S = 3_600.0
_SECRET_BYTES = 32
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]


class Identity(msgspec.Struct, frozen=True):
    """Who the provider says that somebody is; ``email`` only when it was verified."""

    issuer: str
    subject: str
    email: str | None


class Wait(msgspec.Struct, frozen=True):
    """What the browser carries sealed until it comes back."""

    state: str
    nonce: str
    verifier: str
    back: str
    target: str
    until_s: int


class _Provider(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""


class OidcClient:
    """One provider; its addresses and keys are asked for when first needed."""

    def __init__(
        self, settings: OidcSettings, key: bytes, clock: Clock, http: httpx.AsyncClient
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._seal = Seal(key, "tram oidc")
        self._clock = clock
        self._http = http
        self._provider: _Provider | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, back: str, target: str) -> tuple[str, str]:
        """Return the provider's address to go to, and the sealed cookie; ``back`` is our route.

        Raises:
            Unavailable: ``oidc.unavailable`` when the provider does not answer.
        """
        provider = await self._known()
        wait = Wait(
            state=secrets.token_urlsafe(_SECRET_BYTES),
            nonce=secrets.token_urlsafe(_SECRET_BYTES),
            verifier=secrets.token_urlsafe(_SECRET_BYTES),
            back=back,
            target=target,
            until_s=self._clock.now_ms() // 1000 + WAIT_S,
        )
        challenge = _base64(hashlib.sha256(wait.verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": "openid email",
            "state": wait.state,
            "nonce": wait.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        cookie = _base64(self._seal.shut(msgspec.json.encode(wait)))
        return f"{provider.authorization_endpoint}?{urlencode(query)}", cookie

    async def finish(self, cookie: str, state: str, code: str) -> tuple[Identity, str]:
        """Return who came back and where they wanted to go.

        Raises:
            Refused: ``oidc.wrong`` for an answer that was not asked for or does not prove itself.
            Unavailable: ``oidc.unavailable``.
        """
        wait = self._opened(cookie)
        if wait is None or not secrets.compare_digest(wait.state.encode(), state.encode()):
            raise _wrong()
        claims = await self._claims(wait, code)
        email = claims.get("email") if claims.get("email_verified") is True else None
        identity = Identity(str(claims["iss"]), str(claims["sub"]), email)
        return identity, wait.target

    def _opened(self, cookie: str) -> Wait | None:
        try:
            sealed = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
        except ValueError:
            return None
        plain = self._seal.open(sealed)
        wait = msgspec.json.decode(plain, type=Wait) if plain else None
        return wait if wait and wait.until_s >= self._clock.now_ms() // 1000 else None

    async def _claims(self, wait: Wait, code: str) -> dict[str, Any]:
        """Exchange the code for the identity token and check everything that it claims."""
        provider = await self._known()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": wait.back,
            "code_verifier": wait.verifier,
        }
        answer = await self._ask(
            "POST",
            provider.token_endpoint,
            data=form,
            auth=(self._settings.client_id, self._settings.client_secret),
        )
        if answer.is_client_error:
            raise _wrong()
        try:
            tokens = _object(answer.raise_for_status())
            token = tokens["id_token"]
            decoded = jwt.decode(token, await self._key_set(), algorithms=_ALGORITHMS)
            rules = jwt.JWTClaimsRegistry(
                now=self._clock.now_ms() // 1000,
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": provider.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                exp={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": wait.nonce},
            )
            rules.validate(decoded.claims)
        except httpx.HTTPStatusError as error:
            raise _unavailable() from error
        except (JoseError, KeyError, ValueError) as error:
            raise _wrong() from error
        claims = dict(decoded.claims)
        if "email" not in claims and provider.userinfo_endpoint:
            claims |= await self._asked(provider, tokens, str(claims["sub"]))
        return claims

    async def _asked(
        self, provider: _Provider, tokens: dict[str, Any], subject: str
    ) -> dict[str, Any]:
        """Return the mail from where the standard has it: the provider's user information."""
        bearer = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
        answer = await self._ask("GET", provider.userinfo_endpoint, headers=bearer)
        try:
            found = _object(answer) if answer.is_success else {}
        except ValueError:
            return {}
        if found.get("sub") != subject:
            return {}
        return {name: found[name] for name in ("email", "email_verified") if name in found}

    async def _known(self) -> _Provider:
        if self._provider is None:
            address = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            answer = await self._ask("GET", address)
            try:
                found = msgspec.convert(_object(answer.raise_for_status()), _Provider)
            except (httpx.HTTPStatusError, ValueError) as error:
                raise _unavailable() from error
            if found.issuer != self._settings.issuer:
                raise _wrong()
            self._provider = found
        return self._provider

    async def _key_set(self) -> KeySet:
        """Return the provider's keys, asked for anew every hour."""
        now_s = self._clock.monotonic_s()
        if self._keys is None or self._keys[0] < now_s - _KEYS_KEPT_S:
            answer = await self._ask("GET", (await self._known()).jwks_uri)
            answer.raise_for_status()
            keys: Any = _object(answer)
            self._keys = (now_s, KeySet.import_key_set(keys))
        return self._keys[1]

    async def _ask(self, method: str, address: str, **given: Any) -> httpx.Response:  # noqa: ANN401  # httpx's own
        """Ask the provider; connection, request and the whole answer together take 10 s at most."""
        span = asyncio.timeout(_TIMEOUT_S)
        try:
            async with (
                span,
                self._http.stream(method, address, timeout=_TIMEOUT_S, **given) as answer,
            ):
                return await _whole(answer)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise _unavailable() from error
        except TimeoutError as error:
            if not span.expired():
                raise
            raise _unavailable() from error


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; raises ValueError for anything else."""
    try:
        check_depth(answer.content)
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except (Refused, msgspec.MsgspecError) as error:
        raise ValueError(str(error)) from error


async def _whole(answer: httpx.Response) -> httpx.Response:
    """Return an answer that has been read; no provider has so much to say as our bound."""
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > ANSWER_BYTES_MAX:
            raise _unavailable()
    read = {
        n: v for n, v in answer.headers.items() if n not in ("content-encoding", "content-length")
    }
    return httpx.Response(
        answer.status_code, headers=read, content=bytes(content), request=answer.request
    )


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _wrong() -> Refused:
    return Refused(
        "oidc.wrong",
        "The other log-in did not prove who you are.",
        "Start again from the log-in page.",
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        "oidc.unavailable",
        "The other log-in does not answer at the moment.",
        "Try again later, or log in with your password.",
    )
