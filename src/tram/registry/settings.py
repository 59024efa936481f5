"""What an operator sets of the registry's database."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("RegistrySettings",)


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """The registry's database."""

    url: str = setting(
        "", "PostgreSQL address (postgresql+asyncpg://…) instead of the embedded SQLite."
    )
    province: str = setting(
        "quang-ngai",
        "Province of a new installation: a shipped one by name, another by the path of its folder.",
    )
