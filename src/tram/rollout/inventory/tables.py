"""The tables of the inventory, in the registry's database (schema 0002)."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, String, Text

from tram.registry.kernel.personal_data import authorship, declare
from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required, table

__all__ = ("counting_rules", "official_counts", "operators", "targets")

operators = numbered_table(
    "operators",
    Column("code", String(40), nullable=False, unique=True),
    *required(name=String(200), place=Integer),
    *optional(org_id="organisations.id"),
)

# Append-only: a correction is another row that names the one it corrects.
official_counts = numbered_table(
    "official_counts",
    *required(operator_id="operators.id", technology=String(4), scope=String(40)),
    *optional(count=Integer),
    *required(as_of=Date, as_of_mark=String(20), source=String(500), source_mark=String(8)),
    *required(document=String(40), note=String(500), entered_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200)),
    Column("corrects", BIG, ForeignKey("official_counts.id"), unique=True),
    *indexes("operator_id, technology, as_of"),
)

counting_rules = table(
    "counting_rules",
    Column("key", String(40), primary_key=True),
    *required(name_vi=String(200), name_en=String(200), text_vi=Text, text_en=Text),
    *required(source=String(500), source_mark=String(8), document=String(40)),
)

targets = numbered_table(
    "targets",
    Column("key", String(60), nullable=False, unique=True),
    *required(name_vi=String(300), name_en=String(300), indicator=String(40), scope=String(40)),
    *required(unit=String(20)),
    # Decimal digits as text: neither database may round what a document says.
    *required(value=String(20)),
    *required(base_rule=String(20)),
    *optional(base_date=Date, base_value=Integer),
    *required(base_stated=Boolean, base_note=String(500), deadline=Date, source=String(500)),
    *required(source_mark=String(8), document=String(40), quote=String(1000)),
    *required(counting_rule=String(40), note=String(500)),
    *optional(retired_ms=BIG),
)

declare(operators, plain=("code", "name"))
declare(
    official_counts,
    authorship("person_name"),
    free=("note",),
    plain=("technology", "scope", "as_of_mark", "source", "source_mark", "document"),
)
declare(
    counting_rules,
    plain=(
        "key", "name_vi", "name_en", "text_vi", "text_en", "source", "source_mark", "document",
    ),
)  # fmt: skip
declare(
    targets,
    free=("note", "base_note"),
    plain=(
        "key", "name_vi", "name_en", "indicator", "scope", "unit", "value", "base_rule",
        "source", "source_mark", "document", "quote", "counting_rule",
    ),
)  # fmt: skip
