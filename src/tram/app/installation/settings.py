"""Every setting of the product by subject; ``tram settings`` prints them as a commented file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tram.api.http.settings import WebSettings
from tram.fleet.alarms.settings import AlarmsSettings
from tram.fleet.gateway.settings import GatewaySettings
from tram.fleet.log.settings import LogSettings
from tram.fleet.store.settings import StoreSettings
from tram.registry.people.settings import MailSettings, OidcSettings
from tram.registry.privacy.settings import PrivacySettings
from tram.registry.settings import RegistrySettings
from tram.runtime.settings import commented, read_settings

__all__ = ("Settings", "commented_file", "load_settings")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings by subject."""

    web: WebSettings = field(default_factory=WebSettings)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    log: LogSettings = field(default_factory=LogSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    mail: MailSettings = field(default_factory=MailSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    alarms: AlarmsSettings = field(default_factory=AlarmsSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)


_SUBJECTS = (
    WebSettings,
    GatewaySettings,
    LogSettings,
    StoreSettings,
    RegistrySettings,
    MailSettings,
    OidcSettings,
    AlarmsSettings,
    PrivacySettings,
)


def load_settings(file: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Return what is set in the file (it may be absent) and in the environment.

    Raises:
        Refused: with one fault per wrong or unknown setting.
    """
    return Settings(**read_settings(_SUBJECTS, file, environment))


def commented_file() -> str:
    """Return the settings file with every default, each with its meaning above it."""
    return commented(_SUBJECTS)
