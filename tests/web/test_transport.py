"""HTTPS only, by setting: told where the answer itself goes over https, and nowhere else."""

from dataclasses import replace

import httpx
import pytest
from litestar import Litestar

from tram.api.http.services import Services


@pytest.mark.parametrize(
    ("scheme", "days", "told"),
    [
        ("https", 365, "max-age=31536000"),
        ("https", 0, None),
        ("http", 365, None),
    ],
)
async def test_browsers_are_told_to_use_https_only_over_https(
    app: Litestar, scheme: str, days: int, told: str | None
) -> None:
    services: Services = app.state.services
    app.state.services = replace(services, settings=replace(services.settings, hsts_days=days))
    transport = httpx.ASGITransport(app)
    stranger = {"X-Forwarded-Proto": "https"}  # the app itself believes no header

    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://x.example") as client:
        answer = await client.get("/health", headers=stranger)

    assert answer.headers.get("strict-transport-security") == told
