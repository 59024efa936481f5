"""Readings as files: streamed at once, or asked for and fetched when they are ready."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import pyarrow as pa
from litestar.params import QueryParameter
from litestar.response import File, Stream

from tram.api.http.parameters import AskedMs
from tram.api.http.services import Services
from tram.domain.bounds import Line, MomentMs, Number
from tram.domain.ids import DeviceId
from tram.fleet.exports.export_job import EXPORT, KEPT_BYTES_MAX, ExportMade, ExportOrder
from tram.fleet.exports.files import file_format, file_name
from tram.fleet.store.queries.questions import ReadingRows, Selection, TimeSpan
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import JobRow
from tram.runtime.errors import Fault, Refused
from tram.runtime.processes.thread_pools import EXPORTS, FILES

__all__ = (
    "ExportForm",
    "ExportItem",
    "ExportList",
    "ExportQuery",
    "export_readings",
    "exported_file",
    "list_exports",
    "order_export",
    "remove_export",
)

DEVICES_MAX = 100
"""Named one by one, each is looked up; a sector or a zone says more."""
METRICS_MAX = 100


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the file: a span [start, end), some devices and metrics or all in scope."""

    start_ms: AskedMs
    end_ms: AskedMs
    devices: Annotated[list[int] | None, QueryParameter(name="device")] = None
    metrics: Annotated[list[str] | None, QueryParameter(name="metric")] = None
    zone: int | None = None
    sector: str | None = None


class ExportForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file to make: csv, parquet or xlsx of a span [start, end), of some or of all in scope."""

    kind: Line
    start_ms: MomentMs
    end_ms: MomentMs
    devices: Annotated[list[Number], msgspec.Meta(max_length=DEVICES_MAX)] = []
    metrics: Annotated[list[Line], msgspec.Meta(max_length=METRICS_MAX)] = []
    zone: Number | None = None
    sector: Line | None = None


class ExportItem(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was asked for; ``made`` once it is ready, None again a week later."""

    job: JobRow
    made: ExportMade | None


class ExportList(msgspec.Struct, frozen=True):
    """One's own files, newest first."""

    items: list[ExportItem]
    as_of_ms: int


async def export_readings(
    services: Services, viewer: Viewer, kind: str, wanted: ExportQuery
) -> Stream:
    """Return every reading that is asked for as a download.

    Raises:
        Refused: ``export.format``, ``range.invalid``; ``export.too_long`` beyond a sheet's rows.
    """
    chosen = file_format(kind)
    span = TimeSpan(wanted.start_ms, wanted.end_ms)
    await _check(services, viewer, span, wanted.devices or ())
    question = ReadingRows(
        Selection(devices=wanted.devices or None, zone=wanted.zone, sector=wanted.sector),
        span,
        wanted.metrics or [],
        chosen.rows_max,
    )
    first = _First(services.store.stream(viewer, question))
    await EXPORTS.run_for(viewer.org, first.fetch)  # a refusal is still a refusal
    name = file_name(kind, wanted.start_ms, wanted.end_ms)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(chosen.write(first.batches()), media_type=chosen.media_type, headers=headers)


async def order_export(services: Services, viewer: Viewer, form: ExportForm) -> JobRow:
    """Ask for a file; the role ``work`` makes it, and it is kept for a week.

    Raises:
        Refused: ``export.format``, ``range.invalid``, ``access.person_needed`` for an API token,
            ``export.too_many_kept``, ``job.too_many``.
    """
    file_format(form.kind)
    kept = [item.made.bytes for item in (await list_exports(services, viewer)).items if item.made]
    if sum(kept) >= KEPT_BYTES_MAX:
        raise Refused(
            "export.too_many_kept",
            f"Your files have {KEPT_BYTES_MAX >> 30} GiB together.",
            "Remove one that you do not need any more.",
        )
    await _check(services, viewer, TimeSpan(form.start_ms, form.end_ms), form.devices)
    order = ExportOrder(
        **msgspec.structs.asdict(form),
        person=int(viewer.person or 0),
        file=f"{secrets.token_hex(16)}.{form.kind}",
    )
    job = await EXPORT.ask(services.registry.jobs, viewer, order)
    for device in form.devices:  # the owner of a lent one reads of it, as of a download
        await services.registry.reads.note(viewer, DeviceId(device), f"readings.{form.kind}", "")
    return job


async def list_exports(services: Services, viewer: Viewer) -> ExportList:
    """Return the files that one has asked for oneself, newest first."""
    viewer.needs_person()
    asked = await services.registry.jobs.asked_by(viewer, EXPORT.name)
    items = [ExportItem(job=job, made=_made(services, job, params)) for job, params in asked]
    return ExportList(items, services.clock.now_ms())


async def exported_file(services: Services, viewer: Viewer, job: int) -> File:
    """Return a file that one has asked for oneself, once it is ready.

    Raises:
        Refused: ``export.unknown``.
    """
    made, params = await _own(services, viewer, job)
    return File(
        services.exports.path(params["file"]),
        filename=made.name,
        media_type=file_format(params["kind"]).media_type,
        content_disposition_type="attachment",
    )


async def remove_export(services: Services, viewer: Viewer, job: int) -> None:
    """Remove a file that one has asked for oneself, before its week is over.

    Raises:
        Refused: ``export.unknown``.
    """
    _, params = await _own(services, viewer, job)
    await FILES.run(services.exports.remove, params["file"])


async def _own(
    services: Services, viewer: Viewer, job: int
) -> tuple[ExportMade, Mapping[str, Any]]:
    """Return a file of one's own that is there, and what it was to hold."""
    viewer.needs_person()
    for asked, params in await services.registry.jobs.asked_by(viewer, EXPORT.name):
        if asked.id == job and (made := _made(services, asked, params)) is not None:
            return made, params
    raise Refused("export.unknown", "There is no such file any more.", "Ask for it again.")


def _made(services: Services, job: JobRow, params: Mapping[str, Any]) -> ExportMade | None:
    """Return what a job has made and is still there."""
    made = EXPORT.result_of(job)
    path = services.exports.path(params["file"])
    return (
        None if made is None or services.exports.is_over(path, services.clock.now_ms()) else made
    )


async def _check(
    services: Services, viewer: Viewer, span: TimeSpan, devices: Sequence[int]
) -> None:
    """Refuse a span that is none, and devices that the viewer does not know.

    Raises:
        Refused: ``range.invalid``, ``device.unknown``.
    """
    if span.end_ms <= span.start_ms:
        raise Refused(
            "range.invalid",
            "The span ends before it starts.",
            "Let end_ms be later than start_ms.",
            (Fault("end_ms", "end.too_early"),),
        )
    for device in devices:
        await services.registry.devices.must_know(viewer, DeviceId(device))


class _First:
    """An iterator whose first item is fetched before the rest is promised."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._first: pa.RecordBatch | None = None

    def fetch(self) -> None:
        """Wait for the first batch."""
        self._first = next(self._batches, None)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all batches."""
        if self._first is not None:
            yield self._first
            yield from self._batches
