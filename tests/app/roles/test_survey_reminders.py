"""The role work reminds of survey rounds by itself, with the address of the pages in the letter."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from tram.app.composition.engines import open_registry
from tram.app.composition.registers import Registers
from tram.app.installation.installation import open_installation
from tram.domain.days import local_day
from tram.registry.kernel.viewer import system_viewer
from tram.registry.kernel.views import NewAssignment, NewOrganisation, NewPerson
from tram.registry.people.tables import mails
from tram.rollout.inventory.surveys.reminder_loop import remind_once
from tram.rollout.inventory.surveys.tables import rounds
from tram.rollout.inventory.surveys.views import NewRound
from tram.runtime.errors import Refused


async def test_an_overdue_round_is_reminded_of_as_soon_as_the_role_starts(tmp_path: Path) -> None:
    installation = open_installation(tmp_path / "data")
    registry = await open_registry(installation)
    root = await registry.seed_base()
    system = system_viewer(root)
    inventory = Registers(installation, registry).inventory
    await inventory.seed(system)
    new = NewOrganisation(parent=root, kind="enterprise", name="Viettel Quảng Ngãi", code="VT-QN")
    org = (await registry.organisations.create(system, new)).id
    viettel = next(o for o in await inventory.operators.list(system) if o.code == "VIETTEL")
    await inventory.operators.link(system, viettel.id, org)
    person = await registry.people.create(
        system,
        NewPerson(
            org=org, login="ke-hoach", name="Lê Văn Kế", password="một câu đủ dài để nhớ",
            email="ke@x.example",
        ),
    )  # fmt: skip
    given = NewAssignment(person=person.id, role="operator-planner", org=org)
    await registry.people.assign(system, given)
    due = local_day(installation.clock.now_ms()) - timedelta(9)
    new_round = NewRound(name="Rà soát", as_of=due, due_on=due, operators=[viettel.id])
    await inventory.surveys.open(system, new_round)
    with pytest.raises(Refused) as refusal:
        await inventory.surveys.open(
            system, NewRound(name="x", as_of=due, due_on=date.max, operators=[2**63])
        )
    assert {fault.field.partition("[")[0] for fault in refusal.value.faults} == {
        "due_on", "operators",
    }  # fmt: skip
    async with registry.database.write() as connection:
        await connection.execute(update(rounds).values(opened_ms=0))
        row = (await connection.execute(select(rounds))).one()
        kept = {**row._mapping, "id": 7, "opened_ms": "damaged"}
        await connection.execute(insert(rounds).values(kept))

    await remind_once(inventory.surveys, registry)
    async with registry.database.read() as connection:
        found = await connection.execute(select(mails).order_by(mails.c.id))
        letters = [(row.subject, row.body) for row in found]
    aside = await registry.set_aside.list(system)
    await registry.close()

    assert [(row.part, row.kind, row.key) for row in aside] == [("work", "survey round", "7")]
    assert [subject.split(" ")[0] for subject, _ in letters] == ["Đợt", "Quá"]
    assert "http://127.0.0.1:8080/network/surveys/1" in letters[1][1]
