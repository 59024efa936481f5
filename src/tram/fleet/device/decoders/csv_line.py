"""Lines of values with a separator, as small loggers send them: ``2026-01-31T08:00:00,12.5,7``."""

from collections.abc import Mapping
from typing import Any, Final

from tram.fleet.device.decoder import Decoder
from tram.fleet.device.decoders.device_json import payload_fault, rows_of
from tram.fleet.device.limits import VALUES_MAX
from tram.fleet.device.rows import Row
from tram.fleet.device.time_formats import compile_time

__all__ = ("DECODER",)

COLUMNS_MAX: Final = 200
TIME: Final = "ts"
SKIPPED: Final = "-"


class _CsvLine:
    def __init__(self, columns: list[str], separator: str, time_of: Any) -> None:  # noqa: ANN401  # a function
        self._columns = columns
        self._separator = separator
        self._time_of = time_of

    def __call__(self, payload: bytes, now_ms: int) -> list[Row]:
        try:
            lines = [line for line in payload.decode("utf-8").splitlines() if line.strip()]
        except UnicodeDecodeError:
            raise payload_fault("", "payload.encoding") from None
        items = [self._item(line, place) for place, line in enumerate(lines[: VALUES_MAX + 1])]
        return rows_of(items, now_ms)

    def _item(self, line: str, place: int) -> object:
        cells = [cell.strip() for cell in line.split(self._separator)]
        if len(cells) != len(self._columns):
            counts = {"wanted": len(self._columns), "found": len(cells)}
            raise payload_fault(f"[{place}]", "payload.columns", **counts)
        given = dict(zip(self._columns, cells, strict=True))
        at = given.pop(TIME, None)
        values = {name: _value(c) for name, c in given.items() if name != SKIPPED and c}
        return values if at is None else {"ts": self._time_of(at), "values": values}


def compile_csv(options: Mapping[str, Any]) -> _CsvLine:
    """Return the decoder of ``{"columns": [names], "separator"?, "time_unit"?}``.

    The column ``ts`` is the time, ``-`` is left out. Raises ``ValueError``.
    """
    columns = options.get("columns")
    if not isinstance(columns, list) or not 0 < len(columns) <= COLUMNS_MAX:
        raise ValueError(f'"columns" must name 1 to {COLUMNS_MAX} columns.')
    names = [name for name in columns if name != SKIPPED]
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise ValueError('"columns" must be different texts.')
    separator = options.get("separator", ",")
    if not isinstance(separator, str) or len(separator) != 1:
        raise ValueError('"separator" must be one character.')
    return _CsvLine(columns, separator, compile_time(options.get("time_unit", "ms")))


def _value(cell: str) -> object:
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        number = float(cell)
    except ValueError:
        return cell
    return number if number - number == 0 else cell  # not a number stays a text


DECODER: Final = Decoder("csv", compile_csv)
