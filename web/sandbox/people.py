"""Edits, deletes and merges records as people do, behind a client's back."""

from __future__ import annotations

from web.sandbox.answers import Json, NoRecord, Record
from web.sandbox.customer import Customer
from web.sandbox.entities import ENTITIES, Entity
from web.sandbox.writes import Write, update

NOT_MERGED = frozenset({"id", "regDate", "regBy", "modDate", "modBy"})


def edit(customer: Customer, resource: str, record_id: int, body: Record, user: int, now: float) -> Record:
    """Change a record as a person; custom fields that are not mentioned stay."""
    before = customer.get(resource, record_id)
    if before is None:
        raise NoRecord
    return update(Write(customer, ENTITIES[resource], body, user, now, before=before, person=True))


def erase(customer: Customer, resource: str, record_id: int, now: float) -> None:
    """Delete a record; with a custom field's definition goes its data."""
    if not customer.has(resource, record_id):
        raise NoRecord
    customer.remove(resource, record_id, now)
    if resource.startswith("customfields/"):
        _forget_values(customer, resource.removeprefix("customfields/"), record_id, now)


def merge(customer: Customer, resource: str, loser: int, master: int, now: float) -> Record:
    """The loser disappears; what refers to it refers to the master, whose empty fields take the loser's values."""
    lost, kept = customer.get(resource, loser), customer.get(resource, master)
    if lost is None or kept is None or loser == master:
        raise NoRecord
    for entity in ENTITIES.values():
        _repoint(customer, entity, resource, loser, master, now)
    merged = {**kept, **{name: _either(name, kept, lost) for name in kept if name not in NOT_MERGED}}
    customer.put(resource, merged, now)
    customer.remove(resource, loser, now)
    return merged


def _either(name: str, kept: Record, lost: Record) -> Json:
    if name == "custom":
        held = {row["fieldId"] for row in kept["custom"]}
        return [*kept["custom"], *(row for row in lost["custom"] if row["fieldId"] not in held)]
    return lost[name] if kept[name] in (None, "", []) else kept[name]


def _repoint(customer: Customer, entity: Entity, resource: str, loser: int, master: int, now: float) -> None:
    names = [name for name, field in entity.fields.items() if field.of == resource]
    for record in list(customer.records(entity.name)) if names else ():
        moved = {name: _moved(record.get(name), loser, master) for name in names}
        if any(record.get(name) != value for name, value in moved.items()):
            customer.put(entity.name, {**record, **moved}, now)


def _moved(reference: Json, loser: int, master: int) -> Json:
    if isinstance(reference, list):
        return [_moved(item, loser, master) for item in reference]
    return {"id": master} if reference == {"id": loser} else reference


def _forget_values(customer: Customer, entity_name: str, field_id: int, now: float) -> None:
    for entity in ENTITIES.values():
        for record in list(customer.records(entity.name)) if entity.custom == entity_name else ():
            kept = [row for row in record["custom"] if row["fieldId"] != field_id]
            if len(kept) < len(record["custom"]):
                customer.put(entity.name, {**record, "custom": kept}, now)
