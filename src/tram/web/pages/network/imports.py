"""Import of a station list in steps: file, columns, dry run with every fault, import, undo."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect
from msgspec.structs import replace

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.domain.bounds import number_of
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.exchange.faults import fault_text
from tram.rollout.inventory.exchange.files.writing import MEDIA_TYPES
from tram.rollout.inventory.exchange.headers import FIELDS
from tram.rollout.inventory.exchange.limits import FILE_BYTES_MAX
from tram.rollout.inventory.exchange.plan import ImportPlan
from tram.rollout.inventory.exchange.positions import (
    MERIDIANS_TM3,
    MERIDIANS_UTM,
    VN2000,
    Reference,
)
from tram.rollout.inventory.imports.views import ImportItem
from tram.rollout.inventory.stations.views import TECHNOLOGIES
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, chosen, day_of, fault_of, faults_of
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.network import ENCODINGS, SYSTEMS

_FAULTS_SHOWN = 200
Upload = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]


@get("/network/import")
async def imports_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show earlier imports and where to put the next file."""
    return await _list(services, viewer, screen, ())


@post("/network/import", status_code=HTTPStatus.CREATED, request_max_body_size=FILE_BYTES_MAX)
async def upload_list(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Upload
) -> Response[Any]:
    """Keep a file and go on to its columns."""
    file = data.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _list(services, viewer, screen, (Fault("file", "file.missing"),))
    try:
        item = await services.imports.upload(viewer, file.filename, await file.read())
    except Refused as error:
        if error.code == "access.denied":
            raise
        fault = error.reason or fault_of(error, "file")
        return await _list(services, viewer, screen, (fault,))
    return Redirect(f"/network/import/{item.id}", status_code=303)


@get("/network/import/{number:int}")
async def import_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, number: FromPath[int]
) -> Response[str]:
    """Show one import at the step where it is."""
    return await _show(services, viewer, screen, await services.imports.one(viewer, number))


@post("/network/import/{number:int}/plan", status_code=HTTPStatus.CREATED)
async def plan_import(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    number: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Take columns, system and mended cells, and ask for a dry run."""
    item = await services.imports.one(viewer, number)
    encoding = data.get("encoding", "")
    try:
        if encoding and encoding != item.encoding:
            await services.imports.read_anew(viewer, number, encoding)
        else:
            await services.imports.change_plan(viewer, number, _plan(item, data))
    except Refused as error:
        return await _show(services, viewer, screen, item, faults_of(error))
    return Redirect(f"/network/import/{number}", status_code=303)


@post("/network/import/{number:int}/write", status_code=HTTPStatus.CREATED)
async def write_import(
    services: TakenServices, viewer: TakenViewer, number: FromPath[int], data: Form
) -> Redirect:
    """Import the rows that are right."""
    del data
    await services.imports.write(viewer, number)
    return Redirect(f"/network/import/{number}", status_code=303)


@post("/network/import/{number:int}/undo", status_code=HTTPStatus.CREATED)
async def undo_import(
    services: TakenServices, viewer: TakenViewer, number: FromPath[int], data: Form
) -> Redirect:
    """Put back what was there before."""
    del data
    await services.imports.undo(viewer, number)
    return Redirect(f"/network/import/{number}", status_code=303)


@post("/network/import/{number:int}/cancel", status_code=HTTPStatus.CREATED)
async def cancel_import(
    services: TakenServices, viewer: TakenViewer, number: FromPath[int], data: Form
) -> Redirect:
    """Ask that the step ends that is under way."""
    del data
    await services.imports.cancel(viewer, number)
    return Redirect(f"/network/import/{number}", status_code=303)


@get("/network/import/{number:int}/failed")
async def failed_rows_file(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    number: FromPath[int],
    form: FromQuery[str] = "xlsx",
) -> Response[bytes]:
    """Give the rows that were kept out, with reasons and remedies."""
    form = "csv" if form == "csv" else "xlsx"
    content = await services.imports.failed_rows(viewer, number, form, screen.locale)
    headers = {"Content-Disposition": f'attachment; filename="failed-rows-{number}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


async def _list(
    services: Services, viewer: Viewer, screen: Screen, faults: tuple[Fault, ...]
) -> Response[str]:
    return screen.show(
        "network/imports.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="import",
        items=await services.imports.list(viewer),
        faults={fault.field: fault for fault in faults},
    )


async def _show(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    item: ImportItem,
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    kept = await services.imports.faults(viewer, item.id)
    shown = [
        (fault, *fault_text(fault, screen.locale), kept.rows.get(fault.row, []))
        for fault in kept.faults[:_FAULTS_SHOWN]
    ]
    operators = await services.inventory.operators.list(viewer, writable=True, simulated=True)
    return screen.show(
        "network/import.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="import",
        item=item,
        plan=item.plan,
        fields=FIELDS,
        systems=SYSTEMS,
        encodings=ENCODINGS,
        meridians={"vn2000-tm3": MERIDIANS_TM3, "vn2000-utm": MERIDIANS_UTM},
        shift=VN2000,
        operators=operators,
        technologies=TECHNOLOGIES,
        kept=shown,
        kept_total=len(kept.faults),
        faults={fault.field: fault for fault in faults},
        busy=item.state in {"checking", "writing", "undoing"},
    )


def _plan(item: ImportItem, data: dict[str, str]) -> ImportPlan:
    """Return the plan of a form; a form of mended cells alone keeps the rest of the plan."""
    fixes = {row: dict(cells) for row, cells in item.plan.fixes.items()}
    for name, value in data.items():
        parts = name.split("-", 2)
        if (
            parts[0] == "fix"
            and len(parts) == len(("fix", "row", "column"))
            and (row := number_of(parts[1])) is not None
        ):
            column = 0 if parts[2] == "0" else number_of(parts[2])
            if column is not None and column < len(item.headers):
                fixes.setdefault(row, {})[item.headers[column]] = value
    if data.get("part") == "fixes":
        return replace(item.plan, fixes=fixes)
    system = data.get("system", "")
    meridian = data.get("meridian", "").replace(",", ".")
    operator = data.get("operator", "")
    return ImportPlan(
        columns={
            field.key: data[f"column-{field.key}"]
            for field in FIELDS
            if data.get(f"column-{field.key}")
        },
        reference=Reference(system, _number(meridian)) if system else None,
        as_of=day_of(data.get("as_of", "")) or item.plan.as_of,
        operator=chosen(operator),
        technology=data.get("technology", ""),
        sheet=data.get("sheet", item.plan.sheet),
        encoding=data.get("encoding", item.plan.encoding),
        allow_near=data.get("allow_near") == "yes",
        synthetic=data.get("synthetic") == "yes",
        fixes=fixes,
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
