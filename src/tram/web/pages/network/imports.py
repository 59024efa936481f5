"""Import of a station list in steps: file, columns, dry run with every fault, import, undo."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from msgspec.structs import replace

from tram.api.network import imports
from tram.domain.bounds import number_of
from tram.rollout.inventory.exchange.faults import fault_text
from tram.rollout.inventory.exchange.files.writing import MEDIA_TYPES
from tram.rollout.inventory.exchange.limits import FILE_BYTES_MAX
from tram.rollout.inventory.exchange.plan import ImportPlan
from tram.rollout.inventory.exchange.positions import (
    MERIDIANS_TM3,
    MERIDIANS_UTM,
    VN2000,
    Reference,
)
from tram.rollout.inventory.exchange.station_columns import STATION_COLUMNS
from tram.rollout.inventory.imports.views import ImportItem
from tram.rollout.inventory.stations.views import TECHNOLOGIES
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, at_field, chosen, day_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.network import ENCODINGS, SYSTEMS

_HOME = "/network/import"
_FAULTS_SHOWN = 200
Upload = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]


async def _imports(page: PageContext, faults: Faults = NO_FAULTS) -> Response[str]:
    """Show earlier imports with the form that takes a file."""
    items = (await page.call(imports.list_imports)).items
    return page.show("network/imports.html", tab="import", items=items, faults=faults)


@get("/network/import")
async def imports_page(page: TakenPage) -> Response[str]:
    """Show earlier imports and where to put the next file."""
    return await _imports(page)


@submission("/network/import", _imports, request_max_body_size=FILE_BYTES_MAX)
async def upload_list(page: TakenPage, data: Upload) -> str:
    """Keep a file and go on to its columns."""
    file = data.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        fault = Fault("file", "file.missing")
        raise Refused("request.invalid", fault.sentence, "", (fault,))
    try:
        item = await page.call(imports.upload_list, file.filename, await file.read())
    except Refused as error:
        raise at_field(error, "file") from error
    return f"{_HOME}/{item.id}"


async def _import(page: PageContext, number: int, faults: Faults = NO_FAULTS) -> Response[str]:
    """Show one import at the step where it is."""
    item = await page.call(imports.show_import, number)
    kept = await page.call(imports.import_faults, item.id)
    return page.show(
        "network/import.html",
        tab="import",
        item=item,
        plan=item.plan,
        fields=STATION_COLUMNS,
        systems=SYSTEMS,
        encodings=ENCODINGS,
        meridians={"vn2000-tm3": MERIDIANS_TM3, "vn2000-utm": MERIDIANS_UTM},
        shift=VN2000,
        operators=await page.call(imports.operators_to_write),
        technologies=TECHNOLOGIES,
        kept=[
            (fault, *fault_text(fault, page.screen.locale), kept.rows.get(fault.row, []))
            for fault in kept.faults[:_FAULTS_SHOWN]
        ],
        kept_total=len(kept.faults),
        faults=faults,
        busy=item.state in {"checking", "writing", "undoing"},
    )


@get("/network/import/{number:int}")
async def import_page(page: TakenPage, number: FromPath[int]) -> Response[str]:
    """Show one import at the step where it is."""
    return await _import(page, number)


@submission("/network/import/{number:int}/plan", _import)
async def plan_import(page: TakenPage, number: FromPath[int], data: Form) -> str:
    """Take columns, system and mended cells, and ask for a dry run."""
    item = await page.call(imports.show_import, number)
    encoding = data.get("encoding", "")
    if encoding and encoding != item.encoding:
        await page.call(imports.read_anew, number, encoding)
    else:
        await page.call(imports.plan_import, number, _plan(item, data))
    return f"{_HOME}/{number}"


@submission("/network/import/{number:int}/write")
async def write_import(page: TakenPage, number: FromPath[int]) -> str:
    """Import the rows that are right."""
    await page.call(imports.write_import, number)
    return f"{_HOME}/{number}"


@submission("/network/import/{number:int}/undo")
async def undo_import(page: TakenPage, number: FromPath[int]) -> str:
    """Put back what was there before."""
    await page.call(imports.undo_import, number)
    return f"{_HOME}/{number}"


@submission("/network/import/{number:int}/cancel")
async def cancel_import(page: TakenPage, number: FromPath[int]) -> str:
    """Ask that the step ends that is under way."""
    await page.call(imports.cancel_import, number)
    return f"{_HOME}/{number}"


@get("/network/import/{number:int}/failed")
async def failed_rows_file(
    page: TakenPage, number: FromPath[int], form: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """Give the rows that were kept out, with reasons and remedies."""
    form = "csv" if form == "csv" else "xlsx"
    locale = page.screen.locale
    content = await page.call(imports.failed_rows, number, form, locale)
    headers = {"Content-Disposition": f'attachment; filename="failed-rows-{number}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


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
            for field in STATION_COLUMNS
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
