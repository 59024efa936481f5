"""What an operator sets of the log."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("LogSettings",)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The durable log (NATS JetStream)."""

    url: str = setting(
        "",
        "Servers of a NATS cluster (nats://A:4222,nats://B:4222,…) instead of the own server; "
        "see 'tram log users'.",
    )
    max_bytes: int = setting(
        4_294_967_296, "Room of the block log on disk; when full, senders wait.", 1_048_576
    )
    keep_minutes: int = setting(10, "Blocks younger than this are never purged.", 10)
