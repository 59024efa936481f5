"""The telecom operators of the province, and which organisation speaks for each."""

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import (
    denied,
    owner_of_province_data,
)
from tram.registry.kernel.audit import province_change
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.tables import organisations
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.stations.visibility import (
    WRITE,
    operator_is_writable,
    writable_operators,
)
from tram.rollout.inventory.tables import operators
from tram.rollout.inventory.views import SIMULATED, NewOperator, Operator
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Operators", "lock_operator", "must_write_counts")

CODE_CHARACTERS_MAX = 40
NAME_CHARACTERS_MAX = 200


class Operators:
    """Registered operators, in the order in which the letter lists them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(
        self, viewer: Viewer, *, writable: bool = False, simulated: bool = False
    ) -> list[Operator]:
        """Return the operators, or those only whose counts and stations the viewer may change.

        Simulated ones have stations to show, but no official counts: they come only when asked for.
        """
        viewer.needs(Permission.INVENTORY_READ)
        statement = select(operators).order_by(operators.c.place, operators.c.id)
        if not simulated:
            statement = statement.where(~operators.c.code.startswith(SIMULATED))
        async with self._database.read() as connection:
            if writable:
                statement = statement.where(await operator_is_writable(connection, viewer))
            return [_view(row) for row in await connection.execute(statement)]

    async def create(self, viewer: Viewer, new: NewOperator) -> Operator:
        """Register an operator at the end of the list."""
        checked = Checked()
        code = checked.text("code", new.code, CODE_CHARACTERS_MAX)
        name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            await _check_org(change.connection, checked, new.org)
            checked.done(Refused("operator.wrong", "The operator cannot be kept like this."))
            last = select(func.coalesce(func.max(operators.c.place), 0))
            place = (await change.connection.execute(last)).scalar_one() + 1
            values = {"code": code, "name": name, "place": place, "org_id": new.org}
            try:
                inserted = await change.connection.execute(
                    insert(operators).values(values).returning(*operators.c)
                )
            except IntegrityError:
                raise Refused(
                    "operator.taken", "An operator has this code already.", "Choose another."
                ) from None
            row = inserted.one()
            await change.note("operator.create", row.id, after=values)
            return _view(row)

    async def link(self, viewer: Viewer, operator: int, org: OrgId | None) -> Operator:
        """Let the people of an organisation enter this operator's counts; None ends that."""
        checked = Checked()
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            row = await lock_operator(change.connection, operator)
            await _check_org(change.connection, checked, org)
            checked.done(Refused("operator.wrong", "The operator cannot be kept like this."))
            await change.connection.execute(
                update(operators).where(operators.c.id == operator).values(org_id=org)
            )
            await change.note("operator.link", operator, {"org_id": row.org_id}, {"org_id": org})
            return as_view(Operator, row, org=org)


async def lock_operator(connection: AsyncConnection, operator: int) -> AnyRow:
    """Return an operator's row, held until the transaction ends; ``operator.unknown`` if none."""
    question = select(operators).where(operators.c.id == operator).with_for_update()
    missing = Refused(
        "operator.unknown", "There is no such operator.", "Look at the list of operators."
    )
    return await found_row(connection, question, missing)


async def must_write_counts(connection: AsyncConnection, viewer: Viewer, row: AnyRow) -> OrgId:
    """Refuse unless the viewer keeps the province's data or speaks for this operator.

    Returns the organisation in whose audit log the change belongs.
    """
    if row.id not in await writable_operators(connection, viewer):
        raise denied()
    return await owner_of_province_data(connection)


async def _check_org(connection: AsyncConnection, checked: Checked, org: OrgId | None) -> None:
    if org is not None:
        found = await connection.execute(
            select(organisations.c.id).where(organisations.c.id == org)
        )
        checked.unless(found.first(), "org", "organisation.not_found")


def _view(row: AnyRow) -> Operator:
    return as_view(Operator, row, org=row.org_id)
