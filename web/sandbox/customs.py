"""Keeps custom fields: values as strings with a typed twin, by the id of their field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from web.sandbox import dates
from web.sandbox.answers import Json, Record
from web.sandbox.coercion import identifier, number, reference, shown, truth

if TYPE_CHECKING:
    from web.sandbox.customer import Customer


def merged(held: Sequence[Record], sent: Sequence[Record], customer: Customer, entity: str) -> list[Record]:
    """The rows held after `sent` was written; rows of fields this entity does not have vanish."""
    kept = {row["fieldId"]: row for row in held}
    for row in sent:
        field_id = identifier(row.get("fieldId"))
        definition = customer.find(f"customfields/{entity}", field_id)
        if field_id is None or definition is None:
            continue
        stored = _stored(definition, row.get("value"), customer)
        kept.pop(field_id, None)
        if stored is not None:
            kept[field_id] = {"fieldId": field_id, **stored}
    return list(kept.values())


def _stored(definition: Record, value: Json, customer: Customer) -> Record | None:
    """The value as a string, its twin beside it; None for what clears the field."""
    if value in ("", None):
        return None
    if definition["datatype"] == "User":
        return _user(value, customer)
    return TWINS.get(definition["datatype"], _text)(definition, value)


def _text(_: Record, value: Json) -> Record | None:
    return {"value": shown(value).strip()}


def _short_text(_: Record, value: Json) -> Record | None:
    return {"value": shown(value).strip()[:255]}


def _integer(_: Record, value: Json) -> Record | None:
    whole = int(number(value))
    return {"value": str(whole), "valueInteger": whole}


def _double(_: Record, value: Json) -> Record | None:
    amount = number(value)
    return {"value": str(amount), "valueDouble": amount}


def _boolean(_: Record, value: Json) -> Record | None:
    true = truth(value)
    return {"value": str(int(true)), "valueBoolean": true}


def _date(_: Record, value: Json) -> Record | None:
    day = dates.day(value)
    return {"value": day, "valueDate": f"{day}T00:00:00.000Z"} if day else None


def _time(_: Record, value: Json) -> Record | None:
    clock = re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", shown(value).strip())
    return {"value": clock[0]} if clock else None


def _user(value: Json, customer: Customer) -> Record | None:
    known = reference("users", value, customer)
    return {"value": str(known["id"]), "valueInteger": known["id"]} if known else None


def _select(definition: Record, value: Json) -> Record | None:
    choice = shown(value).strip()
    allowed = definition.get("default")
    return {"value": choice} if not allowed or choice in allowed else None


def _choices(definition: Record, value: Json) -> Record | None:
    sent = value if isinstance(value, list) else [part.strip() for part in shown(value).split(",")]
    allowed = definition.get("default")
    chosen = [shown(item) for item in sent if not allowed or shown(item) in allowed]
    return {"value": ",".join(chosen), "valueArray": chosen} if chosen else None


TWINS: Mapping[str, Callable[[Record, Json], Record | None]] = {
    "String": _short_text,
    "Integer": _integer,
    "Currency": _double,
    "Percent": _double,
    "Discount": _double,
    "Boolean": _boolean,
    "Date": _date,
    "Time": _time,
    "Email": _short_text,
    "Link": _short_text,
    "Select": _select,
    "MultiSelect": _choices,
}
