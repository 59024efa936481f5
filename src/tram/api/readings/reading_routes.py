"""Routes of what one device said and what happened to it."""

from tram.api.devices import device_events
from tram.api.http.list_files import TableFile
from tram.api.http.route_table import get, tagged
from tram.api.readings import readings

__all__ = ("ROUTES",)

_LATEST_COLUMNS = "metric value unit status quality observed_at_ms"
_RANGE_COLUMNS = "time_ms value low high"


ROUTES = tagged(
    "readings",
    get(
        "/devices/{device:int}/latest",
        readings.latest_readings,
        "Newest values",
        "Every metric with its newest value, its age and its quality.",
        files=(TableFile("device-{device}-latest", "Download newest values", _LATEST_COLUMNS),),
    ),
    get(
        "/devices/{device:int}/readings",
        readings.reading_range,
        "One metric over time",
        "Raw values if they are few enough, else steps with least, greatest and last value.",
        files=(
            TableFile(
                "device-{device}-readings",
                "Download one metric over time",
                _RANGE_COLUMNS,
                readings.range_rows,
            ),
        ),
    ),
    get(
        "/devices/{device:int}/events",
        device_events.device_events,
        "Events and refusals",
        "What happened, newest first; `kind=refused` gives the refusals with their reasons.",
        files=(TableFile("device-{device}-events", "Download events"),),
    ),
    get(
        "/devices/{device:int}/messages",
        device_events.device_messages,
        "Accepted messages",
        "The newest messages with their first few values.",
    ),
    get(
        "/devices/{device:int}/attributes",
        device_events.device_attributes,
        "Attributes",
        "What the device states about itself.",
    ),
    get(
        "/devices/{device:int}/audience",
        device_events.device_audience,
        "Who may see it",
        "Organisations that may read the device: by ownership, by role, by grant.",
    ),
)
