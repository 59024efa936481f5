"""The row: what every payload decoder yields and every block holds."""

from typing import NamedTuple

from tram.domain.reading import Quality, Status, Value

__all__ = ("Row",)


class Row(NamedTuple):
    """One value of one metric; ``observed_at_ms`` is UTC epoch milliseconds."""

    metric: str
    observed_at_ms: int
    value: Value
    status: int = Status.MEASURING
    quality: int = Quality.GOOD
