"""Reads what an event says of external things, in the values that Upsales shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from tests.chaos.own import MENTIONED, OwnTold, Said
from tests.chaos.scaled import ALL_ACCOUNTS
from tests.chaos.story import Told
from tests.chaos.things import RESOURCES, Thing

Numbers: TypeAlias = Mapping[tuple[str, str], str]
"""Organisation numbers by the connection and its id of the company."""
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def numbers(events: Iterable[Told]) -> Numbers:
    companies = [(event.connection, event.data) for event in events if event.type == "account.upsert"]
    return {(connection, data["id"]): _digits(data["orgNo"]) for connection, data in companies}


def says(event: Told, known: Numbers) -> Iterator[Said]:
    account = ALL_ACCOUNTS[event.connection]
    if isinstance(event, OwnTold):
        yield from event.says(account)
        return
    data = event.data
    if "orgNo" in data.get("client", {}):
        yield _company(account, data["client"])
    if "contact" in data:
        yield _person(account, data["contact"], data["client"])
    thing = Thing(account, RESOURCES[event.type.partition(".")[0]], _name(event))
    yield thing, _fields(event, known), event.order


def _company(account: int, company: Mapping[str, Any]) -> Said:
    number = _digits(company["orgNo"])
    return Thing(account, "accounts", number), {"orgNo": number, "name": company["name"]}, MENTIONED


def _person(account: int, person: Mapping[str, Any], company: Mapping[str, Any]) -> Said:
    email = person["email"].lower()
    names = {name: person[name] for name in ("firstName", "lastName")}
    return Thing(account, "contacts", email), {"email": email, "client": _digits(company["orgNo"]), **names}, MENTIONED


def _name(event: Told) -> str:
    data = event.data
    match event.type:
        case "account.upsert":
            return _digits(data["orgNo"])
        case "contact.upsert":
            return str(data["email"]).lower()
        case "product.upsert":
            return str(data["articleNo"])
        case _:
            return f"{event.connection} {data['id']}"


def _fields(event: Told, known: Numbers) -> dict[str, Any]:
    data = event.data
    fields = {name: value for name, value in data.items() if name not in {"id", "custom", "contact"}}
    fields |= {f"custom {alias}": text for alias, text in data.get("custom", {}).items()}
    fields |= {name: shown(fields[name]) for name, shown in SHOWN.items() if name in fields}
    if event.type == "appointment.upsert":
        fields |= {name: _instant(fields[name]) for name in ("date", "endDate") if name in fields}
    if "client" in data:
        fields["client"] = _digits(data["client"].get("orgNo") or known[event.connection, data["client"]["id"]])
    if "contact" in data and event.type in {"order.upsert", "phonecall.create"}:
        fields["contact"] = data["contact"]["email"].lower()
    return fields


def _rows(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, float, float]]:
    return sorted((row["articleNo"], float(row["quantity"]), float(row["price"])) for row in rows)


def _digits(number: str) -> str:
    return number.replace("-", "")


def _phone(number: str) -> str:
    written = "".join(each for each in number if each in "+0123456789")
    return f"+46{written[1:]}" if written.startswith("0") else written


def _closing(day: str) -> str:
    """Upsales takes a closing day for the midnight before it, in Stockholm."""
    return _shown(datetime.combine(datetime.fromisoformat(day).date(), time(), STOCKHOLM))


def _instant(moment: str) -> str:
    return _shown(datetime.fromisoformat(moment))


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


SHOWN: Mapping[str, Callable[[Any], Any]] = {
    "orgNo": _digits,
    "email": str.lower,
    "phone": _phone,
    "closeDate": _closing,
    "rows": _rows,
}
