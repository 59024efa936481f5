"""JSON whose values lie at paths: ``$.data.temp``, ``$.sensors[0].value``, ``$['a b']``."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tram.fleet.device.decoder import Decoder
from tram.fleet.device.decoders.device_json import parse_json, rows_of
from tram.fleet.device.rows import Row
from tram.fleet.device.time_formats import compile_time

__all__ = ("DECODER",)

METRICS_MAX: Final = 200
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d{1,6})\]|\['([^']+)'\]")

_Path = tuple[str | int, ...]


class _JsonPaths:
    def __init__(self, metrics: dict[str, _Path], each: _Path | None, time: Any) -> None:  # noqa: ANN401  # a pair
        self._metrics = metrics
        self._each = each
        self._time_path, self._time_of = time

    def __call__(self, payload: bytes, now_ms: int) -> list[Row]:
        document = parse_json(payload)
        items = [document] if self._each is None else _at(document, self._each)
        if not isinstance(items, list):
            return rows_of({}, now_ms)
        return rows_of([self._timed(item) for item in items], now_ms)

    def _timed(self, item: object) -> object:
        values = {
            name: value
            for name, path in self._metrics.items()
            if (value := _at(item, path)) is not None
        }
        if self._time_path is None:
            return values
        return {"ts": self._time_of(_at(item, self._time_path)), "values": values}


def compile_json_paths(options: Mapping[str, Any]) -> _JsonPaths:
    """Return the decoder of ``{"metrics": {name: path}, "each"?, "time"?, "time_unit"?}``.

    ``each`` is the path of an array whose items are read one by one. Raises ``ValueError``.
    """
    metrics = options.get("metrics")
    if not isinstance(metrics, dict) or not 0 < len(metrics) <= METRICS_MAX:
        raise ValueError(f'"metrics" must name 1 to {METRICS_MAX} paths.')
    each = options.get("each")
    time = options.get("time")
    unit = compile_time(options.get("time_unit", "ms"))
    return _JsonPaths(
        {str(name): _parse(path) for name, path in metrics.items()},
        None if each is None else _parse(each),
        (None if time is None else _parse(time), unit),
    )


def _parse(path: object) -> _Path:
    if not isinstance(path, str) or not path.startswith("$"):
        raise ValueError(f"{path!r} is not a path: it must begin with $.")
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError(f"{path!r} is not a path of names and places.")
        name, place, quoted = found.groups()
        steps.append(int(place) if place is not None else name or quoted)
        at = found.end()
    return tuple(steps)


def _at(document: Any, path: _Path) -> Any:  # noqa: ANN401  # any JSON
    for step in path:
        if isinstance(step, str):
            document = document.get(step) if isinstance(document, dict) else None
        else:
            inside = isinstance(document, list) and step < len(document)
            document = document[step] if inside else None
        if document is None:
            return None
    return document


DECODER: Final = Decoder("json_paths", compile_json_paths)
