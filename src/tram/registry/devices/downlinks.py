"""What devices are sent: calls and shared attributes, each a row with a state before it leaves.

States: ``queued`` → ``delivered`` → ``answered``; or ``expired``, or ``failed``. A call without
answer and attributes are done once delivered.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.bounds import is_number
from tram.domain.ids import DeviceId, OrgId
from tram.domain.permissions import Permission
from tram.registry.devices.downlink_views import (
    DownlinkRow,
    NewCall,
    OpenDownlink,
    ReportedDownlink,
)
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, as_view, columns_of, fields_of, take_numbers
from tram.registry.kernel.device_rows import seen_device, target_device
from tram.registry.kernel.repository import Repository, change_row, count_rows
from tram.registry.kernel.tables import devices, downlinks, shared_attributes
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Refused

__all__ = ("Downlinks",)

OPEN_PER_DEVICE_MAX: Final = 100
OPEN_BEHIND_MAX: Final = 5_000
"""Most that wait for one gateway device and all that lies behind it: one connection takes them."""
LISTED_MAX: Final = 100
ATTRIBUTES_MAX: Final = 200
METHOD_CHARACTERS_MAX: Final = 100
BODY_CHARACTERS_MAX: Final = 16_384
LASTS_S_MAX: Final = 30 * 86_400
HANDED_MAX: Final = 1_000

_IS_OPEN = downlinks.c.done_ms.is_(None)
_DONE_ONCE_DELIVERED: Final = "attributes"


class Downlinks(Repository):
    """Calls and shared attributes of devices; sending needs ``device.write`` over the device."""

    async def list(self, viewer: Viewer, device: DeviceId) -> list[DownlinkRow]:
        """Return the newest 100 downlinks of a visible device."""
        async with self._database.read() as connection:
            await seen_device(connection, viewer, device, self._clock.now_ms())
            rows = await connection.execute(
                select(*columns_of(DownlinkRow, downlinks))
                .where(downlinks.c.device_id == device)
                .order_by(downlinks.c.id.desc())
                .limit(LISTED_MAX)
            )
            return [_view(row) for row in rows]

    async def call(self, viewer: Viewer, device: DeviceId, new: NewCall) -> int:
        """Queue a call of a method of the device; return the downlink's number.

        Raises:
            Refused: ``downlink.wrong``, ``downlink.too_many``, ``device.unknown`` …
        """
        checked = Checked()
        method = checked.text("method", new.method, METHOD_CHARACTERS_MAX)
        body = msgspec.json.encode({"method": method, "params": new.params}).decode()
        checked.unless(
            len(body) <= BODY_CHARACTERS_MAX, "params", "text.longest", most=BODY_CHARACTERS_MAX
        )
        checked.unless(
            1 <= new.lasts_s <= LASTS_S_MAX, "lasts_s", "number.from_one", most=LASTS_S_MAX
        )
        checked.done(_wrong())
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await target_device(connection, viewer, Permission.DEVICE_WRITE, device, now_ms)
            number = await self._queue(
                connection, viewer, row, _values("rpc", body, now_ms, new.lasts_s, new.oneway)
            )
            after = {"method": method, "id": number}
            entry = AuditEntry("downlink.call", device, row.org_id, after=after)
            await record(connection, viewer, now_ms, entry)
            return number

    async def share(self, viewer: Viewer, device: DeviceId, values: Mapping[str, Any]) -> int:
        """Set shared attributes (None removes one) and tell the device; return the number.

        Raises:
            Refused: ``downlink.wrong``, ``downlink.too_many``, ``device.unknown`` …
        """
        checked = Checked()
        checked.unless(
            0 < len(values) <= ATTRIBUTES_MAX, "values", "number.from_one", most=ATTRIBUTES_MAX
        )
        for name in values:
            checked.text(f"values.{name}"[:80], name, 128)
        told: dict[str, Any] = {k: v for k, v in values.items() if v is not None}
        gone = [name for name, value in values.items() if value is None]
        body = msgspec.json.encode(told | ({"deleted": gone} if gone else {})).decode()
        checked.unless(
            len(body) <= BODY_CHARACTERS_MAX, "values", "text.longest", most=BODY_CHARACTERS_MAX
        )
        checked.done(_wrong())
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await target_device(connection, viewer, Permission.DEVICE_WRITE, device, now_ms)
            await _write_shared(connection, device, values, now_ms)
            number = await self._queue(
                connection, viewer, row, _values("attributes", body, now_ms, LASTS_S_MAX, True)  # noqa: FBT003  # a column
            )  # fmt: skip
            after = {"names": sorted(values)}
            entry = AuditEntry("downlink.share", device, row.org_id, after=after)
            await record(connection, viewer, now_ms, entry)
            return number

    async def shared(self, viewer: Viewer, device: DeviceId) -> dict[str, Any]:
        """Return the shared attributes of a visible device."""
        async with self._database.read() as connection:
            await seen_device(connection, viewer, device, self._clock.now_ms())
            return await _read_shared(connection, device)

    # On behalf of the system: the way to the gateways and back

    async def shared_of(self, device: DeviceId) -> dict[str, Any]:
        """Return the shared attributes of a device, for itself."""
        async with self._database.read() as connection:
            return await _read_shared(connection, device)

    async def unhanded(self) -> Sequence[OpenDownlink]:
        """Return downlinks that no gateway can know yet, oldest first."""
        statement = _open().where(downlinks.c.handed.is_(False)).order_by(downlinks.c.id)
        return await self._views(OpenDownlink, statement.limit(HANDED_MAX))

    async def hand(self, numbers: Sequence[int]) -> None:
        """Note that gateways know these."""
        async with self._database.write() as connection:
            await connection.execute(
                update(downlinks).where(downlinks.c.id.in_(numbers)).values(handed=True)
            )

    async def apply(self, reports: Sequence[ReportedDownlink]) -> Sequence[OpenDownlink]:
        """Note what became of downlinks; return those that gateways need not know any more."""
        known: list[OpenDownlink] = []
        async with self._database.write() as connection:
            for report in reports:
                if not is_number(report.number):
                    continue  # no downlink has it
                found = await connection.execute(
                    _open().where(downlinks.c.id == report.number, _IS_OPEN)
                )
                row = found.one_or_none()
                if row is not None and report.device in (row.device, row.target):
                    known.append(OpenDownlink(**fields_of(row)))
                    await change_row(connection, downlinks, report.number, **_after(row, report))
        return known

    async def owner_of(self, device: int) -> OrgId | None:
        """Return whose device it is, None where there is none."""
        if not is_number(device):
            return None
        async with self._database.read() as connection:
            return await connection.scalar(select(devices.c.org_id).where(devices.c.id == device))

    async def expire_due(self) -> Sequence[OpenDownlink]:
        """End what has expired; return it."""
        now_ms = self._clock.now_ms()
        is_due = (_IS_OPEN, downlinks.c.expires_ms <= now_ms)
        async with self._database.read() as connection:
            rows = (await connection.execute(_open().where(*is_due).limit(HANDED_MAX))).all()
        if not rows:
            return []
        async with self._database.write() as connection:
            await connection.execute(
                update(downlinks)
                .where(downlinks.c.id.in_([row.number for row in rows]), _IS_OPEN)
                .values(state="expired", done_ms=now_ms)
            )
        return [OpenDownlink(**fields_of(row)) for row in rows]

    async def _queue(
        self, connection: AsyncConnection, viewer: Viewer, device: AnyRow, values: dict[str, Any]
    ) -> int:
        still_open = await count_rows(connection, downlinks.c.device_id == device.id, _IS_OPEN)
        if still_open >= OPEN_PER_DEVICE_MAX:
            raise Refused(
                "downlink.too_many",
                f"{OPEN_PER_DEVICE_MAX} messages wait for this device already.",
                "Wait until it takes them, or until they expire.",
            )
        await _must_have_room_behind(connection, device.via_id or device.id)
        number = await take_numbers(connection, "downlink", 1)
        await connection.execute(
            insert(downlinks).values(
                id=number, device_id=device.id, person_id=viewer.person, **values
            )
        )
        return number


def _values(kind: str, body: str, now_ms: int, lasts_s: int, oneway: bool) -> dict[str, Any]:  # noqa: FBT001  # a column
    return {
        "kind": kind,
        "body": body,
        "oneway": oneway,
        "state": "queued",
        "created_ms": now_ms,
        "expires_ms": now_ms + lasts_s * 1000,
    }


def _after(row: AnyRow, report: ReportedDownlink) -> dict[str, Any]:
    """Return the columns that a report changes."""
    changed: dict[str, Any] = {"state": report.state}
    is_over = report.state != "delivered" or row.oneway
    if report.state == "delivered":
        changed["delivered_ms"] = report.at_ms
    if report.state == "answered":
        changed["answer"] = _kept_text(report.body)
    if is_over:
        changed["done_ms"] = report.at_ms
    return changed


async def _must_have_room_behind(connection: AsyncConnection, gateway: int) -> None:
    behind = or_(devices.c.via_id == gateway, devices.c.id == gateway)
    of_device = devices.c.id == downlinks.c.device_id
    if await count_rows(connection, of_device, behind, _IS_OPEN) >= OPEN_BEHIND_MAX:
        raise Refused(
            "downlink.too_many",
            f"{OPEN_BEHIND_MAX} messages wait for the devices behind this gateway already.",
            "Wait until it takes them, or until they expire.",
        )


def _kept_text(body: bytes) -> str:
    """Return what a device answered as text that every database keeps: none keeps NUL."""
    text = body.decode("utf-8", "replace")[:BODY_CHARACTERS_MAX]
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _open() -> Select[Any]:
    return (
        select(
            *columns_of(
                OpenDownlink,
                downlinks,
                number=downlinks.c.id,
                target=func.coalesce(devices.c.via_id, devices.c.id),
                via_id=devices.c.via_id,
                name=devices.c.name,
            )
        )
        .join(devices, devices.c.id == downlinks.c.device_id)
        .where(devices.c.removed_ms.is_(None))
    )


async def _write_shared(
    connection: AsyncConnection, device: DeviceId, values: Mapping[str, Any], now_ms: int
) -> None:
    names = list(values)
    await connection.execute(
        delete(shared_attributes).where(
            shared_attributes.c.device_id == device, shared_attributes.c.name.in_(names)
        )
    )
    lines = [
        {
            "device_id": device,
            "name": name,
            "value": msgspec.json.encode(value).decode(),
            "changed_ms": now_ms,
        }
        for name, value in values.items()
        if value is not None
    ]
    if lines:
        await connection.execute(insert(shared_attributes), lines)


async def _read_shared(connection: AsyncConnection, device: DeviceId) -> dict[str, Any]:
    rows = await connection.execute(
        select(shared_attributes.c.name, shared_attributes.c.value)
        .where(shared_attributes.c.device_id == device)
        .order_by(shared_attributes.c.name)
    )
    return {row.name: msgspec.json.decode(row.value) for row in rows}


def _view(row: AnyRow) -> DownlinkRow:
    return as_view(DownlinkRow, row, body=msgspec.json.decode(row.body))


def _wrong() -> Refused:
    return Refused("downlink.wrong", "The message to the device cannot be sent like this.")
