"""Creates, changes and deletes one record the way Upsales does it."""

from __future__ import annotations

from dataclasses import dataclass

from web.sandbox import dates, rules
from web.sandbox.answers import Record, invalid
from web.sandbox.coercion import coerced, shown
from web.sandbox.customer import Customer
from web.sandbox.customs import merged
from web.sandbox.entities import Entity
from web.sandbox.fields import Field, Kind


@dataclass(frozen=True, slots=True)
class Write:
    """One record being written. `before` is None for a create; a `person` may set what the API only reads, and keeps custom fields that are not mentioned."""

    customer: Customer
    entity: Entity
    body: Record
    author: int
    now: float
    flags: frozenset[str] = frozenset()
    before: Record | None = None
    person: bool = False


def create(write: Write) -> Record:
    draft = {**_defaults(write.entity), **_changes(write)}
    stamp = {"regDate": dates.at(write.now), "regBy": {"id": write.author}}
    return _commit({**draft, **stamp, "id": write.customer.new_id(write.entity.table)}, write)


def update(write: Write) -> Record:
    assert write.before is not None
    for name in write.entity.needed_on_update:
        if write.body.get(name) is None:
            raise _missing(name)
    return _commit({**write.before, **_changes(write)}, write)


def named(entity: Entity, body: Record) -> Record:
    """The body under the names the entity's table uses."""
    unwrapped = body.get(entity.wrapped_in) if entity.wrapped_in else None
    inner = unwrapped if isinstance(unwrapped, dict) else body
    return {entity.other_names.get(name, name): value for name, value in inner.items()}


def _commit(draft: Record, write: Write) -> Record:
    _require(draft, write)
    _keep_unique(draft, write)
    if write.entity.needs_active_client:
        rules.active_client(draft, write)
    for rule in write.entity.rules:
        rule(draft, write)
    draft.update(modDate=dates.at(write.now), modBy={"id": write.author})
    write.customer.put(write.entity.table, draft, write.now)
    return draft


def _defaults(entity: Entity) -> Record:
    return {
        name: list(field.default) if isinstance(field.default, tuple) else field.default
        for name, field in entity.fields.items()
    }


def _changes(write: Write) -> Record:
    """What the body sets: unknown and read-only fields are ignored without notice."""
    return {
        name: _value(name, field, write)
        for name, field in write.entity.fields.items()
        if name in write.body and (write.person or not field.read_only) and name != "id"
    }


def _value(name: str, field: Field, write: Write) -> object:
    value = coerced(name, field, write.body[name], write.customer)
    if field.kind is Kind.CUSTOM and write.entity.custom:
        held = (write.before or {}).get(name, ()) if write.person else ()
        return merged(held, value, write.customer, write.entity.custom)
    return value


def _require(draft: Record, write: Write) -> None:
    for name, wanted in write.entity.fields.items():
        if wanted.required and draft[name] in (None, "", []):
            raise _missing(name)


def _keep_unique(draft: Record, write: Write) -> None:
    for name in write.entity.unique:
        taken = {
            shown(record[name])
            for record in write.customer.records(write.entity.table)
            if record[name] and record["id"] != draft["id"]
        }
        if draft[name] and shown(draft[name]) in taken:
            raise invalid(f"{name} must be unique")


def _missing(name: str) -> Exception:
    return invalid(f"Missing required parameter: {name}")
