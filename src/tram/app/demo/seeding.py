"""Puts the demo's organisations, people and devices into the registry; twice changes nothing."""

import csv
import io
from pathlib import Path

from tram.app.demo.fleet import ORGANISATIONS, PEOPLE, DemoDevice, devices
from tram.app.demo.simulation import read_tokens
from tram.app.installation.log_ins import LogIns
from tram.domain.ids import DeviceId, OrgId
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewAssignment, NewDevice, NewOrganisation, NewPerson
from tram.registry.registry import Registry
from tram.runtime.whole_files import write_private

__all__ = ("seed_demo",)

_PAGE = 200
_COLUMNS = ("code", "token", "part", "device", "metrics")


async def seed_demo(registry: Registry, viewer: Viewer, log_ins: LogIns, tokens: Path) -> None:
    """Make what is missing, and keep each simulated device's token in ``tokens`` (0600)."""
    orgs = await _seed_organisations(registry, viewer)
    await _seed_people(registry, viewer, orgs, log_ins)
    await _seed_devices(registry, viewer, orgs, tokens)


async def _seed_organisations(registry: Registry, viewer: Viewer) -> dict[str, OrgId]:
    """Return all organisations by code; one whose parent a province lacks is under the first."""
    orgs = {org.code: org.id for org in await registry.organisations.tree(viewer)}
    for demo in ORGANISATIONS:
        if demo.code not in orgs:
            new = NewOrganisation(
                parent=orgs.get(demo.parent, viewer.org),
                kind=demo.kind,
                name=demo.name,
                code=demo.code,
            )
            orgs[demo.code] = (await registry.organisations.create(viewer, new)).id
    return orgs


async def _seed_people(
    registry: Registry, viewer: Viewer, orgs: dict[str, OrgId], log_ins: LogIns
) -> None:
    page = await registry.people.page(viewer, search="mô phỏng", limit=_PAGE)
    there = {person.login for person in page.items}
    for demo in PEOPLE:
        if demo.login in there:
            continue
        password = log_ins.password_for(demo.login)
        person = await registry.people.create(
            viewer,
            NewPerson(
                org=orgs.get(demo.org, viewer.org),
                login=demo.login,
                name=demo.name,
                password=password,
            ),
        )
        await registry.people.assign(
            viewer,
            NewAssignment(
                person=person.id,
                role=demo.role,
                org=orgs.get(demo.over, viewer.org),
                sector=demo.sector,
            ),
        )


async def _seed_devices(
    registry: Registry, viewer: Viewer, orgs: dict[str, OrgId], tokens: Path
) -> None:
    there = await _present(registry, viewer, orgs)
    kept = {line.code: line for line in read_tokens(tokens)}
    profiles = await registry.profiles.list(viewer)
    zones = await registry.zones.list(viewer)
    lines: list[tuple[object, ...]] = []
    for demo in devices(profiles, zones):
        device = there.get(demo.code)
        token = kept[demo.code].token if demo.code in kept else None
        if device is None:
            device, token = await _create(registry, viewer, orgs, demo)
        elif token is None:
            token = await registry.credentials.issue(viewer, device)
        metrics = " ".join(metric.key for metric in demo.profile.metrics)
        lines.append((demo.code, token, demo.part.value, device, metrics))
    _write(tokens, lines)


async def _present(
    registry: Registry, viewer: Viewer, orgs: dict[str, OrgId]
) -> dict[str, DeviceId]:
    """Return the demo devices that are there, by code."""
    found: dict[str, DeviceId] = {}
    for demo in ORGANISATIONS:
        after: str | None = None
        while True:
            page = await registry.devices.page(
                viewer, org=orgs[demo.code], after=after, limit=_PAGE
            )
            found |= {device.code: device.id for device in page.items}
            after = page.next_after
            if after is None:
                break
    return found


async def _create(
    registry: Registry, viewer: Viewer, orgs: dict[str, OrgId], demo: DemoDevice
) -> tuple[DeviceId, str]:
    device, token = await registry.devices.create(
        viewer,
        NewDevice(
            name=demo.name,
            org=orgs[demo.org],
            profile=demo.profile.id,
            sector=demo.profile.sector,
            zone=None if demo.zone is None else demo.zone.id,
            code=demo.code,
            lon=demo.lon,
            lat=demo.lat,
            synthetic=True,
        ),
    )
    return device.id, token


def _write(tokens: Path, lines: list[tuple[object, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(lines)
    write_private(tokens, text.getvalue().encode())
