"""What an installation needs before its first use: the schema, and somebody who may log in."""

from tram.app.composition.registers import open_registers
from tram.app.demo.network import seed_network
from tram.app.demo.rules import seed_rules
from tram.app.demo.seeding import seed_demo
from tram.app.installation.installation import Installation
from tram.app.installation.log_ins import LogIns
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewAssignment, NewPerson
from tram.registry.registry import Registry

__all__ = ("ADMINISTRATOR", "prepare")

ADMINISTRATOR = "quantri"
_PEOPLE_MAX = 100


async def prepare(installation: Installation, *, demo: bool) -> None:
    """Migrate the registry and make what is missing; a second call changes nothing."""
    async with open_registers(installation) as registers:
        viewer = await registers.seed()
        registry = registers.registry
        log_ins = LogIns(installation.folder.log_ins_file)
        await _need_administrator(registry, viewer, log_ins)
        if demo:
            await seed_demo(registry, viewer, log_ins, installation.folder.demo_tokens_file)
            orgs = {org.code: org.id for org in await registry.organisations.tree(viewer)}
            zones = await registry.zones.list(viewer)
            communes = installation.province.communes
            await seed_network(registers.inventory, viewer, orgs, zones, communes)
            people = {
                person.login: int(person.id)
                for person in (await registry.people.page(viewer, limit=_PEOPLE_MAX)).items
            }
            await seed_rules(registers.alarms, viewer, people)


async def _need_administrator(registry: Registry, viewer: Viewer, log_ins: LogIns) -> None:
    """Make the first person where there is none at all."""
    if (await registry.people.page(viewer, limit=1)).total:
        return
    password = log_ins.password_for(ADMINISTRATOR)
    person = await registry.people.create(
        viewer,
        NewPerson(
            org=viewer.org, login=ADMINISTRATOR, name="Quản trị hệ thống", password=password
        ),
    )
    await registry.people.assign(
        viewer, NewAssignment(person=person.id, role="system-admin", org=viewer.org)
    )
