"""Presents a record as Upsales does: references expanded, write-only values left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.sandbox.answers import Json, Record
from web.sandbox.entities import ENTITIES, Entity
from web.sandbox.fields import Field, Kind

if TYPE_CHECKING:
    from web.sandbox.customer import Customer


def presented(record: Record, entity: Entity, customer: Customer) -> Record:
    return {
        name: _value(record.get(name), field, customer)
        for name, field in entity.fields.items()
        if not field.write_only and name in record
    }


def _value(value: Json, field: Field, customer: Customer) -> Json:
    if field.kind is Kind.REF and field.of:
        return _nested(value, field.of, customer)
    if field.kind is Kind.REFS and field.of:
        return [inner for item in value if (inner := _nested(item, field.of, customer))]
    if field.kind is Kind.ROWS:
        return [{**row, "product": _nested(row["product"], "products", customer)} for row in value]
    return value


def _nested(reference: Json, resource: str, customer: Customer) -> Record | None:
    record = customer.find(resource, reference)
    return {name: record.get(name) for name in ENTITIES[resource].nested} if record else None
