"""Works out what Upsales must hold: a fold over plain dictionaries that shares no code with the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.chaos.scaled import ACCOUNTS
from tests.chaos.story import Told

RESOURCES = {
    "account": "accounts",
    "contact": "contacts",
    "order": "orders",
    "activity": "activities",
    "phonecall": "phonecall",
    "comment": "comments",
}


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """An external thing: what a person would know it by."""

    account: int
    resource: str
    name: str

    def __str__(self) -> str:
        return f"{self.resource} {self.name} in account {self.account}"


@dataclass(slots=True)
class Expected:
    """Each field, and the event that had the last word on it."""

    values: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def say(self, event: Told, fields: Mapping[str, Any]) -> None:
        for name, value in fields.items():
            if event.number >= self.last.get(name, 0):
                self.values[name], self.words[name], self.last[name] = value, event.id, event.number


Expectation: TypeAlias = Mapping[Thing, Expected]


def expectation(events: Iterable[Told]) -> dict[Thing, Expected]:
    found: dict[Thing, Expected] = {}
    for event in events:
        for thing, fields in _says(event):
            found.setdefault(thing, Expected()).say(event, fields)
    return found


def _says(event: Told) -> Iterable[tuple[Thing, Mapping[str, Any]]]:
    data, account = event.data, ACCOUNTS[event.connection]
    if "client" in data:
        yield _mentioned_company(account, data["client"])
    if "contact" in data:
        yield _mentioned_person(account, data["contact"], data["client"])
    yield Thing(account, RESOURCES[event.type.partition(".")[0]], _name(event)), _fields(event.type, data)


def _mentioned_company(account: int, company: Mapping[str, Any]) -> tuple[Thing, Mapping[str, Any]]:
    """A mention makes the company if need be. What it says never changes, and an account.upsert is always newer."""
    number = _digits(company["orgNo"])
    return Thing(account, "accounts", number), {"orgNo": number, "name": company["name"]}


def _mentioned_person(
    account: int, person: Mapping[str, Any], company: Mapping[str, Any]
) -> tuple[Thing, Mapping[str, Any]]:
    email = person["email"].lower()
    names = {name: person[name] for name in ("firstName", "lastName")}
    return Thing(account, "contacts", email), {"email": email, "client": _digits(company["orgNo"]), **names}


def _name(event: Told) -> str:
    data = event.data
    match event.type:
        case "account.upsert":
            return _digits(data["orgNo"])
        case "contact.upsert":
            return str(data["email"]).lower()
        case _:
            return f"{event.connection} {data['id']}"


def _fields(event_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in data.items() if name not in {"id", "custom", "contact"}}
    fields |= {f"custom {alias}": text for alias, text in data.get("custom", {}).items()}
    if "orgNo" in fields:
        fields["orgNo"] = _digits(fields["orgNo"])
    if "email" in fields:
        fields["email"] = fields["email"].lower()
    if "client" in fields:
        fields["client"] = _digits(fields["client"]["orgNo"])
    if "contact" in data and event_type in {"order.upsert", "phonecall.create"}:
        fields["contact"] = data["contact"]["email"].lower()
    if "rows" in fields:
        fields["rows"] = sorted(
            (row["articleNo"], float(row["quantity"]), float(row["price"])) for row in fields["rows"]
        )
    return fields


def _digits(number: str) -> str:
    return number.replace("-", "")
