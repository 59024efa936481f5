"""What an operator sets of alarms and their notices."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("AlarmsSettings",)


@dataclass(frozen=True, slots=True)
class AlarmsSettings:
    """Alarms: how notices leave the house."""

    public_url: str = setting(
        "http://127.0.0.1:8080", "Address of the pages, for the links in notices."
    )
    webhook_networks: str = setting(
        "", "Private networks that webhooks may reach, e.g. 10.1.0.0/16, separated by blanks."
    )
