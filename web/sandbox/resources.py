"""Carries out the actions behind the API's routes, on one account's records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.sandbox import dates, people
from web.sandbox.answers import Answer, Json, NoRecord, NoRoute, Record, answer_data, answer_json, invalid
from web.sandbox.coercion import identifier, text, truth
from web.sandbox.effects import EFFECTS
from web.sandbox.entities import ENTITIES, Entity
from web.sandbox.presentation import presented
from web.sandbox.query import read_query, run
from web.sandbox.routes import Action, Route
from web.sandbox.rules import is_open
from web.sandbox.uploads import uploaded
from web.sandbox.writes import Write, create, named, update

if TYPE_CHECKING:
    from web.sandbox.world import Caller, World


@dataclass(frozen=True, slots=True)
class Ask:
    """One request that passed the door."""

    route: Route
    parameters: tuple[tuple[str, str], ...]
    body: Json
    caller: Caller
    world: World
    now: float

    @property
    def entity(self) -> Entity:
        assert self.route.entity is not None
        return self.route.entity

    def held(self) -> Record:
        """The record the path names."""
        record = self.caller.customer.get(self.entity.table, self.route.record or 0)
        if record is None or (self.entity.open_only and not is_open(record)):
            raise NoRecord
        return record

    def write(self, before: Record | None = None) -> Write:
        if not isinstance(self.body, dict):
            raise invalid("The body must be a JSON object")
        body = named(self.entity, self.body)
        flags = frozenset(name.lower() for name, value in self.parameters if value.lower() != "false")
        return Write(self.caller.customer, self.entity, body, self.caller.user, self.now, flags, before)

    def shown(self, record: Record) -> Record:
        return presented(record, self.entity, self.caller.customer)


def perform(ask: Ask) -> Answer:
    return ACTIONS[ask.route.action](ask)


def listed(ask: Ask) -> Answer:
    entity, customer = ask.entity, ask.caller.customer
    query = read_query(entity, ask.parameters)
    index = customer.index(entity.table, ask.now if entity.indexed else ask.now + ask.world.options.search_lag)
    total, records = run(query, index, customer.find)
    data = [ask.shown(record) for record in records]
    if entity.listed == "bare":
        return answer_data(data)
    page = {"limit": query.limit, "offset": query.offset} if entity.listed == "full" else {}
    return answer_data(data, metadata={"total": total, **page})


def got(ask: Ask) -> Answer:
    record = ask.held()
    beside = {"metadata": None} if ask.entity.item_metadata else {}
    return answer_data(ask.shown(record), record["id"], **beside)


def created(ask: Ask) -> Answer:
    write = ask.write()
    return _written(ask, create(write), write)


def uploading(ask: Ask) -> Answer:
    record = uploaded(ask.write())
    return answer_data(ask.shown(record), record["id"])


def updated(ask: Ask) -> Answer:
    write = ask.write(ask.held())
    return _written(ask, update(write), write)


def _written(ask: Ask, record: Record, write: Write) -> Answer:
    effect = EFFECTS.get(ask.route.name)
    metadata = effect(record, write) if effect else None
    beside = {} if metadata is None else {"metadata": metadata}
    return answer_data(ask.shown(record), record["id"], **beside)


def deleted(ask: Ask) -> Answer:
    record = ask.held()
    people.erase(ask.caller.customer, ask.entity.table, record["id"], ask.now)
    return answer_json({"error": None}, record=record["id"])


def commented(ask: Ask) -> Answer:
    """Add a comment to a ticket; both forms seen in clients are taken (`description` and `message`)."""
    ticket = ask.held()
    body = ask.body if isinstance(ask.body, dict) else {}
    words = text(body.get("description") or body.get("message") or "", None)
    if not words:
        raise invalid("Missing required parameter: description")
    comment = {
        "id": ask.caller.customer.new_id("ticketcomments"),
        "description": words,
        "isPublic": truth(body.get("isPublic", False)),
        "user": {"id": identifier(body.get("user")) or ask.caller.user},
        "regDate": dates.at(ask.now),
    }
    ask.caller.customer.put("tickets", {**ticket, "comments": [*ticket["comments"], comment]}, ask.now)
    return answer_data(comment, ticket["id"])


def unsubscribed(ask: Ask) -> Answer:
    """Who is opted out already stays so since then."""
    record = ask.caller.customer.get("contacts", identifier(ask.body) or 0)
    if record is None:
        raise NoRecord
    since = record["unsubscribed"] or dates.at(ask.now)
    return _opted(ask, record, since)


def resubscribed(ask: Ask) -> Answer:
    record = ask.held()
    if record["unsubscribed"] is None:
        raise NoRecord
    return _opted(ask, record, None)


def _opted(ask: Ask, record: Record, since: str | None) -> Answer:
    stamp = {"modDate": dates.at(ask.now), "modBy": {"id": ask.caller.user}}
    ask.caller.customer.put("contacts", {**record, "unsubscribed": since, **stamp}, ask.now)
    return answer_json({"error": None, "data": None}, record=record["id"])


def myself(ask: Ask) -> Answer:
    """Who the key is; `errors` in plural is how this one endpoint spells it."""
    customer = ask.caller.customer
    user = customer.get("users", ask.caller.user) or {}
    client = {"id": customer.id, "name": customer.name}
    whom = {name: user.get(name) for name in ("id", "name", "email", "active")}
    return answer_json({"errors": None, "data": {**whom, "client": client, "clients": [client]}})


def todo_types(ask: Ask) -> Answer:
    """A bare object without an envelope, as the vendor's example has it."""
    kinds = ask.caller.customer.records("activitytypes/activity")
    return answer_json({row["kind"]: {"id": row["id"], "name": row["name"]} for row in kinds})


def static_values(ask: Ask) -> Answer:
    wanted = ask.route.name.partition("/")[2]
    for name, field in ENTITIES["accounts"].fields.items():
        if name.lower() == wanted and field.choices:
            return answer_data([{"id": value, "name": value} for value in field.choices])
    raise NoRoute


ACTIONS: Mapping[Action, Callable[[Ask], Answer]] = {
    "list": listed,
    "get": got,
    "create": created,
    "upload": uploading,
    "update": updated,
    "delete": deleted,
    "comment": commented,
    "unsubscribe": unsubscribed,
    "resubscribe": resubscribed,
    "self": myself,
    "todotypes": todo_types,
    "staticvalues": static_values,
}
