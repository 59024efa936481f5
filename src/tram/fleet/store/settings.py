"""What an operator sets of the store and of how long readings are kept."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("StoreSettings",)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The telemetry store."""

    url: str = setting("", "ClickHouse server to use instead of the embedded engine.")
    server_key: str = setting("", "Key that the ClickHouse server asks for.")
    batch_rows: int = setting(100_000, "Rows collected before an insert.", 1)
    batch_ms: int = setting(500, "Longest wait before an insert.", 1)
    keys_per_device: int = setting(1_000, "Most metrics that one device may have.", 1)
    retention: str = setting(
        "", "Days that raw readings stay by metric pattern, as 'battery*=90, *=0'; 0 keeps them."
    )
    query_seconds_max: int = setting(30, "A query running longer is stopped.", 1)
